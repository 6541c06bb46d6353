// x = n·π/2 + high + low: the argument reduction of sin and cos.

import { piFixed, toFloat64Pair } from "./fixed-point.ts";
import { fma } from "./fma.ts";

/** Quadrant n mod 4, and the remainder in ±π/4 as a value and its tail. */
export type Reduced = { quadrant: number; high: number; low: number };

const twoOverPi = 0.6366197723675814;
const rounder = 6755399441055744; // 1.5·2^52: added and subtracted, it rounds to an integer
// π/2 in four parts, the first three of them short enough for a whole multiple to be exact in an fma.
const part1 = 1.5707963407039642;
const part2 = -1.3909067564377153e-8;
const part3 = -4.97899623147991e-17;
const part4 = -1.9034889620193266e-25;

/** Reduction of |x| < 105414350 in the C library's own sequence of fused operations, so with its very bits. */
export function reduceModerate(x: number): Reduced {
  const n = fma(x, twoOverPi, rounder) - rounder;
  const y = fma(-n, part2, fma(-n, part1, x));
  const y3 = fma(-n, part3, y);
  const high = fma(-n, part4, y3);
  const low = fma(-part3, n, y - y3) + fma(-part4, n, y3 - high);
  return { quadrant: n & 3, high, low };
}

const fractionBits = 1200; // 1024 of the largest exponent, 53 of the argument, 120 to cancel and to keep

let constants: { pi: bigint; inverse: bigint } | undefined;

/** Reduction of a finite |x| ≥ 2^25, correct in every bit: with 1200 bits of 2/π (Payne and Hanek, 1983). */
export function reduceHuge(x: number): Reduced {
  constants ??= buildConstants();
  // 2^27·x as an integer: the last bit of x is worth at least 2^-27.
  const scaled = Number.isInteger(x) ? BigInt(x) << 27n : BigInt(x * 134217728);
  const turns = scaled * constants.inverse;
  const shift = BigInt(fractionBits + 27);
  const n = (turns + (1n << (shift - 1n))) >> shift;
  const rest = (turns - (n << shift)) * constants.pi;
  const keptBits = 300;
  const { high, low } = toFloat64Pair(rest >> (shift + 1n + BigInt(fractionBits - keptBits)), keptBits);
  return { quadrant: Number(n & 3n), high, low };
}

function buildConstants(): { pi: bigint; inverse: bigint } {
  const pi = piFixed(fractionBits + 20) >> 20n;
  return { pi, inverse: (1n << BigInt(2 * fractionBits + 1)) / pi };
}
