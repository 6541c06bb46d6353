/** All ones: the usual first value of a scale. */

import { ones as oneTensor } from "@nn/tensor";
import type { Initializer } from "./initializer.ts";

/** Every value 1; draws nothing from the random stream. */
export function ones(): Initializer {
  return { kind: "ones", config: {}, call: "ones()", draw: (_random, shape) => oneTensor(shape, { dtype: "float64" }) };
}
