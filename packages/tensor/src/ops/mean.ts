/** The mean along axes. */

import { checkFloat, checkTensor } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { divide } from "./arithmetic.ts";
import { type FloatReductionFunction, type ReductionOptions, reductionAxes } from "./reduction.ts";
import { sum } from "./sum.ts";

/**
 * The mean along `axis` (default all): the sum divided by the number of elements; NaN over none.
 *
 * The sum is one running sum in the dtype of `x` (see `sum`). In float32 it is off by 1 % over a million elements of 0.1,
 * and the mean of 2²⁵ ones is 0.5. Take the mean of more than some ten thousand elements in float64, as the mean of all
 * pixels of a data set: `mean(cast(x, "float64"))`.
 * @throws DTypeError unless `x` is float32 or float64. @throws ArgumentError for an axis that `x` does not have.
 */
export const mean: FloatReductionFunction<"mean"> = ((x: Tensor, options: ReductionOptions = {}) => {
  checkTensor("mean", x);
  checkFloat("mean", x);
  const axes = reductionAxes("mean", x.shape, options);
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return divide(sum(x, options), count);
}) as FloatReductionFunction<"mean">;
