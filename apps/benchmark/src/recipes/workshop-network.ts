/** What the two recipes on the workshop's `NeuralNet` share. */

import type { NeuralNet } from "@nn/model";
import type { Tensor } from "@nn/tensor";

/** The parameters under the workshop's names, for the weights file. */
export function parametersOf({
  W1,
  b1,
  W2,
  b2,
}: NeuralNet): Record<"W1" | "b1" | "W2" | "b2", Tensor<[number, number], "float64">> {
  return { W1, b1, W2, b2 };
}
