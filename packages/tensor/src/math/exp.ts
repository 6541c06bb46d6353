// e^x for training loops: one table look-up and a degree-5 polynomial, no division, no engine-defined function.

import { countIntervals, exponentOf, growthOf, scaleOf } from "./exp-reduction.ts";
import { powerOfTwo } from "./float-bits.ts";

/**
 * Returns e^x, within 0.52 units in the last place (1 where the result is subnormal); the same bits on every engine.
 * exp(−∞) = 0, exp(+∞) = +∞, exp(NaN) = NaN; +∞ above 709.782712893384, 0 below −745.1332191019411.
 */
export function exp(x: number): number {
  if (!(x > -708 && x < 709)) return expFarOut(x);
  const count = countIntervals(x);
  const scale = scaleOf(count);
  return (scale + scale * growthOf(x, count)) * powerOfTwo(exponentOf(count));
}

function expFarOut(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  if (Number.isNaN(x)) return x;
  const count = countIntervals(x);
  const scale = scaleOf(count);
  // The power itself may lie outside the normal range: apply it in two halves.
  const half = exponentOf(count) >> 1;
  return (scale + scale * growthOf(x, count)) * powerOfTwo(half) * powerOfTwo(exponentOf(count) - half);
}
