/** The loss of numbers: the squared difference. */

import { square } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { defineLoss, type Loss, type ReductionOption } from "./loss.ts";
import { checkValues, difference, rowMean, type ValuesRule } from "./values-rule.ts";

/**
 * (output − target)², the mean over the elements of a row; outputs and targets (N, …shape). The mean over the rows is the
 * mean over all elements, as in PyTorch and Keras; scikit-learn's networks halve it.
 */
export function meanSquaredError(options: ReductionOption = {}): Loss<"meanSquaredError()", ValuesRule> {
  const call = "meanSquaredError()";
  checkOptions(call, options, { reduction: true });
  const { reduction = "mean" } = options;
  return defineLoss({
    kind: "meanSquaredError",
    call,
    config: { reduction },
    reduction,
    check: checkValues,
    perRow: (outputs, targets) => rowMean(square(difference(call, outputs, targets))),
  });
}
