import { expect, test } from "vitest";
import { toFloat64 } from "./fixed-point.ts";
import { fma } from "./fma.ts";

const fractionBits = 200;
const toFixed = (x: number): bigint => BigInt(x * 2 ** 100) << BigInt(fractionBits - 100);

/** a·b + c of multiples of 2^-100 in exact integers, rounded once. */
function exactFma(a: number, b: number, c: number): number {
  return toFloat64(((toFixed(a) * toFixed(b)) >> BigInt(fractionBits)) + toFixed(c), fractionBits);
}

const below1 = 1 - 2 ** -53;
const above1 = 1 + 2 ** -52;

test.each([
  ["a plain sum", 3, 4, 5],
  ["an exact zero", 3, 4, -12],
  ["only the product's tail left", above1, above1, -(1 + 2 ** -51)],
  ["a tie broken upwards by the tail", 2 ** -53, above1, 1],
  ["a tie broken downwards by the tail", 2 ** -53, below1, 1],
  ["an exact tie to even", 2 ** -53, 1, 1],
  ["an exact tie to even, upwards", 2 ** -53, 1, above1],
  ["a sum below a power of two", -(2 ** -54), above1, 1],
  ["a negative tie broken by the tail", -(2 ** -53), above1, -1],
  ["a negligible product", 2 ** -40, 2 ** -40, 1e9],
  ["a negligible summand", 1e9, 1e9, 2 ** -60],
  ["zero times anything", 0, 5, -7],
])("rounds %s once", (_, a, b, c) => {
  expect(fma(a, b, c)).toBe(exactFma(a, b, c));
});

test("agrees with exact arithmetic on numbers whose parts cancel", () => {
  const wrong: number[][] = [];
  for (let i = 1; i <= 5000; i++) {
    const a = 1 + ((i * 0.6180339887498949) % 1);
    const b = 1 + ((i * 0.7548776662466927) % 1);
    const c = -(a * b) * (1 + (i % 7) * 2 ** -(i % 60));
    if (fma(a, b, c) !== exactFma(a, b, c)) wrong.push([a, b, c]);
  }
  expect(wrong).toEqual([]);
});
