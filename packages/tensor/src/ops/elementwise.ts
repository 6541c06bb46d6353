/**
 * What elementwise operations share: the shape rule (broadcasting) and the loops. The operations themselves stand in
 * `arithmetic.ts`, `exponential.ts`, `activation.ts`, `comparison.ts`.
 */

import { type DType, type FloatDType, type FloatOnly, isFloat, type SameDType } from "../dtype.ts";
import { DTypeError, type Valid } from "../errors.ts";
import type { TensorType } from "../graph/graph.ts";
import { type ArrayView, applyOp, checkFloat, checkSameDType, checkTensor, type Op } from "../op.ts";
import { type Broadcast, broadcastShapes, type Shape, type ShapeOr, sameShape } from "../shape.ts";
import { full, type Tensor } from "../tensor.ts";
import { broadcastOffsets } from "./broadcast-offsets.ts";

/** A function of one tensor, element by element. */
export type UnaryFunction = <S extends Shape, D extends DType>(x: Tensor<S, D>) => Tensor<S, D>;

/** A function of one tensor of floats that keeps its shape. @throws DTypeError unless it is float32 or float64. */
export interface FloatFunction<Name extends string> {
  <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<S, D>;
  <S extends Shape, D extends DType>(x: Tensor<S, D> & Valid<FloatOnly<Name, D>>): Tensor<S, D>;
}

/**
 * A function of two tensors of one dtype, element by element with broadcasting; either may be a number, which then takes
 * the tensor's dtype.
 * @throws ShapeError unless the shapes, aligned at the last axis, have sizes that are equal or 1.
 * @throws DTypeError when the dtypes differ, or an integer dtype does not hold the number.
 */
export interface BinaryFunction<Name extends string> {
  // Two of one type: the only signature that also serves callers who are generic in shape or dtype.
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number | Tensor<NoInfer<S>, NoInfer<D>>): Tensor<S, D>;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, D>;
  <A extends Shape, B extends Shape, D extends DType, E extends DType>(
    a: Tensor<A, D>,
    b: Tensor<B, E> & Valid<Broadcast<Name, A, B>> & Valid<SameDType<Name, D, E>>,
  ): Tensor<ShapeOr<Broadcast<Name, A, B>>, D & E>;
}

/** As `BinaryFunction`, with a result of 0 and 1 in uint8. */
export interface Comparison<Name extends string> {
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number | Tensor<NoInfer<S>, NoInfer<D>>): Tensor<S, "uint8">;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, "uint8">;
  <A extends Shape, B extends Shape, D extends DType, E extends DType>(
    a: Tensor<A, D>,
    b: Tensor<B, E> & Valid<Broadcast<Name, A, B>> & Valid<SameDType<Name, D, E>>,
  ): Tensor<ShapeOr<Broadcast<Name, A, B>>, "uint8">;
}

interface UnaryDefinition<Name extends string> {
  readonly name: Name;
  readonly value: (x: number) => number;
  /** The function on float32 inputs; default `value`, its result rounded once, when it is stored. */
  readonly value32?: (x: number) => number;
  /** The function on int32 inputs, for a result that float64 does not hold exactly; default `value`, taken modulo 2³². */
  readonly valueInt32?: (x: number) => number;
  /** dx, from x, y and dy. */
  readonly derivative: (x: Tensor, y: Tensor, dy: Tensor) => Tensor;
}

/** The public function of an elementwise operation of one input of any dtype. */
export function unary(definition: UnaryDefinition<string>): UnaryFunction {
  const op = unaryOp(definition, (x) => x);
  return ((x: Tensor) => applyOp(op, [x], undefined)) as UnaryFunction;
}

/** The public function of an elementwise operation of one input of floats. */
export function floatUnary<Name extends string>(definition: UnaryDefinition<Name>): FloatFunction<Name> {
  const op = unaryOp(definition, (x) => {
    checkFloat(definition.name, x);
    return x;
  });
  return (x: Tensor) => applyOp(op, [x], undefined);
}

function unaryOp(definition: UnaryDefinition<string>, infer: (x: TensorType) => TensorType): Op<undefined> {
  const { name, value, value32 = value, valueInt32 = value, derivative } = definition;
  return {
    name,
    elementwise: true,
    infer: ([x]) => infer(x!),
    run([x], output) {
      const from = x!.data;
      const to = output.data;
      const compute = output.dtype === "float32" ? value32 : output.dtype === "int32" ? valueInt32 : value;
      for (let i = 0; i < to.length; i++) to[i] = compute(from[i]!);
    },
    derivative: ({ inputs, output, dOutput }) => [derivative(inputs[0]!, output, dOutput)],
  };
}

