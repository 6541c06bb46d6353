/** From layers in a row to places: names, shapes, and the error of a layer that does not fit. */

import { ArgumentError, formatShape, type Shape, ShapeError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { Layer } from "../contract/layer.ts";
import { isModel, type Merge, type Model, type Place, type Shapes } from "../contract/model.ts";

/** Names places after their layers: the second `dense` is `dense2`. */
export class PlaceNames {
  readonly #counts = new Map<string, number>();

  next({ kind }: { readonly kind: string }): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}${count}`;
  }
}

export function isLayer(value: unknown): value is Layer {
  const { infer, apply } = Object(value) as Partial<Layer>;
  // A factory is a function too: its `apply` is that of every function.
  return typeof infer === "function" && typeof apply === "function";
}

/** Throws unless `layer` is one. */
export function checkLayer(operation: string, layer: unknown): asserts layer is Layer {
  if (isLayer(layer)) return;
  const fix =
    typeof layer === "function"
      ? `Call the factory: ${layer.name || "relu"}(), not ${layer.name || "relu"}.`
      : Array.isArray(layer)
        ? "Spread the array: sequential(inputShape, ...layers)."
        : undefined;
  throw new ArgumentError({
    operation,
    received: formatValue(layer),
    expected: "a layer",
    ...(fix !== undefined && { fix }),
  });
}

/** The output shape of `layer` for an input shape. @throws ShapeError with the layer's own words. */
export function inferShape(operation: string, layer: Layer, inputShape: Shape): Shape {
  const output = layer.infer(inputShape);
  if (!("expected" in output)) return output;
  throw new ShapeError({ operation, received: `an input of shape ${formatShape(inputShape)}`, ...output });
}

/** A place for one application of `layer`. */
export function placeOf(
  name: string,
  layer: Layer | Merge | Model,
  inputs: readonly string[],
  inputShape: Shapes,
  outputShape: Shapes,
): Place {
  const variables = isModel(layer)
    ? layer.variables()
    : "variables" in layer
      ? layer.variables(inputShape as Shape)
      : {};
  return { name, layer, inputs, inputShape, outputShape, variables };
}

/** Layers one after another, from inputs of `inputShape`. `operation` names the caller in errors. */
export function placeLayers(operation: string, inputShape: Shape, layers: readonly unknown[]): Place[] {
  const names = new PlaceNames();
  let shape = inputShape;
  let source = "input";
  return layers.map((layer, index) => {
    checkLayer(`${operation}: layer ${index + 1}`, layer);
    const given = shape;
    shape = inferShape(`${operation}: layer ${index + 1}, ${layer.call}`, layer, given);
    const place = placeOf(names.next(layer), layer, [source], given, shape);
    source = place.name;
    return place;
  });
}
