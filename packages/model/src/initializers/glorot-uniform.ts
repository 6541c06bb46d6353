/** First weights that keep the variance of sigmoid and tanh layers, forward and backward. */

import { fansOf, type Initializer } from "./initializer.ts";

/**
 * Uniform in [−limit, limit), limit = √(6 / (fanIn + fanOut)).
 * Source: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
 */
export function glorotUniform(): Initializer {
  return {
    kind: "glorotUniform",
    config: {},
    call: "glorotUniform()",
    draw(random, shape) {
      const { fanIn, fanOut } = fansOf(shape);
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      return random.uniform({ low: -limit, high: limit, size: shape });
    },
  };
}
