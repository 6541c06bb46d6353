/** Layers one after another: a model whose shapes the compiler follows from the input to the output. */

import { ArgumentError, type Shape } from "@nn/tensor";
import { checkInteger, formatValue } from "@nn/tensor/arguments";
import { configOf } from "../contract/config.ts";
import type { AnyLayer } from "../contract/layer.ts";
import type { Model } from "../contract/model.ts";
import type { CallableModel } from "../contract/node.ts";
import type { CheckLayers, OutputShape } from "./check-layers.ts";
import { composeModel } from "./compose-model.ts";
import { isLayer, placeLayers } from "./place-layers.ts";

/** A model of layers one after another. */
export type Sequential<In extends Shape = Shape, Out extends Shape = Shape> = Model<In, Out, "sequential">;

/**
 * A model that applies `layers` in order to inputs of `inputShape` (batch axis excluded). A layer that does not fit the
 * shape before it is an error of the compiler at that argument, and a ShapeError with the same text when it runs.
 * @throws ShapeError when a layer does not fit. @throws ArgumentError when an argument is no layer or a size no integer of at least 1.
 * @example sequential([28, 28, 1], rescaling(1 / 255), flatten(), dense(256), relu(), dense(10)) // Sequential<[28, 28, 1], [10]>
 */
export function sequential<const In extends Shape, Layers extends readonly AnyLayer[]>(
  inputShape: readonly [...In],
  ...layers: {
    [I in keyof Layers]: Layers[I] & (I extends keyof CheckLayers<In, Layers> ? CheckLayers<In, Layers>[I] : unknown);
  }
): CallableModel<In, OutputShape<In, Layers>, "sequential"> {
  checkInputShape(inputShape);
  for (const size of inputShape) checkInteger("sequential", "a size of inputShape", size, 1);
  const places = placeLayers("sequential", inputShape, layers);
  const config = { inputShape: [...inputShape], layers: places.map(({ layer }) => configOf(layer)) };
  const model = composeModel({
    kind: "sequential",
    config,
    inputShape,
    places,
    output: places.at(-1)?.name ?? "input",
  });
  return model as unknown as CallableModel<In, OutputShape<In, Layers>, "sequential">;
}

/** What reaches `sequential` from JavaScript: layers without a shape before them, or one number for a shape. */
function checkInputShape(inputShape: unknown): void {
  if (Array.isArray(inputShape)) return;
  throw new ArgumentError({
    operation: "sequential",
    received: isLayer(inputShape)
      ? `the layer ${inputShape.call} as inputShape`
      : `inputShape ${formatValue(inputShape)}`,
    expected: "an array with the sizes of one input, without the batch",
    fix: "Begin with the shape: sequential([2], dense(5)).",
  });
}
