import { expect, test } from "vitest";
import { ulpDistance } from "./ulp-distance.ts";

const { EPSILON, MIN_VALUE, MAX_VALUE, NaN: nan, POSITIVE_INFINITY: infinity } = Number;

test.each([
  [1, 1, "float64", 0],
  [1, 1 + EPSILON, "float64", 1],
  [1, 1 - EPSILON / 2, "float64", 1],
  [-1, -1 - EPSILON, "float64", 1],
  [0, -0, "float64", 0],
  [-MIN_VALUE, MIN_VALUE, "float64", 2],
  [MAX_VALUE, infinity, "float64", 1],
  [1, 2, "float64", 2 ** 52],
  [nan, nan, "float64", 0],
  [nan, 1, "float64", infinity],
  [1, nan, "float64", infinity],
  [1, 1 + 2 ** -23, "float32", 1],
  [1, 1 + EPSILON, "float32", 0],
  [-(2 ** -149), 2 ** -149, "float32", 2],
  [1, 2, "float32", 2 ** 23],
] as const)("%d and %d in %s are %d apart", (a, b, dtype, distance) => {
  expect(ulpDistance(a, b, dtype)).toBe(distance);
  expect(ulpDistance(b, a, dtype)).toBe(distance);
});
