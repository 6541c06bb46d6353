/**
 * The contract of an operation, and the one place where an operation is applied: at once on tensors that hold values,
 * or as a node of the graph where an input is traced.
 */

import { allocate, type DataOf, type DType } from "./dtype.ts";
import { ArgumentError, DTypeError, describe } from "./errors.ts";
import type { Node, TensorType } from "./graph/graph.ts";
import { checkSize, type Shape, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** Values with their type: what reference loops read and write. */
export interface ArrayView extends TensorType {
  readonly data: DataOf;
}

/** What a derivative is built from: traced tensors, but for a gradient that is constant. */
interface DerivativeContext<Attributes> {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  /** The gradient of the loss with respect to `output`, of the same shape. */
  readonly dOutput: Tensor;
  readonly attributes: Attributes;
}

/** An operation: its shape rule, its reference loops, its derivative. */
// biome-ignore lint/suspicious/noExplicitAny: a list of operations holds each with attributes of its own
export interface Op<Attributes = any> {
  readonly name: string;
  /** The result's type. Checks shapes and dtypes; everything after may assume that they fit. */
  infer(inputs: readonly TensorType[], attributes: Attributes): TensorType;
  /** Reference loops: fills `output.data`. Plain and in a fixed order: the oracle of every faster kernel. */
  run(inputs: readonly ArrayView[], output: ArrayView, attributes: Attributes): void;
  /**
   * Each element of the result depends on one element of each input, aligned as in broadcasting. Gradients may then be
   * given in the result's shape: they are summed to the inputs' shapes.
   */
  readonly elementwise?: true;
  /** The gradient for each input, or undefined where it has none. Absent when no input has one. */
  derivative?(context: DerivativeContext<Attributes>): readonly (Tensor | undefined)[];
}

/**
 * The result of `op`: computed now, or recorded if an input is traced.
 * @throws ArgumentError unless every input is a tensor. @throws ShapeError when the result would hold too many elements.
 */
export function applyOp<Attributes>(op: Op<Attributes>, inputs: readonly Tensor[], attributes: Attributes): Tensor {
  let traced = false;
  for (const input of inputs) {
    checkTensor(op.name, input);
    if (input.node !== undefined) traced = true;
  }
  const { shape, dtype } = op.infer(inputs, attributes);
  checkSize(op.name, shape);
  if (traced) {
    const node: Node = { kind: "operation", op, attributes, inputs: inputs.map(nodeOf), shape, dtype };
    return new Tensor(shape, dtype, { node });
  }
  const output = { shape, dtype, data: allocate(dtype, sizeOf(shape)) };
  op.run(inputs, output, attributes);
  return new Tensor(shape, dtype, output);
}

/** The node of a traced tensor, or a constant node over the values of an ordinary one. */
export function nodeOf(tensor: Tensor): Node {
  return tensor.node ?? { kind: "constant", inputs: [], shape: tensor.shape, dtype: tensor.dtype, data: tensor.data };
}

/** `tensor` as operations record it: with a node, so that they do not compute with its values. */
export function traced<S extends Shape, D extends DType>(tensor: Tensor<S, D>): Tensor<S, D> {
  return tensor.node === undefined ? new Tensor(tensor.shape, tensor.dtype, { node: nodeOf(tensor) }) : tensor;
}

/** A traced tensor that stands for a value to be given when the program runs. */
export function placeholder<S extends Shape, D extends DType>(type: {
  readonly shape: Readonly<S>;
  readonly dtype: D;
}): Tensor<S, D> {
  return new Tensor<S, D>(type.shape as Readonly<S>, type.dtype, {
    node: { kind: "placeholder", inputs: [], shape: type.shape, dtype: type.dtype },
  });
}

/** Throws unless `value` is a tensor (of this copy of the package). */
export function checkTensor(operation: string, value: unknown): asserts value is Tensor {
  if (value instanceof Tensor) return;
  throw new ArgumentError({
    operation,
    received: describe(value),
    expected: "a tensor",
    fix: isForeignTensor(value)
      ? "It is of another copy of @nn/tensor: install one version."
      : "Make one with tensor(values).",
  });
}

function isForeignTensor(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null;
  return isObject && (value.constructor as { readonly name?: unknown } | undefined)?.name === "Tensor";
}

/** Gives a placeholder its value, now that everything that treats it as unknown has been traced: it becomes a constant. */
export function bindPlaceholder(symbol: Tensor, data: DataOf): void {
  Object.assign(symbol.node!, { kind: "constant", data });
}

/** Throws unless every input has the dtype of the first. Returns that dtype. */
export function checkSameDType(operation: string, inputs: readonly TensorType[]): DType {
  const dtype = inputs[0]!.dtype;
  for (const input of inputs) {
    if (input.dtype !== dtype) {
      throw new DTypeError({
        operation,
        received: inputs.map((each) => each.dtype).join(" and "),
        expected: "inputs of one dtype",
        fix: `Convert with cast(x, "${dtype}").`,
      });
    }
  }
  return dtype;
}

/** Throws unless `input` is float32 or float64. */
export function checkFloat(operation: string, input: TensorType): void {
  if (input.dtype === "float32" || input.dtype === "float64") return;
  throw new DTypeError({
    operation,
    received: input.dtype,
    expected: "float32 or float64",
    fix: 'Convert with cast(x, "float32").',
  });
}
