/** The loss of numbers that outliers pull at with a bounded force. */

import { abs, add, minimum, multiply, type Shape, square, subtract, type Tensor } from "@nn/tensor";
import { checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import { defineLoss, type Loss, type ReductionOption } from "./loss.ts";
import { checkValues, difference, rowMean, type ValuesRule } from "./values-rule.ts";

export interface HuberOptions extends ReductionOption {
  /** δ, the difference from which the loss is linear: finite and above 0; default 1. */
  readonly delta?: number;
}

/**
 * d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2), with d = output − target; the mean over the elements of a row, as in PyTorch and
 * Keras. Outputs and targets (N, …shape).
 * @throws ArgumentError unless `delta` is finite and above 0.
 * Source: P. Huber, "Robust estimation of a location parameter" (1964).
 * @example huber({ delta: 2 })
 */
export function huber(options: HuberOptions = {}): Loss<"huber()", ValuesRule> {
  const call = "huber()";
  checkOptions(call, options, { delta: true, reduction: true });
  const { delta = 1, reduction = "mean" } = options;
  checkFiniteNumber(call, "delta", delta, { above: 0 });
  return defineLoss({
    kind: "huber",
    call,
    config: { delta, reduction },
    reduction,
    check: checkValues,
    perRow(outputs, targets) {
      const distance = abs(difference(call, outputs, targets));
      // q² / 2 + δ (|d| − q) with q = min(|d|, δ): no branch whose square could overflow.
      const near = minimum(distance, delta) as typeof distance;
      const far = subtract(distance, near) as typeof distance;
      return rowMean(add(multiply(square(near), 0.5), multiply(far, delta)) as Tensor<Shape, typeof outputs.dtype>);
    },
  });
}
