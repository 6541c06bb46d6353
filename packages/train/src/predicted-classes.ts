/** From a model's outputs to the classes that it says. */

import { argmax, cast, equal, type FloatDType, greater, reshape, type Shape, sum, type Tensor } from "@nn/tensor";

/**
 * The class of each row, in int32 (N): the largest of its K outputs; of a single one, a logit, class 1 where it is above 0.
 * Outputs (N, K) may be logits or, for K above 1, probabilities.
 */
export function predictedClasses(outputs: Tensor<Shape, FloatDType>): Tensor<[number], "int32"> {
  const [rows, columns] = outputs.shape as readonly [number, number];
  if (columns === 1) return cast(reshape(greater(outputs, 0), [rows]), "int32");
  return argmax(outputs as Tensor<[number, number]>, { axis: -1 }) as Tensor<[number], "int32">;
}

/** How many of `predicted` (N) are the `labels` (N): a scalar in int32. */
export function countCorrect(
  predicted: Tensor<[number], "int32">,
  labels: Tensor<readonly [number], "uint8">,
): Tensor<[], "int32"> {
  return sum(cast(equal(predicted, cast(labels, "int32") as Tensor<[number], "int32">), "int32")) as Tensor<
    [],
    "int32"
  >;
}
