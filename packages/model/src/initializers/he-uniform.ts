/** First weights that keep the variance of relu layers, uniform. */

import { fansOf, type Initializer } from "./initializer.ts";

/**
 * Uniform in [−limit, limit), limit = √(6 / fanIn).
 * Source: K. He et al., "Delving deep into rectifiers" (2015).
 */
export function heUniform(): Initializer {
  return {
    kind: "heUniform",
    config: {},
    call: "heUniform()",
    draw(random, shape) {
      const limit = Math.sqrt(6 / fansOf(shape).fanIn);
      return random.uniform({ low: -limit, high: limit, size: shape });
    },
  };
}
