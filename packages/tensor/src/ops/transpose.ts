/** Axes in another order. */

import type { DType } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import { applyOp, type Op } from "../op.ts";
import { type Shape, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The shape with its axes reversed. */
export type Reversed<S extends Shape> = number extends S["length"]
  ? Shape
  : S extends readonly [infer Head extends number, ...infer Tail extends Shape]
    ? [...Reversed<Tail>, Head]
    : [];

const transposeOp: Op<{ readonly axes: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { axes }) => ({ shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
  run([x], output, { axes }) {
    const from = x!.data;
    const to = output.data;
    const xStrides = stridesOf(x!.shape);
    const strides = axes.map((axis) => xStrides[axis]!);
    const fill = (axis: number, offset: number, next: number): number => {
      if (axis === axes.length) {
        to[next] = from[offset]!;
        return next + 1;
      }
      for (let i = 0; i < output.shape[axis]!; i++) next = fill(axis + 1, offset + i * strides[axis]!, next);
      return next;
    };
    if (axes.length === 2) transposeMatrix(from, to, x!.shape[0]!, x!.shape[1]!, axes[0] === 1);
    else fill(0, 0, 0);
  },
  derivative: ({ dOutput, attributes }) => [
    transpose(
      dOutput,
      attributes.axes.map((_, axis) => attributes.axes.indexOf(axis)),
    ),
  ],
};

function transposeMatrix(
  from: ArrayLike<number>,
  to: { [index: number]: number },
  rows: number,
  columns: number,
  swap: boolean,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      to[swap ? column * rows + row : row * columns + column] = from[row * columns + column]!;
    }
  }
}

/** `x` with its axes reversed, or in the order of `axes`: result axis i is axis `axes[i]` of `x`. */
export function transpose<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<Reversed<S>, D>;
export function transpose<D extends DType>(x: Tensor<Shape, D>, axes: readonly number[]): Tensor<Shape, D>;
export function transpose(
  x: Tensor,
  axes: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis),
): Tensor {
  const sorted = [...axes].sort((a, b) => a - b);
  if (axes.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
    throw new ArgumentError({
      operation: "transpose",
      received: `axes [${axes.join(", ")}] for rank ${x.shape.length}`,
      expected: `each of 0 … ${x.shape.length - 1} once`,
    });
  }
  return applyOp(transposeOp, [x], { axes });
}
