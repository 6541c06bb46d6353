/** A model together with its variables, compiled for use: predictions for as many inputs as memory holds. */

import {
  type Backend,
  compileStep,
  type DType,
  type FloatDType,
  fromArray,
  type Nested,
  type Shape,
  ShapeError,
  sizeOf,
  Tensor,
  zeros,
} from "@nn/tensor";
import { asTensor, checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";
import { checkInputs, checkVariables, type Tensors } from "./contract/check-variables.ts";
import type { Variables } from "./contract/layer.ts";
import { type BatchOf, formatShapes, type InputsOf, type Model, namedShapes, type Shapes } from "./contract/model.ts";
import { predictedClasses } from "./predicted-classes.ts";
import type { NamedTensors } from "./state/safetensors.ts";

/** Examples (N, …In): tensors, or nested arrays of numbers, whose sizes are checked when the program runs. */
export type NetworkInputs<In extends Shapes> =
  | InputsOf<In>
  | (In extends Shape
      ? readonly NestedOf<In>[]
      : { readonly [Name in keyof In]: In[Name] extends Shape ? readonly NestedOf<In[Name]>[] : never });

/** Nested arrays with as many levels as a shape has axes. */
type NestedOf<S extends Shape> = number extends S["length"]
  ? Nested
  : S extends readonly [number, ...infer Tail extends Shape]
    ? readonly NestedOf<Tail>[]
    : number;

/** A trained model. */
export interface Network<In extends Shapes = Shapes, Out extends Shapes = Shapes, D extends FloatDType = FloatDType> {
  readonly model: Model<In, Out>;
  /** Parameters and buffers. */
  readonly variables: Variables<D>;
  /**
   * What the model gives for inputs (N, …In), in the dtype of the variables: logits, or probabilities where it ends with
   * `softmax()` or `sigmoid()`. Nested arrays are taken as a tensor of them: `predict([[0.5, 1]])`.
   * @throws ShapeError for inputs of another shape. @throws ArgumentError for what is neither.
   */
  predict(x: NetworkInputs<In>): BatchOf<Out, D>;
  /**
   * The class of each input (N). Of several outputs, the index of the largest; of a single one, 1 where it is above 0 (a
   * logit) or, after `sigmoid()`, above ½. @throws ShapeError also when the model's output has not exactly one axis.
   */
  classify(x: NetworkInputs<In>): Tensor<[number], "int32">;
}

export interface NetworkOptions {
  /** Most examples to run at a time, which bounds the memory that a large input takes; default 256. */
  readonly batchSize?: number;
  /** Default: that of `compileStep`. */
  readonly backend?: Backend;
}

/**
 * `model` with `variables`, ready to predict.
 * @throws ArgumentError, ShapeError or DTypeError when the variables are not those of the model.
 * @example network(model, loadSafetensors(bytes).tensors).classify(images)
 */
export function network<In extends Shapes, Out extends Shapes, D extends FloatDType = FloatDType>(
  model: Model<In, Out>,
  variables: Variables<D> | NamedTensors,
  options: NetworkOptions = {},
): Network<In, Out, D> {
  checkMembers("network", "model", model, ["inputShape", "places", "apply"], "a model, made by sequential for example");
  checkMembers("network", "variables", variables, [], "the variables of the model, by name");
  checkOptions("network", options, { batchSize: true, backend: true });
  const { batchSize = 256 } = options;
  checkInteger("network", "batchSize", batchSize, 1);
  const checked = variables as Variables<D>;
  const dtype = checkVariables("network", model.variables(), checked) ?? "float32";
  const { inputShape, outputShape } = model as unknown as Model;
  const names = namedShapes(outputShape).map(([name]) => name);
  const program = compileStep(
    (state: Variables<D>, x: Tensors) => ({ state, outputs: model.apply(state, x as never) as Tensors }),
    checked,
    options.backend && { backend: options.backend },
  );
  const predict = (x: Tensors): Tensors => {
    const inputs = checkInputs("predict", inputShape, tensorsOf(inputShape, x, dtype));
    const rows = inputs[0]!.shape[0]!;
    const results = namedShapes(outputShape).map(([, shape]) => zeros([rows, ...shape], { dtype }));
    for (let start = 0; start < rows; start += batchSize) {
      const count = Math.min(batchSize, rows - start);
      const batch = named(
        namedShapes(inputShape).map(([name]) => name),
        inputs.map((each) => rowsOf(each, start, count, batchSize)),
      );
      const outputs = program.run(batch);
      results.forEach((result, i) => {
        const output = outputs instanceof Tensor ? outputs : outputs[names[i]!]!;
        const width = sizeOf(result.shape.slice(1));
        result.data.set(output.data.subarray(0, count * width), start * width);
      });
    }
    return named(names, results);
  };
  return {
    model,
    variables: checked,
    predict,
    classify(x: Tensors) {
      checkOutputs(outputShape);
      return predictedClasses(model, predict(x) as Tensor<Shape, FloatDType>);
    },
  } as unknown as Network<In, Out, D>;
}

/** Nested arrays as tensors of `dtype`; tensors as they are. */
function tensorsOf(shapes: Shapes, x: unknown, dtype: FloatDType): unknown {
  if (Array.isArray(shapes)) return asTensor("predict", "inputs", x as Tensor, dtype);
  const given = Object(x) as { readonly [name: string]: Tensor };
  return Object.fromEntries(
    Object.keys(shapes).map((name) => [name, asTensor("predict", `input ${name}`, given[name]!, dtype)]),
  );
}

/** Tensors by name, or the only one. */
function named(names: readonly (string | undefined)[], tensors: readonly Tensor[]): Tensors {
  if (names.length === 1 && names[0] === undefined) return tensors[0]!;
  return Object.fromEntries(names.map((name, i) => [name!, tensors[i]!]));
}

/**
 * Rows of `x` from `start`, with rows of zeros up to a power of two of them or to `batchSize`: each size is compiled once,
 * so there must be few. Outside training no layer looks at more than one row.
 */
function rowsOf(x: Tensor, start: number, count: number, batchSize: number): Tensor {
  const width = sizeOf(x.shape.slice(1));
  const data = x.data.subarray(start * width, (start + count) * width);
  const wanted = Math.min(batchSize, 2 ** Math.ceil(Math.log2(count)));
  const shape = [wanted, ...x.shape.slice(1)];
  if (wanted === count) return fromArray(data, shape);
  const padded = new (data.constructor as new (length: number) => Tensor<Shape, DType>["data"])(wanted * width);
  padded.set(data);
  return fromArray(padded, shape);
}

/** Throws unless a model has one output of exactly one axis. */
function checkOutputs(outputShape: Shapes): void {
  if (Array.isArray(outputShape) && outputShape.length === 1) return;
  throw new ShapeError({
    operation: "classify",
    received: `a model with outputs of shape ${formatShapes(outputShape)}`,
    expected: "[classes]",
    fix: "Use predict.",
  });
}
