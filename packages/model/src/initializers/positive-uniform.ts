/** The workshop's first weights: positive, and smaller the more inputs a unit has. */

import { divide } from "@nn/tensor";
import { fansOf, type Initializer } from "./initializer.ts";

/** u / √fanIn with u uniform in [0, 1): NumPy's `np.random.rand(fan_in, fan_out) / np.sqrt(fan_in)`, number for number. */
export function positiveUniform(): Initializer {
  return {
    kind: "positiveUniform",
    config: {},
    call: "positiveUniform()",
    draw: (random, shape) => divide(random.rand(...shape), Math.sqrt(fansOf(shape).fanIn)),
  };
}
