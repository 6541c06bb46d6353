/** All zeros: the usual first value of a bias. */

import { zeros as zeroTensor } from "@nn/tensor";
import type { Initializer } from "./initializer.ts";

/** Every value 0; draws nothing from the random stream. */
export function zeros(): Initializer {
  return {
    kind: "zeros",
    config: {},
    call: "zeros()",
    draw: (_random, shape) => zeroTensor(shape, { dtype: "float64" }),
  };
}
