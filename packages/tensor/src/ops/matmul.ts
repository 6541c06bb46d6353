/** The matrix product. */

import type { DType, FloatDType, FloatOnly, SameDType } from "../dtype.ts";
import { type ErrorText, type Mismatch, ShapeError, type Valid } from "../errors.ts";
import { type ArrayView, applyOp, checkFloat, checkSameDType, type Op } from "../op.ts";
import { type FormatShape, formatShape, type Shape, type ShapeOr } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { transpose } from "./transpose.ts";

/** (m, k) · (k, n) → (m, n), or a Mismatch. */
export type MatmulShape<A extends Shape, B extends Shape> = number extends A["length"]
  ? number extends B["length"]
    ? [number, number]
    : B extends readonly [number, infer N extends number]
      ? [number, N]
      : WrongRank<"b", B>
  : A extends readonly [infer M extends number, infer K extends number]
    ? number extends B["length"]
      ? [M, number]
      : B extends readonly [infer K2 extends number, infer N extends number]
        ? SizesMeet<K, K2> extends true
          ? [M, N]
          : Mismatch<
              ErrorText<
                "matmul",
                `a of shape ${FormatShape<A>} and b of shape ${FormatShape<B>}`,
                `b of shape [${K}, n]`,
                SizesMeet<K, N> extends true ? "Did you mean to transpose b?" : ""
              >
            >
        : WrongRank<"b", B>
    : WrongRank<"a", A>;

type WrongRank<Name extends string, S extends Shape> = Mismatch<
  ErrorText<"matmul", `${Name} of shape ${FormatShape<S>}`, "two axes">
>;

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
export function matmul<M extends number, K extends number, N extends number, D extends FloatDType>(
  a: Tensor<readonly [M, K], D>,
  b: Tensor<readonly [NoInfer<K>, N], NoInfer<D>>,
): Tensor<[M, N], D>;
export function matmul<A extends Shape, B extends Shape, D extends DType, E extends DType>(
  a: Tensor<A, D> & Valid<FloatOnly<"matmul", D>>,
  b: Tensor<B, E> & Valid<MatmulShape<A, B>> & Valid<SameDType<"matmul", D, E>>,
): Tensor<ShapeOr<MatmulShape<A, B>>, D & E>;
export function matmul(a: Tensor, b: Tensor): Tensor {
  return applyOp(matmulOp, [a, b], undefined);
}

/** For fewer rows, looking for what is not finite in w takes too long. */
const leastRowsToSkip = 16;

// y (m, n): two rows of y at a time take four rows of b, so that every access runs along memory and each element of y is
// read and written a quarter as often. Each element of y is still its own sum over ascending k. Where eight elements of x are
// zero, as in images they often are, their terms ±0 change no bit of a sum that starts from +0, unless w is not finite.
function matmulFloat64(a: ArrayView, b: ArrayView, output: ArrayView): void {
  const [x, w, y] = [a.data as Float64Array, b.data as Float64Array, output.data as Float64Array];
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  y.fill(0);
  const addRow = (row: number, start: number): void => {
    for (let inner = start; inner < k; inner++) {
      const factor = x[row * k + inner]!;
      for (let column = 0, from = inner * n, to = row * n; column < n; column++, from++, to++)
        y[to] = y[to]! + factor * w[from]!;
    }
  };
  const fours = k - (k % 4);
  const mayBeSkipped = m >= leastRowsToSkip && w.every(Number.isFinite);
  let row = 0;
  for (; row + 2 <= m; row += 2) {
    for (let inner = 0, at = row * k; inner < fours; inner += 4, at += 4) {
      const [x0, x1, x2, x3] = [x[at]!, x[at + 1]!, x[at + 2]!, x[at + 3]!];
      const [z0, z1, z2, z3] = [x[at + k]!, x[at + k + 1]!, x[at + k + 2]!, x[at + k + 3]!];
      const zeros = x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0 && z0 === 0 && z1 === 0 && z2 === 0 && z3 === 0;
      if (zeros && mayBeSkipped) continue;
      for (let from = inner * n, end = from + n, to = row * n; from < end; from++, to++) {
        const w0 = w[from]!;
        const w1 = w[from + n]!;
        const w2 = w[from + 2 * n]!;
        const w3 = w[from + 3 * n]!;
        y[to] = y[to]! + x0 * w0 + x1 * w1 + x2 * w2 + x3 * w3;
        y[to + n] = y[to + n]! + z0 * w0 + z1 * w1 + z2 * w2 + z3 * w3;
      }
    }
    addRow(row, fours);
    addRow(row + 1, fours);
  }
  if (row < m) addRow(row, 0);
}

// The same loops with every product rounded to float32; a sum is when it is stored.
function matmulFloat32(a: ArrayView, b: ArrayView, output: ArrayView): void {
  const [x, w, y] = [a.data as Float32Array, b.data as Float32Array, output.data as Float32Array];
  const [m, k] = a.shape as [number, number];
  const n = b.shape[1]!;
  const round = Math.fround;
  y.fill(0);
  let row = 0;
  for (; row + 4 <= m; row += 4) {
    const [y0, y1, y2, y3] = [row * n, (row + 1) * n, (row + 2) * n, (row + 3) * n];
    for (let inner = 0, at = row * k; inner < k; inner++, at++) {
      const [x0, x1, x2, x3] = [x[at]!, x[at + k]!, x[at + 2 * k]!, x[at + 3 * k]!];
      for (let column = 0, from = inner * n; column < n; column++, from++) {
        const factor = w[from]!;
        y[y0 + column] = y[y0 + column]! + round(x0 * factor);
        y[y1 + column] = y[y1 + column]! + round(x1 * factor);
        y[y2 + column] = y[y2 + column]! + round(x2 * factor);
        y[y3 + column] = y[y3 + column]! + round(x3 * factor);
      }
    }
  }
  for (; row < m; row++) {
    for (let inner = 0; inner < k; inner++) {
      const factor = x[row * k + inner]!;
      for (let column = 0, from = inner * n, to = row * n; column < n; column++, from++, to++)
        y[to] = y[to]! + round(factor * w[from]!);
    }
  }
}
