/** The share of right answers. */

import { checkClassLabel } from "@nn/tensor/arguments";
import { type Labels, pairedValues } from "./labels.ts";

/**
 * The share of rows, 0 … 1, whose predicted class is the label's.
 * @throws ArgumentError when there are no rows or a class is no integer from 0. @throws ShapeError when lengths differ.
 * @example accuracy([0, 1, 1, 2], [0, 1, 2, 2]) // 0.75
 */
export function accuracy(labels: Labels, predicted: Labels): number {
  const [truth, answers] = pairedValues("accuracy", labels, predicted);
  let correct = 0;
  for (let row = 0; row < truth.length; row++) {
    checkClassLabel("accuracy", "label", truth[row]!, row);
    checkClassLabel("accuracy", "prediction", answers[row]!, row);
    if (truth[row] === answers[row]) correct++;
  }
  return correct / truth.length;
}
