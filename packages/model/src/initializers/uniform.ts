/** Uniform numbers in a given range. */

import { ArgumentError } from "@nn/tensor";
import type { Initializer } from "./initializer.ts";

/**
 * Uniform in [low, high): low + (high − low) · u.
 * @throws ArgumentError unless both are finite and `low` ≤ `high`.
 */
export function uniform(low: number, high: number): Initializer {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new ArgumentError({
      operation: "uniform",
      received: `low ${low} and high ${high}`,
      expected: "finite numbers with low ≤ high",
    });
  }
  return {
    kind: "uniform",
    config: { low, high },
    call: `uniform(${low}, ${high})`,
    draw: (random, shape) => random.uniform({ low, high, size: shape }),
  };
}
