/** The hyperbolic tangent from e^(−2|x|) − 1, which loses nothing near 0: no polynomial of its own, no branch. */

import type { Float32Arithmetic } from "./arithmetic.ts";
import { inverseLn2 } from "./coefficients.ts";
import { growthOf, reduce } from "./exp.ts";

/** 1.5·2^23, as in `exp`. */
const rounder = 12582912;

/** tanh x; ±1 beyond ±9.01. tanh ±0 = ±0, NaN for NaN. */
export function tanh<F, I, M>(a: Float32Arithmetic<F, I, M>, x: F): F {
  // The last bits of `sum` are those of n + 127, −2|x| = n·ln 2 + r.
  const z = a.greatest(a.multiply(a.absolute(x), a.constant(-2)), a.constant(-20));
  const sum = a.add(a.multiply(z, a.constant(inverseLn2)), a.constant(rounder + 127));
  const n = a.subtract(sum, a.constant(rounder + 127));
  const scale = a.fromBits(a.shiftLeft(a.bits(sum), 23));

  // e^z − 1 = 2^n·(e^r − 1) + (2^n − 1), and tanh |x| = −(e^z − 1) / (2 + (e^z − 1))
  const growth = growthOf(a, reduce(a, z, n));
  const fall = a.add(a.multiply(scale, growth), a.subtract(scale, a.constant(1)));
  return a.withSign(a.divide(a.absolute(fall), a.add(fall, a.constant(2))), x);
}
