/** How far numbers are off, in their own unit. */

import { meanSquaredError, type ValuesRule } from "@nn/model";
import { defineMetric, type Metric, rowMean } from "./metric.ts";

/**
 * √(Σ (output − target)² / n) over all elements of all rows, weighted where the rows are; at least 0, the less the better.
 * scikit-learn takes the mean of the roots where a row has several outputs; Keras, as here, the root of the mean.
 * @example fit(model, train, { …, metrics: { rmse: rootMeanSquaredError() } })
 */
export function rootMeanSquaredError(): Metric<"rootMeanSquaredError()", ValuesRule> {
  const { check, perRow } = meanSquaredError();
  const mean = rowMean("squares");
  return defineMetric({
    kind: "rootMeanSquaredError",
    call: "rootMeanSquaredError()",
    direction: "minimize",
    check,
    observe: ({ outputs, targets }) => ({ squares: perRow(outputs, targets) }),
    ...mean,
    result: (state) => Math.sqrt(mean.result(state)),
  });
}
