/** Sum and mean along axes. */

import { applyOp, checkFloat, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { divide } from "./arithmetic.ts";
import { broadcastTo } from "./broadcast-to.ts";
import { broadcastOffsets } from "./elementwise.ts";
import { droppedShape, keptShape, type ReductionFunction, type ReductionOptions, reductionAxes } from "./reduction.ts";
import { reshape } from "./reshape.ts";

interface SumAttributes {
  readonly axes: readonly number[];
}

const sumOp: Op<SumAttributes> = {
  name: "sum",
  infer: ([x], { axes }) => ({ shape: keptShape(x!.shape, axes), dtype: x!.dtype }),
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

/** Σ x along `axis`: each sum runs over its elements in row-major order, rounded to the dtype after every addition. */
export const sum: ReductionFunction = ((x: Tensor, options: ReductionOptions = {}) => {
  const axes = reductionAxes("sum", x.shape.length, options);
  const kept = applyOp(sumOp, [x], { axes });
  return options.keepDims ? kept : reshape(kept, droppedShape(x.shape, axes));
}) as ReductionFunction;

/** The mean along `axis`: the sum divided by the number of elements; NaN over none. */
export const mean: ReductionFunction = ((x: Tensor, options: ReductionOptions = {}) => {
  checkFloat("mean", x);
  const axes = reductionAxes("mean", x.shape.length, options);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return divide(sum(x, options) as Tensor, count);
}) as ReductionFunction;
