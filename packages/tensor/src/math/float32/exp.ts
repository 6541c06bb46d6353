/**
 * The exponential: x = n·ln 2 + r with |r| ≤ ln 2 / 2, and e^x = 2^n·e^r.
 * Over all 2^32 inputs at most 1.006 units in the last place from the exact value, at x = −5.8420258; 0.044 on average.
 */

import type { Float32Arithmetic } from "./arithmetic.ts";
import { growth, inverseLn2, ln2High, ln2Low } from "./coefficients.ts";

const [G0, G1, G2, G3, G4] = growth;

/** 1.5·2^23: added to a small float it rounds that to an integer, which then stands in the last bits of the sum. */
export const rounder = 12582912;

/**
 * e^x over the whole range: +∞ from 88.72284 on, subnormal below −87.33655, 0 below −103.97208.
 * e^±0 = 1, e^−∞ = 0, e^+∞ = +∞, NaN for NaN.
 */
export function exp<F, I, M>(a: Float32Arithmetic<F, I, M>, x: F): F {
  return expNotLarge(a, a.least(x, a.constant(89)));
}

/** As `exp`, with the same bits and one operation less, for x ≤ 89. */
export function expNotLarge<F, I, M>(a: Float32Arithmetic<F, I, M>, x: F): F {
  const clamped = a.greatest(x, a.constant(-105));
  // The last bits of `sum` are those of n + 2·127.
  const sum = a.add(a.multiply(clamped, a.constant(inverseLn2)), a.constant(rounder + 254));
  const n = a.subtractExactly(sum, a.constant(rounder + 254));
  const y = a.add(a.constant(1), growthOf(a, reduce(a, clamped, n)));

  // 2^n in two factors, each normal: only the last product rounds, to a subnormal or to infinity.
  const both = a.bits(sum);
  const half = a.shiftRight(both, 1);
  const first = a.fromBits(a.shiftLeft(half, 23));
  const second = a.fromBits(a.shiftLeft(a.subtractBits(both, half), 23));
  return a.multiply(a.multiplyExactly(y, first), second);
}

/** x − n·ln 2. */
export function reduce<F, I, M>(a: Float32Arithmetic<F, I, M>, x: F, n: F): F {
  const high = a.subtractExactly(x, a.multiplyExactly(n, a.constant(ln2High)));
  return a.subtract(high, a.multiply(n, a.constant(ln2Low)));
}

/** e^r − 1 = r + r²·(1/2 + r/6 + …), |r| ≤ ln 2 / 2. */
export function growthOf<F, I, M>(a: Float32Arithmetic<F, I, M>, r: F): F {
  let p = step(a, a.constant(G4), r, G3);
  p = step(a, p, r, G2);
  p = step(a, p, r, G1);
  p = step(a, p, r, G0);
  return a.add(r, a.multiply(a.multiply(r, r), p));
}

/** sum·x + c, rounded twice: a step of Horner's rule. */
export function step<F, I, M>(a: Float32Arithmetic<F, I, M>, sum: F, x: F, c: number): F {
  return a.add(a.multiply(sum, x), a.constant(c));
}
