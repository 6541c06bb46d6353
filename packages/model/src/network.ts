/** A model together with its parameters, compiled for use: predictions for as many inputs as memory holds. */

import {
  type Backend,
  compileStep,
  type DType,
  type FloatDType,
  formatShape,
  fromArray,
  type Nested,
  type Shape,
  ShapeError,
  sizeOf,
  type Tensor,
  zeros,
} from "@nn/tensor";
import { asTensor, checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";
import type { Parameters } from "./layer.ts";
import { checkInputs, checkParameters } from "./model-boundary.ts";
import { predictedClasses } from "./predicted-classes.ts";
import type { Sequential } from "./sequential.ts";
import type { NamedTensors } from "./state/safetensors.ts";

/** Examples (N, …In): a tensor, or nested arrays of numbers, whose sizes are checked when the program runs. */
export type NetworkInputs<In extends Shape> = Tensor<readonly [number, ...In], DType> | readonly NestedOf<In>[];

/** Nested arrays with as many levels as a shape has axes. */
type NestedOf<S extends Shape> = number extends S["length"]
  ? Nested
  : S extends readonly [number, ...infer Tail extends Shape]
    ? readonly NestedOf<Tail>[]
    : number;

/** A trained model. */
export interface Network<In extends Shape = Shape, Out extends Shape = Shape, D extends FloatDType = FloatDType> {
  readonly model: Sequential<In, Out>;
  readonly parameters: Parameters<D>;
  /**
   * What the model gives for inputs (N, …In), in the dtype of the parameters: logits, or probabilities where it ends with
   * `softmax()` or `sigmoid()`. Nested arrays are taken as a tensor of them: `predict([[0.5, 1]])`.
   * @throws ShapeError for inputs of another shape. @throws ArgumentError for what is neither.
   */
  predict(x: NetworkInputs<In>): Tensor<[number, ...Out], D>;
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
 * `model` with `parameters`, ready to predict.
 * @throws ArgumentError, ShapeError or DTypeError when the parameters are not those of the model.
 * @example network(model, loadSafetensors(bytes).parameters).classify(images)
 */
export function network<In extends Shape, Out extends Shape, D extends FloatDType = FloatDType>(
  model: Sequential<In, Out>,
  parameters: Parameters<D> | NamedTensors,
  options: NetworkOptions = {},
): Network<In, Out, D> {
  checkMembers("network", "model", model, ["inputShape", "layers", "apply"], "a model made by sequential");
  checkMembers("network", "parameters", parameters, [], "the parameters of the model, by name");
  checkOptions("network", options, { batchSize: true, backend: true });
  const { batchSize = 256 } = options;
  checkInteger("network", "batchSize", batchSize, 1);
  const checked = parameters as Parameters<D>;
  const dtype = checkParameters("network", model as unknown as Sequential, checked) ?? "float32";
  const program = compileStep(
    (state: Parameters<D>, x: Tensor<readonly [number, ...In], DType>) => ({
      state,
      outputs: model.apply(state, x) as Tensor,
    }),
    checked,
    options.backend && { backend: options.backend },
  );
  const predict = (inputs: Tensor | Nested): Tensor => {
    const x = asTensor("predict", "inputs", inputs, dtype);
    checkInputs("predict", model, x);
    const rows = x.shape[0]!;
    const result = zeros([rows, ...model.outputShape], { dtype });
    const [inputRow, outputRow] = [sizeOf(model.inputShape), sizeOf(model.outputShape)];
    for (let start = 0; start < rows; start += batchSize) {
      const count = Math.min(batchSize, rows - start);
      const batch = padded(x.data.subarray(start * inputRow, (start + count) * inputRow), batchSize, inputRow);
      const rowsOfBatch = fromArray(batch, [batch.length / inputRow, ...model.inputShape]);
      const outputs = program.run(rowsOfBatch as unknown as Tensor<readonly [number, ...In], DType>);
      result.data.set(outputs.data.subarray(0, count * outputRow), start * outputRow);
    }
    return result;
  };
  return {
    model,
    parameters: checked,
    predict,
    classify(x: Tensor | Nested) {
      checkOutputs(model);
      return predictedClasses(model, predict(x) as Tensor<Shape, FloatDType>);
    },
  } as unknown as Network<In, Out, D>;
}

/**
 * `data` with rows of zeros up to a power of two of them or to `batchSize`: each size is compiled once, so there must be
 * few. No layer looks at more than one row.
 */
function padded<A extends Tensor["data"]>(data: A, batchSize: number, rowSize: number): A {
  const rows = data.length / rowSize;
  const wanted = Math.min(batchSize, 2 ** Math.ceil(Math.log2(rows)));
  if (wanted === rows) return data;
  const batch = new (data.constructor as new (length: number) => A)(wanted * rowSize);
  batch.set(data);
  return batch;
}

/** Throws unless a model's output has exactly one axis. */
function checkOutputs({ outputShape }: { readonly outputShape: Shape }): void {
  if (outputShape.length === 1) return;
  throw new ShapeError({
    operation: "classify",
    received: `a model with outputs of shape ${formatShape(outputShape)}`,
    expected: "[classes]",
    fix: "Use predict.",
  });
}
