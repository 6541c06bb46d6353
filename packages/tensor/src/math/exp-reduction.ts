// What exp and tanh share: x = (128·e + j)·ln2/128 + r, hence e^x = 2^e · 2^(j/128) · e^r with |r| ≤ ln2/256.
// Method: P. T. P. Tang, "Table-driven implementation of the exponential function" (1989).

import { integerSquareRoot, toFloat64Pair } from "./fixed-point.ts";

const intervals = 128;
const intervalsPerUnit = 184.6649652337873; // 128 / ln 2
// ln 2 = high + low with 32 bits in `high`: a whole number of intervals times it is exact.
const intervalHigh = 0.6931471803691238 / intervals;
const intervalLow = 1.9082149292705877e-10 / intervals;
const rounder = 6755399441055744; // 1.5·2^52: added and subtracted, it rounds to an integer

/** Entry 2j: 2^(j/128) rounded; entry 2j + 1: what rounding left out, relative to the rounded value. */
const table = buildTable();

/** 128·e + j: the whole number of 128ths of ln 2 nearest to `x`, |x| < 2^20. */
export function countIntervals(x: number): number {
  return x * intervalsPerUnit + rounder - rounder;
}

/** e of an interval count. */
export function exponentOf(count: number): number {
  return (count | 0) >> 7;
}

/** 2^(j/128) rounded to float64, in [1, 2). */
export function scaleOf(count: number): number {
  return table[(count & (intervals - 1)) << 1] as number;
}

/** e^x / (2^e · scale) − 1, in ±0.0028 and within 2^-61: r + r²/2 + … + r⁵/120 + the rounding error of the scale. */
export function growthOf(x: number, count: number): number {
  const r = x - count * intervalHigh - count * intervalLow;
  const scaleTail = table[((count & (intervals - 1)) << 1) + 1] as number;
  const r2 = r * r;
  return scaleTail + r + r2 * (0.5 + r * (1 / 6)) + r2 * r2 * (1 / 24 + r * (1 / 120));
}

function buildTable(): Float64Array {
  const fractionBits = 160;
  const shift = BigInt(fractionBits);
  let ratio = 2n << shift;
  for (let n = intervals; n > 1; n /= 2) ratio = integerSquareRoot(ratio << shift);

  const entries = new Float64Array(2 * intervals);
  let power = 1n << shift;
  for (let j = 0; j < intervals; j++) {
    const { high, low } = toFloat64Pair(power, fractionBits);
    entries[2 * j] = high;
    entries[2 * j + 1] = low / high;
    power = (power * ratio) >> shift;
  }
  return entries;
}
