/**
 * Layers one after another: a model whose shapes the compiler follows from the input to the output. Pure data: it holds no
 * parameters; `initialize` makes them and `apply` takes them.
 */

import {
  ArgumentError,
  cast,
  type DType,
  DTypeError,
  type FloatDType,
  formatShape,
  RandomState,
  type Shape,
  ShapeError,
  type Tensor,
} from "@nn/tensor";
import { checkInteger, checkMembers, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import type { CheckLayers, OutputShape } from "./check-layers.ts";
import type { Layer, Mode, Parameters } from "./layer.ts";
import { checkInputs, checkParameters } from "./model-boundary.ts";

/** A model from inputs of shape `In` to outputs of shape `Out`, batch axis excluded. */
export interface Sequential<In extends Shape = Shape, Out extends Shape = Shape> {
  readonly inputShape: Readonly<In>;
  readonly outputShape: Readonly<Out>;
  readonly layers: readonly PlacedLayer[];
  /**
   * Fresh parameters: drawn layer after layer from `RandomState(seed)` in float64, then rounded to `dtype` (default
   * `"float32"`). @throws ArgumentError unless `seed` is an integer, 0 … 2³² − 1. @throws DTypeError for another dtype.
   */
  initialize<D extends FloatDType = "float32">(options: InitializeOptions<D>): Parameters<D>;
  /**
   * Outputs (N, …Out) of inputs (N, …In), in the dtype of the parameters; inputs of another dtype are cast first.
   * `mode` defaults to `{ training: false }`.
   * @throws ShapeError for inputs or parameters of another shape. @throws DTypeError for parameters of mixed dtypes.
   * @throws ArgumentError when a parameter is missing or left over.
   */
  apply<D extends FloatDType>(
    parameters: Parameters<D>,
    x: Tensor<readonly [number, ...In], DType>,
    mode?: Mode,
  ): Tensor<[number, ...Out], D>;
}

export interface InitializeOptions<D extends FloatDType = FloatDType> {
  readonly seed: number;
  readonly dtype?: D;
}

/** A layer at its place in a model. */
export interface PlacedLayer {
  readonly layer: Layer;
  /** Unique in the model: kind and count, `"dense1"`. Its parameters are `"dense1.weight"` … */
  readonly name: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The shapes of its parameters, by their names in the layer. */
  readonly parameterShapes: { readonly [name: string]: Shape };
}

/**
 * A model that applies `layers` in order to inputs of `inputShape` (batch axis excluded). A layer that does not fit the
 * shape before it is an error of the compiler at that argument, and a ShapeError with the same text when it runs.
 * @throws ShapeError when a layer does not fit. @throws ArgumentError when an argument is no layer or a size no integer of at least 1.
 * @example sequential([28, 28, 1], rescaling(1 / 255), flatten(), dense(256), relu(), dense(10)) // Sequential<[28, 28, 1], [10]>
 */
export function sequential<const In extends Shape, Layers extends readonly Layer[]>(
  inputShape: readonly [...In],
  ...layers: {
    [I in keyof Layers]: Layers[I] & (I extends keyof CheckLayers<In, Layers> ? CheckLayers<In, Layers>[I] : unknown);
  }
): Sequential<In, OutputShape<In, Layers>> {
  checkInputShape(inputShape);
  for (const size of inputShape) checkInteger("sequential", "a size of inputShape", size, 1);
  const placed = placeLayers(inputShape, layers as readonly Layer[]);
  const model: Sequential = {
    inputShape,
    outputShape: placed.at(-1)?.outputShape ?? inputShape,
    layers: placed,
    initialize: (options) => initialize(placed, options),
    apply: (parameters, x, mode = { training: false }) => apply(model, parameters, x, mode),
  };
  return model as unknown as Sequential<In, OutputShape<In, Layers>>;
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

const isLayer = (value: unknown): value is Layer =>
  typeof (value as Layer | undefined | null)?.outputShape === "function";

function notALayer(value: unknown, position: number): ArgumentError {
  const fix =
    typeof value === "function"
      ? `Call the factory: ${value.name || "relu"}(), not ${value.name || "relu"}.`
      : Array.isArray(value)
        ? "Spread the array: sequential(inputShape, ...layers)."
        : undefined;
  return new ArgumentError({
    operation: `sequential: layer ${position}`,
    received: formatValue(value),
    expected: "a layer",
    ...(fix !== undefined && { fix }),
  });
}

function placeLayers(inputShape: Shape, layers: readonly Layer[]): PlacedLayer[] {
  const counts = new Map<string, number>();
  let shape = inputShape;
  return layers.map((layer, index) => {
    if (!isLayer(layer)) throw notALayer(layer, index + 1);
    const output = layer.outputShape(shape);
    if ("expected" in output) {
      throw new ShapeError({
        operation: `sequential: layer ${index + 1}, ${layer.call}`,
        received: `an input of shape ${formatShape(shape)}`,
        ...output,
      });
    }
    const count = (counts.get(layer.kind) ?? 0) + 1;
    counts.set(layer.kind, count);
    const inputShapeOfLayer = shape;
    shape = output;
    return {
      layer,
      name: `${layer.kind}${count}`,
      inputShape: inputShapeOfLayer,
      outputShape: output,
      parameterShapes: layer.parameterShapes(inputShapeOfLayer),
    };
  });
}

function initialize<D extends FloatDType>(
  layers: readonly PlacedLayer[],
  options: InitializeOptions<D>,
): Parameters<D> {
  checkOptions("initialize", options, { seed: true, dtype: true });
  const { seed, dtype = "float32" as D } = options;
  checkSeed("initialize", seed);
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError({
      operation: "initialize",
      received: `dtype ${formatValue(dtype)}`,
      expected: "float32 or float64",
    });
  }
  const random = new RandomState(seed);
  const parameters: { [name: string]: Tensor<Shape, D> } = {};
  for (const { layer, name, inputShape } of layers) {
    for (const [parameter, value] of Object.entries(layer.initialize(random, inputShape))) {
      parameters[`${name}.${parameter}`] = cast(value, dtype);
    }
  }
  return parameters;
}

function apply<D extends FloatDType>(
  model: Sequential,
  parameters: Parameters<D>,
  x: Tensor,
  mode: Mode,
): Tensor<[number, ...Shape], D> {
  checkInputs("apply", model, x);
  checkMembers("apply", "parameters", parameters, [], "the parameters of the model, by name");
  checkMembers("apply", "mode", mode, ["training"], "{ training: false }, or { training: true, seed, step }");
  const dtype = checkParameters("apply", model, parameters);
  let y: Tensor<Shape, FloatDType> = cast(x, dtype ?? (x.dtype === "float64" ? "float64" : "float32"));
  model.layers.forEach(({ layer, name, parameterShapes }, stream) => {
    const own: { [name: string]: Tensor<Shape, FloatDType> } = {};
    for (const parameter of Object.keys(parameterShapes)) own[parameter] = parameters[`${name}.${parameter}`]!;
    y = layer.apply(own, y, { ...mode, stream });
  });
  return y as unknown as Tensor<[number, ...Shape], D>;
}
