/** Uniform numbers in a given range. */

import { checkFiniteNumber } from "@nn/tensor/arguments";
import type { Initializer } from "./initializer.ts";

/**
 * Uniform in [low, high): low + (high − low) · u.
 * @throws ArgumentError unless both are finite and `low` ≤ `high`.
 */
export function uniform(low: number, high: number): Initializer {
  checkFiniteNumber("uniform", "low", low);
  checkFiniteNumber("uniform", "high", high, { atLeast: low });
  return {
    call: `uniform(${low}, ${high})`,
    draw: (random, shape) => random.uniform({ low, high, size: shape }),
  };
}
