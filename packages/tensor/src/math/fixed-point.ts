// Fixed-point numbers in bigint: value · 2^-fractionBits.
// For constants and tables built once to more digits than float64 holds; far too slow for anything else.

import { powerOfTwo } from "./float-bits.ts";

/** Nearest float64 (ties to even) to value · 2^-fractionBits; the result must be a normal number or 0. */
export function toFloat64(value: bigint, fractionBits: number): number {
  return Number(value) * powerOfTwo(-fractionBits);
}

/** A number as the unevaluated sum high + low: `high` is nearest to it, `low` nearest to what remains. */
export function toFloat64Pair(value: bigint, fractionBits: number): { high: number; low: number } {
  const rounded = BigInt(Number(value));
  return { high: toFloat64(value, fractionBits), low: toFloat64(value - rounded, fractionBits) };
}

/** sin(x) and cos(x) by their Taylor series, for |x| ≤ 1; a few units in the last bit off. */
export function sinCosFixed(x: bigint, fractionBits: number): { sin: bigint; cos: bigint } {
  const shift = BigInt(fractionBits);
  let sin = 0n;
  let cos = 0n;
  let term = 1n << shift;
  for (let n = 0n; term !== 0n; n++) {
    const sign = n % 4n < 2n ? 1n : -1n;
    if (n % 2n === 0n) cos += sign * term;
    else sin += sign * term;
    term = ((term * x) / (n + 1n)) >> shift;
  }
  return { sin, cos };
}

/** π by Machin's formula, π = 16·arctan(1/5) − 4·arctan(1/239); exact to about the last 10 bits. */
export function piFixed(fractionBits: number): bigint {
  const one = 1n << BigInt(fractionBits);
  return 16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one);
}

// arctan(1/n) = Σ (−1)^k / ((2k+1)·n^(2k+1))
function arctanOfInverse(n: bigint, one: bigint): bigint {
  let sum = 0n;
  let power = one / n;
  for (let k = 0n; power !== 0n; k++) {
    sum += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
    power /= n * n;
  }
  return sum;
}

/** ⌊√value⌋ of a positive integer, by Newton's iteration from above. */
export function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
