/** What metrics take: class numbers, in an array or a tensor. */

import { ArgumentError, type Shape, ShapeError, type Tensor } from "@nn/tensor";
import { classLabels } from "@nn/tensor/arguments";

/** One class number a row. */
export type Labels = ArrayLike<number> | Tensor<Shape>;

/** Labels and predictions as arrays. @throws ShapeError unless they are equally long. @throws ArgumentError when empty. */
export function pairedValues(
  operation: string,
  labels: Labels,
  predicted: Labels,
): readonly [labels: ArrayLike<number>, predicted: ArrayLike<number>] {
  const pair = [classLabels(operation, "labels", labels), classLabels(operation, "predictions", predicted)] as const;
  const [{ length }, { length: predictedLength }] = pair;
  if (length !== predictedLength) {
    throw new ShapeError({
      operation,
      received: `${length} labels and ${predictedLength} predictions`,
      expected: "one prediction for each label",
    });
  }
  if (length === 0) {
    throw new ArgumentError({ operation, received: "no labels", expected: "at least one label with its prediction" });
  }
  return pair;
}
