/** From a model's outputs to the classes that it says: what `classify`, `fit` and `evaluate` share. */

import { argmax, cast, type FloatDType, greater, reshape, type Shape, type Tensor } from "@nn/tensor";
import { checkIsTensor } from "@nn/tensor/arguments";
import type { Sequential } from "./sequential.ts";

/**
 * The class of each row, int32 (N), that `outputs` (N, K) of `model` say: the index of the largest; of a single one, 1 where
 * it is above 0 (a logit) or, where the model ends with a layer of probabilities such as `sigmoid()`, above ½.
 */
export function predictedClasses(
  model: Pick<Sequential, "layers">,
  outputs: Tensor<Shape, FloatDType>,
): Tensor<[number], "int32"> {
  checkIsTensor("predictedClasses", "outputs", outputs);
  const [rows, columns] = outputs.shape as readonly [number, number];
  if (columns !== 1) return argmax(outputs, { axis: 1 }) as Tensor<[number], "int32">;
  const threshold = model.layers.at(-1)?.layer.probabilities ? 0.5 : 0;
  return cast(reshape(greater(outputs, threshold), [rows]), "int32");
}
