/** The matrix product. */

import type { DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { type ArrayView, applyOp, checkFloat, checkSameDType, type Op } from "../op.ts";
import { type FormatShape, formatShape, type Mismatch, type Shape, type ShapeOr, type Valid } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { transpose } from "./transpose.ts";

/** (m, k) · (k, n) → (m, n), or a Mismatch. */
export type MatmulShape<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? [number, number]
  : A extends readonly [infer M extends number, infer K extends number]
    ? B extends readonly [infer K2 extends number, infer N extends number]
      ? SizesMeet<K, K2> extends true
        ? [M, N]
        : Mismatch<`matmul: received a of shape ${FormatShape<A>} and b of shape ${FormatShape<B>}; expected b of shape [${K}, n].`>
      : Mismatch<`matmul: received b of shape ${FormatShape<B>}; expected two axes.`>
    : Mismatch<`matmul: received a of shape ${FormatShape<A>}; expected two axes.`>;

type SizesMeet<A extends number, B extends number> = number extends A | B ? true : A extends B ? true : false;

const matmulOp: Op<undefined> = {
  name: "matmul",
  infer([a, b]) {
    for (const [name, input] of [
      ["a", a!],
      ["b", b!],
    ] as const) {
      if (input.shape.length === 2) continue;
      throw new ShapeError({
        operation: "matmul",
        received: `${name} of shape ${formatShape(input.shape)}`,
        expected: "two axes",
      });
    }
    const dtype = checkSameDType("matmul", [a!, b!]);
    checkFloat("matmul", a!);
    const [m, k] = a!.shape as [number, number];
    const [k2, n] = b!.shape as [number, number];
    if (k !== k2) {
      throw new ShapeError({
        operation: "matmul",
        received: `a of shape ${formatShape(a!.shape)} and b of shape ${formatShape(b!.shape)}`,
        expected: `b of shape [${k}, n]`,
        ...(k === n && { fix: "Did you mean to transpose b?" }),
      });
    }
    return { shape: [m, n], dtype };
  },
  run([a, b], output) {
    if (output.dtype === "float32") matmulFloat32(a!, b!, output);
    else matmulFloat64(a!, b!, output);
  },
  // y = a b:  da (m, k) = dy (m, n) · bᵀ (n, k)   db (k, n) = aᵀ (k, m) · dy (m, n)
  derivative({ inputs, dOutput }) {
    const [a, b] = inputs as [Tensor<[number, number]>, Tensor<[number, number]>];
    const dy = dOutput as Tensor<[number, number]>;
    return [matmul(dy, transpose(b)), matmul(transpose(a), dy)];
  },
};

/**
 * The matrix product a · b of a (m, k) and b (k, n): (m, n). Each element is one sum over k in ascending order, rounded
 * after every product and every addition.
 * @throws ShapeError unless both have two axes and the inner sizes are equal. @throws DTypeError unless both are float32 or both float64.
 */
export function matmul<A extends Shape, B extends Shape, D extends DType>(
  a: Tensor<A, D>,
  b: Tensor<B, D> & Valid<MatmulShape<A, B>>,
): Tensor<ShapeOr<MatmulShape<A, B>>, D> {
  return applyOp(matmulOp, [a, b as Tensor], undefined) as Tensor<ShapeOr<MatmulShape<A, B>>, D>;
}

// y (m, n): a row of y at a time, one row of b after another, so that every access runs along memory.
function matmulFloat64(a: ArrayView, b: ArrayView, output: ArrayView): void {
  const [x, w, y] = [a.data as Float64Array, b.data as Float64Array, output.data as Float64Array];
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  y.fill(0);
  for (let row = 0; row < m; row++) {
    for (let inner = 0; inner < k; inner++) {
      const factor = x[row * k + inner]!;
      for (let column = 0, from = inner * n, to = row * n; column < n; column++, from++, to++)
        y[to] = y[to]! + factor * w[from]!;
    }
  }
}

// The same loops with every product and sum rounded to float32. Both are needed: V8 turns fround into float32 arithmetic.
function matmulFloat32(a: ArrayView, b: ArrayView, output: ArrayView): void {
  const [x, w, y] = [a.data as Float32Array, b.data as Float32Array, output.data as Float32Array];
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  const round = Math.fround;
  y.fill(0);
  for (let row = 0; row < m; row++) {
    for (let inner = 0; inner < k; inner++) {
      const factor = x[row * k + inner]!;
      for (let column = 0, from = inner * n, to = row * n; column < n; column++, from++, to++) {
        y[to] = y[to]! + round(factor * w[from]!);
      }
    }
  }
}
