import { expect, test } from "vitest";
import { smooth } from "./smoothing.ts";

test.each<[number, number[], number[]]>([
  [0, [3, 1, 2], [3, 1, 2]],
  [0.5, [], []],
  [0.9, [4], [4]],
  // s₂ = 0.5 · (0.5 · 1) + 0.5 · 0 = 0.25, and 0.25 / (1 − 0.5²) = ⅓
  [0.5, [1, 0], [1, 1 / 3]],
  [0.99, [2, 2, 2, 2], [2, 2, 2, 2]],
  [0.5, [1, Number.NaN, 0], [1, Number.NaN, 1 / 3]],
  [0.5, [1, Infinity, 0], [1, Infinity, 1 / 3]],
])("weight %d of %j gives %j", (weight, values, expected) => {
  const smoothed = smooth(values, weight);
  expect(smoothed).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    if (Number.isFinite(value)) expect(smoothed[i]).toBeCloseTo(value, 12);
    else expect(smoothed[i]).toBe(value);
  }
});
