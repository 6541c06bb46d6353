/** From a model's outputs to the classes that it says: what `classify`, `fit` and `evaluate` share. */

import { argmax, cast, type FloatDType, greater, reshape, type Shape, type Tensor } from "@nn/tensor";
import { checkIsTensor } from "@nn/tensor/arguments";
import type { Model } from "./contract/model.ts";

/** Above which an output says yes: 0 for a logit, ½ for a probability. */
export function thresholdOf({ probabilities }: Pick<Model, "probabilities">): number {
  return probabilities ? 0.5 : 0;
}

/**
 * The class of each row, int32 (N), that `outputs` (N, K) of `model` say: the index of the largest; of a single one, 1 where
 * it is above 0 (a logit) or, where the model ends with a layer of probabilities such as `sigmoid()`, above ½.
 */
export function predictedClasses(
  model: Pick<Model, "probabilities">,
  outputs: Tensor<Shape, FloatDType>,
): Tensor<[number], "int32"> {
  checkIsTensor("predictedClasses", "outputs", outputs);
  const [rows, columns] = outputs.shape as readonly [number, number];
  if (columns !== 1) return argmax(outputs, { axis: 1 }) as Tensor<[number], "int32">;
  return cast(reshape(greater(outputs, thresholdOf(model)), [rows]), "int32");
}
