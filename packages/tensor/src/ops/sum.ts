/** The sum along axes. */

import type { DType, FloatDType } from "../dtype.ts";
import { ArgumentError, type Valid } from "../errors.ts";
import type { Node } from "../graph/graph.ts";
import { type ArrayView, applyOp, checkTensor, type Op } from "../op.ts";
import type { Shape, ShapeOr } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastOffsets } from "./broadcast-offsets.ts";
import { broadcastTo } from "./broadcast-to.ts";
import { droppedShape, keptShape, type Reduced, type ReductionOptions, reductionAxes } from "./reduction.ts";
import { reshape } from "./reshape.ts";

interface SumAttributes {
  readonly axes: readonly number[];
}

const sumOp: Op<SumAttributes> = {
  name: "sum",
  infer: ([x], { axes }) => ({
    shape: keptShape(x!.shape, axes),
    dtype: x!.dtype === "uint8" ? "int32" : x!.dtype,
  }),
  run([x], output) {
    const from = x!.data;
    const to = output.data;
    to.fill(0);
    // How often each integer sum has left the range upwards, less how often downwards: the exact sum fits if 0 is left.
    const wraps = output.dtype === "int32" ? new Int32Array(to.length) : undefined;
    const offsetOf = broadcastOffsets(output.shape, x!.shape);
    const rowLength = x!.shape.at(-1) ?? 1;
    const stride = output.shape.at(-1) === 1 || output.shape.length === 0 ? 0 : 1;
    for (let row = 0, i = 0; i < from.length; row++) {
      let target = offsetOf(row);
      const end = i + rowLength;
      if (wraps === undefined) {
        for (; i < end; i++, target += stride) to[target] = to[target]! + from[i]!;
      } else {
        for (; i < end; i++, target += stride) {
          const exact = to[target]! + from[i]!;
          to[target] = exact;
          if (exact !== to[target]) wraps[target] = wraps[target]! + Math.sign(exact);
        }
      }
    }
    if (wraps !== undefined) checkRange(wraps, x!, output);
  },
  derivative: ({ inputs, dOutput }) => [broadcastTo(dOutput, inputs[0]!.shape)],
};

/** Throws unless every sum has left the range of int32 upwards as often as downwards. */
function checkRange(wraps: Int32Array, { dtype }: ArrayView, { data }: ArrayView): void {
  const position = wraps.findIndex((count) => count !== 0);
  if (position === -1) return;
  throw new ArgumentError({
    operation: "sum",
    received: `elements in ${dtype} whose sum is ${data[position]! + wraps[position]! * 2 ** 32}`,
    expected: "a sum that int32 holds, from -2147483648 to 2147483647",
    fix: 'Convert with cast(x, "float64").',
  });
}

/**
 * Whether a sum of `count` elements of a value may leave the range of int32, as far as its type and origin tell. Sums of
 * comparisons and of uint8 are mostly too short for it.
 */
export function sumMayOverflow(count: number, { dtype, op, inputs }: Node): boolean {
  if (dtype === "uint8") return count * 255 > 0x7fffffff;
  if (dtype !== "int32") return false;
  return op?.name === "cast" && inputs[0]!.dtype === "uint8" ? sumMayOverflow(count, inputs[0]!) : true;
}

/** The sum as users call it: uint8 is counted in int32. */
export interface SumFunction {
  <S extends Shape, D extends FloatDType | "int32", const Options extends ReductionOptions = Record<never, never>>(
    x: Tensor<S, D>,
    options?: Options & Valid<Reduced<"sum", S, Options>>,
  ): Tensor<ShapeOr<Reduced<"sum", S, Options>>, D>;
  <S extends Shape, D extends DType, const Options extends ReductionOptions = Record<never, never>>(
    x: Tensor<S, D>,
    options?: Options & Valid<Reduced<"sum", S, Options>>,
  ): Tensor<ShapeOr<Reduced<"sum", S, Options>>, D extends "uint8" ? "int32" : D>;
}

/**
 * Σ x along `axis` (default all): each sum runs over its elements in row-major order, rounded to the dtype after every
 * addition. Over no elements it is 0.
 *
 * One running sum in float32 loses what is below 2⁻²⁴ of it: a million elements of 0.1 add up to 100,958.3, and ones stop
 * counting at 2²⁴. Sum more than some ten thousand elements in float64: `sum(cast(x, "float64"))`.
 *
 * The sum of uint8 is int32, and so is that of int32. It is exact or an error: there is no int64 to hold what int32 does
 * not. Sums that pass the range on the way and come back are no error.
 * @throws ArgumentError for an axis that `x` does not have, and when a sum of integers is outside −2³¹ … 2³¹ − 1; a compiled
 * function throws that when it runs.
 */
export const sum: SumFunction = ((x: Tensor, options: ReductionOptions = {}) => {
  checkTensor("sum", x);
  const axes = reductionAxes("sum", x.shape, options);
  const kept = applyOp(sumOp, [x], { axes });
  return options.keepDims ? kept : reshape(kept, droppedShape(x.shape, axes));
}) as SumFunction;
