// Natural logarithm, bit for bit that of the C library on x86-64 Linux with fused multiply-add: checked with glibc 2.36,
// whose method and constants are those of 2.28 and later.
//
// Why not correctly rounded: NumPy's normal draws call the C library, whose log is off by up to 0.52 units in the
// last place; we promise NumPy's numbers. That library evaluates with hardware fma, which JavaScript lacks.
// So each branch computes high + low plainly with a bound on what fma could change in `low`; only where that
// bound reaches the rounding of the sum (3 calls in 1000 over (0, 1)) is the fma sequence itself replayed.

import { highWord, powerOfTwo } from "./float-bits.ts";
import { fma, twoProductTail } from "./fma.ts";
import { awayFromOne, inversesAndLogs, ln2High, ln2Low, nearOne } from "./log-table.ts";

const [A0, A1, A2, A3, A4] = awayFromOne;
const [B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10] = nearOne;
const table = Float64Array.from(inversesAndLogs);
const rangeStart = 0x3fe60000; // upper word of 0.6875
const mayDiffer = 1.7763568394002505e-15; // 2^-49: 16 roundings

/**
 * Returns ln(x), within 0.52 units in the last place; the same bits on every engine.
 * log(±0) = −∞, log(+∞) = +∞, log(x < 0) = log(NaN) = NaN.
 *
 * x = 2^k·z, c the tabulated point near z:  ln x = k·ln2 + ln c + ln(1 + r),  r = z/c − 1.
 * Method and constants: Arm's optimized routines (2018).
 */
export function log(x: number): number {
  if (x >= 0.9375 && x < 1.064697265625) return logNearOne(x);
  if (x >= 2.2250738585072014e-308 && x < Infinity) return logOfScaled(x, 0);
  if (x > 0 && x < Infinity) return logOfScaled(x * 4503599627370496, -52);
  if (x === 0) return -Infinity;
  return x > 0 ? x : Number.NaN;
}

// ln(x · 2^exponent), x normal
function logOfScaled(x: number, exponent: number): number {
  const offset = (highWord(x) - rangeStart) | 0;
  const k = offset >> 20;
  const entry = ((offset >> 13) & 127) << 1;
  const z = x * powerOfTwo(-k);
  const inverse = table[entry] as number;

  // fma(z, 1/c, −1): the product is close to 1, so subtracting 1 is exact and adding the tail rounds once.
  const product = z * inverse;
  const r = product - 1 + twoProductTail(z, inverse, product);

  const shift = k + exponent;
  const base = shift * ln2High + (table[entry + 1] as number);
  const high = base + r;
  const highTail = base - high + r;
  const r2 = r * r;
  const low = highTail + shift * ln2Low + r2 * A0 + r * r2 * (A1 + r * A2 + r2 * (A3 + r * A4));
  const margin = 2.7105054312137611e-20; // 2^-65 ≥ 16 roundings of r²/2 < 2^-17
  const result = high + (low - margin);
  return result === high + (low + margin) ? result : sumAway(r, r2, high, highTail, shift);
}

function sumAway(r: number, r2: number, high: number, highTail: number, shift: number): number {
  const low = fma(r2, A0, fma(shift, ln2Low, highTail));
  const p = fma(fma(r, A4, A3), r2, fma(A2, r, A1));
  return high + fma(r * r2, p, low);
}

function logNearOne(x: number): number {
  const r = x - 1;
  const r2 = r * r;
  const r3 = r * r2;
  // r − r²/2 as high + low, from the upper 26 bits of r, whose square is exact.
  const scaled = r * 134217728;
  const rHigh = r + scaled - scaled;
  const square = rHigh * rHigh * B0;
  const high = r + square;
  const highTail = r - high + square;
  const cross = B0 * (r - rHigh);

  const p = B1 + r * B2 + r2 * B3 + r3 * (B4 + r * B5 + r2 * B6 + r3 * (B7 + r * B8 + r2 * B9 + r3 * B10));
  const low = cross * (rHigh + r) + highTail + r3 * p;
  const margin = mayDiffer * (Math.abs(r3) + Math.abs(highTail) + r2 * 5.9604644775390625e-8);
  const result = high + (low - margin);
  return result === high + (low + margin) ? result : sumNear(r, r2, r3, high, fma(cross, rHigh + r, highTail));
}

function sumNear(r: number, r2: number, r3: number, high: number, low: number): number {
  const p7 = fma(r3, B10, fma(r2, B9, fma(B8, r, B7)));
  const p4 = fma(p7, r3, fma(r2, B6, fma(B5, r, B4)));
  const p1 = fma(p4, r3, fma(r2, B3, fma(B2, r, B1)));
  return high + fma(p1, r3, low);
}
