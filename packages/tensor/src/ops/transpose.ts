/** Axes in another order. */

import type { DataOf, DType } from "../dtype.ts";
import { ArgumentError, describe } from "../errors.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
import { formatShape, type Shape, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** The shape with its axes reversed. */
export type Reversed<S extends Shape> = number extends S["length"]
  ? Shape
  : S extends readonly [infer Head extends number, ...infer Tail extends Shape]
    ? [...Reversed<Tail>, Head]
    : [];

/** The shape whose axis i is axis `Axes[i]` of `S`. */
export type Permuted<S extends Shape, Axes extends readonly number[]> = number extends S["length"] | Axes["length"]
  ? Shape
  : { -readonly [Each in keyof Axes]: `${Axes[Each]}` extends keyof S ? Extract<S[`${Axes[Each]}`], number> : number };

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
    if (axes.length === 2 && axes[0] === 1) transposeMatrix(from, to, x!.shape[0]!, x!.shape[1]!);
    else fill(0, 0, 0);
  },
  derivative: ({ dOutput, attributes }) => [
    transpose(
      dOutput,
      attributes.axes.map((_, axis) => attributes.axes.indexOf(axis)),
    ),
  ],
};

function transposeMatrix(from: DataOf, to: DataOf, rows: number, columns: number): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) to[column * rows + row] = from[row * columns + column]!;
  }
}

/**
 * `x` with its axes reversed, or in the order of `axes`: axis i of the result is axis `axes[i]` of `x`.
 * @throws ArgumentError unless `axes` names every axis of `x` once, counted from 0.
 */
export function transpose<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<Reversed<S>, D>;
export function transpose<S extends Shape, D extends DType, const Axes extends readonly number[]>(
  x: Tensor<S, D>,
  axes: Axes,
): Tensor<Permuted<S, Axes>, D>;
export function transpose(x: Tensor, order?: readonly number[]): Tensor {
  checkTensor("transpose", x);
  const natural = x.shape.map((_, axis) => axis);
  const axes = order ?? natural.toReversed();
  if (!Array.isArray(axes)) {
    throw new ArgumentError({
      operation: "transpose",
      received: `axes ${describe(axes)}`,
      expected: "an array of axes",
    });
  }
  if (axes.length !== natural.length || natural.some((axis) => !axes.includes(axis))) {
    throw new ArgumentError({
      operation: "transpose",
      received: `axes [${axes.map(describe).join(", ")}] for shape ${formatShape(x.shape)}`,
      expected: natural.length === 0 ? "no axes: a scalar has none" : `each of 0 … ${natural.length - 1} once`,
    });
  }
  return applyOp(transposeOp, [x], { axes: Array.from(axes) });
}
