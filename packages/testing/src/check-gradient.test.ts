import { expect, test } from "vitest";
import { checkGradient } from "./check-gradient.ts";

const sumOfSines = (data: Float64Array): number => data.reduce((sum, value) => sum + Math.sin(value), 0);
const x = { shape: [2, 3], data: [0, 1, -2, 0.5, 30, -1e-3] };
const cosines = x.data.map(Math.cos);
const withValue = (offset: number, value: number): number[] => cosines.with(offset, value);

test("accepts the derivative and returns how far it is off", () => {
  expect(checkGradient(sumOfSines, x, { shape: [2, 3], data: cosines })).toBeLessThan(1e-6);
});

test("steps in proportion to large values", () => {
  const square = (data: Float64Array): number => (data[0] as number) ** 2;
  checkGradient(square, { shape: [1], data: [3e9] }, { shape: [1], data: [6e9] });
});

test.each([
  ["a wrong value", { shape: [2, 3], data: withValue(4, 0.5) }, "at [1, 1] the gradient is 0.5"],
  ["a small error", { shape: [2, 3], data: withValue(0, 1 + 1e-5) }, "at [0, 0]"],
  ["the opposite sign", { shape: [2, 3], data: cosines.map((value) => -value) }, "above 0.000001"],
  ["NaN", { shape: [2, 3], data: withValue(2, Number.NaN) }, "at [0, 2] the gradient is NaN"],
  ["another shape", { shape: [3, 2], data: cosines }, "gradient has shape [3, 2], x has shape [2, 3]"],
])("refuses %s", (_, gradient, message) => {
  expect(() => checkGradient(sumOfSines, x, gradient)).toThrow(message);
});

test("refuses a function that is not finite beside x", () => {
  const zero = { shape: [], data: [0] };
  expect(() => checkGradient((data) => Math.sqrt(data[0] ?? 0), zero, zero)).toThrow("central differences give NaN");
});

test("gives f its own copy", () => {
  const spoil = (data: Float64Array): number => data.fill(1)[0] as number;
  expect(checkGradient(spoil, x, { shape: [2, 3], data: [0, 0, 0, 0, 0, 0] })).toBe(0);
});
