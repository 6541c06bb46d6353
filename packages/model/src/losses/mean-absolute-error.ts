/** The loss of numbers: the absolute difference. */

import { abs } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { defineLoss, type Loss, type ReductionOption } from "./loss.ts";
import { checkValues, difference, rowMean, type ValuesRule } from "./values-rule.ts";

/** |output − target|, the mean over the elements of a row; outputs and targets (N, …shape). */
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
    perRow: (outputs, targets) => rowMean(abs(difference(call, outputs, targets))),
  });
}
