// Hyperbolic tangent from the reduction of exp, accurate to the last place without an engine-defined function.

import { countIntervals, exponentOf, growthOf, scaleOf } from "./exp-reduction.ts";
import { powerOfTwo } from "./float-bits.ts";
import { twoProductTail } from "./fma.ts";

/**
 * Returns tanh(x), within 0.55 units in the last place; the same bits on every engine.
 * tanh(±0) = ±0, tanh(±∞) = ±1, tanh(NaN) = NaN; ±1 from |x| = 19.1 on.
 *
 * |x| < 1/16: the Taylor series. Otherwise tanh x = (e^2x − 1) / (e^2x + 1), where e^2x, both sums
 * and the quotient are each carried as a value and its remainder.
 */
export function tanh(x: number): number {
  const size = x < 0 ? -x : x;
  if (size < 3.725290298461914e-9) return x; // 2^-28; keeps −0
  if (size < 0.0625) return tanhSeries(x);
  if (Number.isNaN(x)) return x;
  const result = size < 19.1 ? tanhQuotient(size) : 1;
  return x < 0 ? -result : result;
}

// tanh x = x − x³/3 + 2x⁵/15 − 17x⁷/315 + …
function tanhSeries(x: number): number {
  const x2 = x * x;
  const from9 = 62 / 2835 + x2 * (-1382 / 155925 + x2 * (21844 / 6081075 + x2 * (-929569 / 638512875)));
  return x + x * (x2 * (-1 / 3 + x2 * (2 / 15 + x2 * (-17 / 315 + x2 * from9))));
}

function tanhQuotient(size: number): number {
  const count = countIntervals(2 * size);
  // e^2x = scale + rest, |rest| < scale / 300: the rounding of `rest` is far below the result's last place.
  const scale = scaleOf(count) * powerOfTwo(exponentOf(count));
  const rest = scale * growthOf(2 * size, count);

  const below = scale - 1;
  const above = scale + 1;
  const belowTail = scale - below - 1 + rest;
  const aboveTail = scale - above + 1 + rest;
  const numerator = below + belowTail;
  const denominator = above + aboveTail;
  const numeratorTail = below - numerator + belowTail;
  const denominatorTail = above - denominator + aboveTail;

  const inverse = 1 / denominator;
  const quotient = numerator * inverse;
  const product = quotient * denominator;
  const remainder = numerator - product - twoProductTail(quotient, denominator, product);
  return quotient + (remainder + numeratorTail - quotient * denominatorTail) * inverse;
}
