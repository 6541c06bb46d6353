/** Which classes are taken for which. */

import { type Tensor, zeros } from "@nn/tensor";
import { checkClassLabel, checkInteger, checkOptions } from "@nn/tensor/arguments";
import { type Labels, pairedValues } from "./labels.ts";

/**
 * Counts (classCount, classCount): row i, column j holds how often class i was predicted to be j.
 * @throws ArgumentError when there are no rows or a class is no integer 0 … classCount − 1. @throws ShapeError when lengths differ.
 * @example confusionMatrix([0, 1, 1], [0, 1, 0], { classCount: 2 }).toArray() // [[1, 0], [1, 1]]
 */
export function confusionMatrix<const K extends number>(
  labels: Labels,
  predicted: Labels,
  options: { readonly classCount: K },
): Tensor<[K, K], "int32"> {
  checkOptions("confusionMatrix", options, { classCount: true });
  const { classCount } = options;
  checkInteger("confusionMatrix", "classCount", classCount, 1, 2 ** 15);
  const [truth, answers] = pairedValues("confusionMatrix", labels, predicted);
  const counts = zeros([classCount, classCount], { dtype: "int32" });
  for (let row = 0; row < truth.length; row++) {
    checkClassLabel("confusionMatrix", "label", truth[row]!, row, classCount);
    checkClassLabel("confusionMatrix", "prediction", answers[row]!, row, classCount);
    counts.data[truth[row]! * classCount + answers[row]!]!++;
  }
  return counts;
}
