// Fused multiply-add in plain float64 arithmetic.
// Slow (about 40 operations): for the places that must reproduce results computed with a hardware fma.

import { lowWord, neighbour } from "./float-bits.ts";

const splitter = 134217729; // 2^27 + 1

/**
 * Returns a·b + c rounded once, to nearest even.
 *
 * Valid while nothing overflows and no product's tail is subnormal: |a|, |b| < 2^996, |a·b| and |c| < 2^1020,
 * and a·b is 0 or at least 2^-960 in magnitude. A zero result has the sign of a·b + c computed plainly.
 *
 * Source: S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
 * rounding to odd" (2008); exact product after T. J. Dekker (1971), exact sum after D. E. Knuth.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const productTail = twoProductTail(a, b, product);

  const inner = c + productTail;
  const innerTail = twoSumTail(c, productTail, inner);
  const outer = product + inner;
  const outerTail = twoSumTail(product, inner, outer);
  return outer + addRoundingToOdd(innerTail, outerTail);
}

/** a·b − fl(a·b), exactly; `product` is fl(a·b). Range as for {@link fma}. */
export function twoProductTail(a: number, b: number, product: number): number {
  const aScaled = splitter * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = splitter * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** a + b − fl(a + b), exactly; `sum` is fl(a + b). */
function twoSumTail(a: number, b: number, sum: number): number {
  const bPart = sum - a;
  return a - (sum - bPart) + (b - bPart);
}

// An inexact sum gets the neighbour whose last fraction bit is 1: no second rounding can then land on a false tie.
function addRoundingToOdd(a: number, b: number): number {
  const sum = a + b;
  const tail = twoSumTail(a, b, sum);
  if (tail === 0 || (lowWord(sum) & 1) === 1) return sum;
  return neighbour(sum, tail > 0 === sum > 0);
}
