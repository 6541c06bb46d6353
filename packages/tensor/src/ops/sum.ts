/** The sum along axes. */

import type { DType, FloatDType } from "../dtype.ts";
import type { Valid } from "../errors.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
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
    const offsetOf = broadcastOffsets(output.shape, x!.shape);
    const rowLength = x!.shape.at(-1) ?? 1;
    const stride = output.shape.at(-1) === 1 || output.shape.length === 0 ? 0 : 1;
    for (let row = 0, i = 0; i < from.length; row++) {
      let target = offsetOf(row);
      for (const end = i + rowLength; i < end; i++, target += stride) to[target] = to[target]! + from[i]!;
    }
  },
  derivative: ({ inputs, dOutput }) => [broadcastTo(dOutput, inputs[0]!.shape)],
};

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
 * addition. The sum of uint8 is int32; over no elements it is 0.
 * @throws ArgumentError for an axis that `x` does not have.
 */
export const sum: SumFunction = ((x: Tensor, options: ReductionOptions = {}) => {
  checkTensor("sum", x);
  const axes = reductionAxes("sum", x.shape, options);
  const kept = applyOp(sumOp, [x], { axes });
  return options.keepDims ? kept : reshape(kept, droppedShape(x.shape, axes));
}) as SumFunction;
