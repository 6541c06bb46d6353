/**
 * The hyperbolic tangent from e^(−2|x|) − 1, which loses nothing near 0: no polynomial of its own, no branch.
 * Over all 2^32 inputs at most 2.147 units in the last place from the exact value, at x = 0.51978624; 0.025 on average.
 */

import type { Float32Arithmetic } from "./arithmetic.ts";
import { inverseLn2 } from "./coefficients.ts";
import { growthOf, reduce, rounder } from "./exp.ts";

/** tanh x; ±1 beyond ±9.02. tanh ±0 = ±0, NaN for NaN. */
export function tanh<F, I, M>(a: Float32Arithmetic<F, I, M>, x: F): F {
  // The last bits of `sum` are those of n + 127, −2|x| = n·ln 2 + r.
  const z = a.greatest(a.multiplyExactly(a.negativeAbsolute(x), a.constant(2)), a.constant(-20));
  const sum = a.add(a.multiply(z, a.constant(inverseLn2)), a.constant(rounder + 127));
  const n = a.subtractExactly(sum, a.constant(rounder + 127));
  const scale = a.fromBits(a.shiftLeft(a.bits(sum), 23));

  // With e = e^z and d = 1 − e: tanh |x| = d / (1 + e) = d/2 + d/2·(d / (1 + e)), so that the quotient's own rounding
  // counts little where d is small and half where d is 1. Both e and d come from e^r − 1, each rounded at its own size.
  const growth = a.multiplyExactly(scale, growthOf(a, reduce(a, z, n)));
  const e = a.add(scale, growth);
  const d = a.subtract(a.subtract(a.constant(1), scale), growth);
  const half = a.multiplyExactly(d, a.constant(0.5));
  const correction = a.multiply(half, a.divide(d, a.add(a.constant(1), e)));
  return a.withSign(a.add(half, correction), x);
}
