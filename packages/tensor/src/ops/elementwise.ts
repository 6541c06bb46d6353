/**
 * What elementwise operations share: the shape rule (broadcasting), the loops, and the sum that undoes a broadcast in a
 * derivative. The operations themselves stand in `arithmetic.ts`, `exponential.ts`, `activation.ts`, `comparison.ts`.
 */

import type { DType } from "../dtype.ts";
import { type ArrayView, applyOp, checkFloat, checkSameDType, type DerivativeContext, type Op } from "../op.ts";
import {
  type Broadcast,
  broadcastShapes,
  type Shape,
  type ShapeOr,
  sameShape,
  stridesOf,
  type Valid,
} from "../shape.ts";
import { full, type Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

/** A function of one tensor, element by element. */
export type UnaryFunction = <S extends Shape, D extends DType>(x: Tensor<S, D>) => Tensor<S, D>;

/** A function of two tensors of one dtype, element by element with broadcasting; either may be a number. */
export interface BinaryFunction<Name extends string> {
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number): Tensor<S, D>;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, D>;
  <A extends Shape, B extends Shape, D extends DType>(
    a: Tensor<A, D>,
    b: Tensor<B, D> & Valid<Broadcast<Name, A, B>>,
  ): Tensor<ShapeOr<Broadcast<Name, A, B>>, D>;
}

/** As `BinaryFunction`, with a result of 0 and 1 in uint8. */
export interface Comparison<Name extends string> {
  <S extends Shape, D extends DType>(a: Tensor<S, D>, b: number): Tensor<S, "uint8">;
  <S extends Shape, D extends DType>(a: number, b: Tensor<S, D>): Tensor<S, "uint8">;
  <A extends Shape, B extends Shape, D extends DType>(
    a: Tensor<A, D>,
    b: Tensor<B, D> & Valid<Broadcast<Name, A, B>>,
  ): Tensor<ShapeOr<Broadcast<Name, A, B>>, "uint8">;
}

interface UnaryDefinition {
  readonly name: string;
  /** Default false: any dtype. */
  readonly floatOnly?: boolean;
  /** On float32 inputs the result is rounded once, when it is stored. */
  readonly value: (x: number) => number;
  /** dx, from x, y and dy. */
  readonly derivative?: (x: Tensor, y: Tensor, dy: Tensor) => Tensor;
}

/** The public function of an elementwise operation of one input. */
export function unary(definition: UnaryDefinition): UnaryFunction {
  const { name, value, derivative } = definition;
  const op: Op<undefined> = {
    name,
    infer([x]) {
      if (definition.floatOnly) checkFloat(name, x!);
      return x!;
    },
    run([x], output) {
      const from = x!.data;
      const to = output.data;
      for (let i = 0; i < to.length; i++) to[i] = value(from[i]!);
    },
    ...(derivative && {
      derivative: ({ inputs, output, dOutput }: DerivativeContext<undefined>) => [
        derivative(inputs[0]!, output, dOutput),
      ],
    }),
  };
  return ((x: Tensor) => applyOp(op, [x], undefined)) as UnaryFunction;
}

interface BinaryDefinition {
  readonly name: string;
  readonly value: (a: number, b: number) => number;
  /** da and db before the broadcast is undone, from a, b, y and dy; undefined where there is none. */
  readonly derivative?: (
    a: Tensor,
    b: Tensor,
    y: Tensor,
    dy: Tensor,
  ) => readonly [Tensor | undefined, Tensor | undefined];
  /** The dtype of the result; default that of the inputs. */
  readonly resultDType?: DType;
}

/** The public function of an elementwise operation of two inputs, as `BinaryFunction` or `Comparison`. */
export function binary(definition: BinaryDefinition): (a: Tensor | number, b: Tensor | number) => Tensor {
  const { name, value, derivative } = definition;
  const op: Op<undefined> = {
    name,
    infer([a, b]) {
      const dtype = checkSameDType(name, [a!, b!]);
      return { shape: broadcastShapes(name, a!.shape, b!.shape), dtype: definition.resultDType ?? dtype };
    },
    run: ([a, b], output) => runBinary(value, a!, b!, output),
    ...(derivative && {
      derivative: ({ inputs, output, dOutput }: DerivativeContext<undefined>) => {
        const [a, b] = inputs as [Tensor, Tensor];
        const [da, db] = derivative(a, b, output, dOutput);
        return [da && sumToShape(da, a.shape), db && sumToShape(db, b.shape)];
      },
    }),
  };
  return (a, b) => {
    const left = typeof a === "number" ? full([], a, { dtype: (b as Tensor).dtype }) : a;
    const right = typeof b === "number" ? full([], b, { dtype: left.dtype }) : b;
    return applyOp(op, [left, right], undefined);
  };
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

/** For each row (last axis) of `to`, where its first element comes from in an array of shape `from` stretched to `to`. */
export function broadcastOffsets(from: Shape, to: Shape): (row: number) => number {
  const lead = to.slice(0, -1);
  const missing = to.length - from.length;
  const fromStrides = stridesOf(from);
  const strides = lead.map((_, axis) =>
    axis < missing || from[axis - missing] === 1 ? 0 : fromStrides[axis - missing]!,
  );
  return (row) => {
    let offset = 0;
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      const length = lead[axis]!;
      offset += (row % length) * strides[axis]!;
      row = Math.floor(row / length);
    }
    return offset;
  };
}

/** Sums `x` over the axes along which `shape` was stretched to `x.shape`: the derivative of broadcasting. */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, { axis: axes }), shape);
}
