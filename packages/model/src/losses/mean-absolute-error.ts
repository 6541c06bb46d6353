/** The loss of numbers: the absolute difference. */

import { abs, equal, type Shape, type Tensor, where, zerosLike } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { defineLoss, type Loss, type ReductionOption } from "./loss.ts";
import { checkValues, difference, rowMean, type ValuesRule } from "./values-rule.ts";

/**
 * |output − target|, the mean over the elements of a row; outputs and targets (N, …shape). Its derivative is 0 where they are
 * equal, as in PyTorch.
 */
export function meanAbsoluteError(options: ReductionOption = {}): Loss<"meanAbsoluteError()", ValuesRule> {
  const call = "meanAbsoluteError()";
  checkOptions(call, options, { reduction: true });
  const { reduction = "mean" } = options;
  return defineLoss({
    kind: "meanAbsoluteError",
    call,
    config: { reduction },
    reduction,
    check: checkValues,
    perRow(outputs, targets) {
      const error = difference(call, outputs, targets);
      // `abs` has the slope 1 at 0.
      return rowMean(where(equal(error, 0) as Tensor<Shape, "uint8">, zerosLike(error), abs(error)));
    },
  });
}
