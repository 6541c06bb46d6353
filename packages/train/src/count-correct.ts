/** Right answers, counted inside a compiled program. */

import { cast, equal, sum, type Tensor } from "@nn/tensor";

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
