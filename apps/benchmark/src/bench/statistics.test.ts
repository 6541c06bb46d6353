import { expect, test } from "vitest";
import { ratioOf, spread } from "./statistics.ts";

test("median and quartiles, whatever the order", () => {
  expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, quartiles: [2, 4] });
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, quartiles: [1.75, 3.25] });
  expect(spread([7])).toEqual({ median: 7, quartiles: [7, 7] });
});

test("a ratio is median over median, with an interval around it", () => {
  const { ratio, interval } = ratioOf([10, 12, 11, 30, 11], [5, 5, 6, 5, 4]);
  expect(ratio).toBe(11 / 5);
  expect(interval[0]).toBeLessThanOrEqual(ratio);
  expect(interval[1]).toBeGreaterThanOrEqual(ratio);
  expect(interval[1]).toBeGreaterThan(interval[0]);
});

test("what slows a whole round cancels", () => {
  const baseline = [10, 7, 3, 9, 10, 8, 2];
  const { ratio, interval } = ratioOf(
    baseline.map((rate) => 2 * rate),
    baseline,
  );
  expect({ ratio, interval }).toEqual({ ratio: 2, interval: [2, 2] });
});

test("the same rounds give the same interval; rounds that only one has enter neither it nor the ratio", () => {
  const values = [3, 4, 5, 60, 70, 80, 90];
  expect(ratioOf(values, [1, 2, 1])).toEqual(ratioOf(values, [1, 2, 1]));
  expect(ratioOf(values, [1, 1, 1])).toEqual(ratioOf(values.slice(0, 3), [1, 1, 1]));
  expect(ratioOf([1, 1, 1], values)).toEqual(ratioOf([1, 1, 1], values.slice(0, 3)));
});