interface BinaryDefinition<Name extends string> {
  readonly name: Name;
  readonly value: (a: number, b: number) => number;
  /** The function on int32 inputs, for a result that float64 does not hold exactly; default `value`, taken modulo 2³². */
  readonly valueInt32?: (a: number, b: number) => number;
  /** da and db before the broadcast is undone, from a, b, y and dy. */
  readonly derivative: (a: Tensor, b: Tensor, y: Tensor, dy: Tensor) => readonly [Tensor, Tensor];
}

/** The public function of an elementwise operation of two inputs. */
export function binary<Name extends string>(definition: BinaryDefinition<Name>): BinaryFunction<Name> {
  const { name, value, valueInt32 = value, derivative } = definition;
  return applyBinary({
    name,
    elementwise: true,
    infer: ([a, b]) => ({
      dtype: checkSameDType(name, [a!, b!]),
      shape: broadcastShapes(name, a!.shape, b!.shape),
    }),
    run: ([a, b], output) => runBinary(output.dtype === "int32" ? valueInt32 : value, a!, b!, output),
    derivative: ({ inputs: [a, b], output, dOutput }) => derivative(a!, b!, output, dOutput),
  }) as BinaryFunction<Name>;
}

/** The public function of a comparison. */
export function comparison<Name extends string>(
  name: Name,
  holds: (a: number, b: number) => boolean,
): Comparison<Name> {
  return applyBinary({
    name,
    infer([a, b]) {
      checkSameDType(name, [a!, b!]);
      return { dtype: "uint8", shape: broadcastShapes(name, a!.shape, b!.shape) };
    },
    run: ([a, b], output) => runBinary((x, y) => (holds(x, y) ? 1 : 0), a!, b!, output),
  }) as Comparison<Name>;
}

type Operand = Tensor | number;

function applyBinary(op: Op<undefined>): (a: Operand, b: Operand) => Tensor {
  return (a, b) => {
    if (typeof a === "number") return applyOp(op, [scalarBeside(op.name, a, b), b as Tensor], undefined);
    return applyOp(op, [a, typeof b === "number" ? scalarBeside(op.name, b, a) : b], undefined);
  };
}

/** The number `value` in the dtype of `tensor`, the other operand. */
function scalarBeside(operation: string, value: number, tensor: Operand): Tensor {
  checkTensor(operation, tensor);
  const scalar = full([], value, { dtype: tensor.dtype });
  if (!isFloat(tensor.dtype) && scalar.data[0] !== value) {
    throw new DTypeError({
      operation,
      received: `the number ${value} beside a tensor of ${tensor.dtype}`,
      expected: `a number that ${tensor.dtype} holds`,
      fix: 'Convert the tensor with cast(x, "float32").',
    });
  }
  return scalar;
}

function runBinary(value: (a: number, b: number) => number, a: ArrayView, b: ArrayView, output: ArrayView): void {
  const to = output.data;
  const left = a.data;
  const right = b.data;
  if (sameShape(a.shape, b.shape)) {
    for (let i = 0; i < to.length; i++) to[i] = value(left[i]!, right[i]!);
  } else if (right.length === 1) {
    for (let i = 0; i < to.length; i++) to[i] = value(left[i]!, right[0]!);
  } else if (left.length === 1) {
    for (let i = 0; i < to.length; i++) to[i] = value(left[0]!, right[i]!);
  } else {
    const offsetsA = broadcastOffsets(a.shape, output.shape);
    const offsetsB = broadcastOffsets(b.shape, output.shape);
    const rowLength = output.shape.at(-1)!;
    const strideA = a.shape.at(-1) === 1 || a.shape.length === 0 ? 0 : 1;
    const strideB = b.shape.at(-1) === 1 || b.shape.length === 0 ? 0 : 1;
    for (let row = 0, i = 0; i < to.length; row++) {
      let ia = offsetsA(row);
      let ib = offsetsB(row);
      for (const end = i + rowLength; i < end; i++, ia += strideA, ib += strideB) to[i] = value(left[ia]!, right[ib]!);
    }
  }
}
