/** First weights that keep the variance of relu layers, normal. */

import { fansOf, type Initializer } from "./initializer.ts";

/**
 * Normal with mean 0 and standard deviation √(2 / fanIn).
 * Source: K. He et al., "Delving deep into rectifiers" (2015).
 */
export function heNormal(): Initializer {
  return {
    kind: "heNormal",
    config: {},
    call: "heNormal()",
    draw: (random, shape) => random.normal({ scale: Math.sqrt(2 / fansOf(shape).fanIn), size: shape }),
  };
}
