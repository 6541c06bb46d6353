import { expect, test } from "vitest";
import { expectAllClose } from "./expect-all-close.ts";

const row = (...data: number[]) => ({ shape: [data.length], data });

test.each([
  ["equal values", row(1, 2, 3), row(1, 2, 3), {}],
  ["values within rtol", row(1000.0009), row(1000), {}],
  ["values within atol", row(1e-9), row(0), { atol: 1e-8 }],
  ["NaN beside NaN", row(Number.NaN, 1), row(Number.NaN, 1), {}],
  ["infinities", row(Number.POSITIVE_INFINITY), row(Number.POSITIVE_INFINITY), { atol: 1 }],
  ["a typed array beside a plain one", { shape: [2], data: Float32Array.of(0.1, 0.2) }, row(0.1, 0.2), {}],
  ["scalars", { shape: [], data: [4] }, { shape: [], data: [4] }, {}],
  ["empty arrays", { shape: [0, 3], data: [] }, { shape: [0, 3], data: [] }, {}],
])("passes %s", (_, actual, expected, options) => {
  expectAllClose(actual, expected, options);
});

test.each([
  ["a shape", { shape: [2, 1], data: [1, 2] }, row(1, 2), {}, "[2, 1], expected has shape [2]"],
  [
    "a rank with the same text of digits",
    { shape: [12], data: Array(12).fill(0) },
    { shape: [1, 2], data: [0, 0] },
    {},
    "shape",
  ],
  ["data shorter than its shape", { shape: [3], data: [1, 2] }, row(1, 2, 3), {}, "holds 3 values but data has 2"],
  ["a value beyond rtol", row(1000.002), row(1000), {}, "actual 1000.002"],
  ["a value near zero without atol", row(1e-30), row(0), {}, "1 of 1"],
  ["neighbours where equal numbers are asked", row(1 + 2 ** -52), row(1), { rtol: 0 }, "1 of 1"],
  ["NaN for a number", row(Number.NaN), row(1), { atol: 10 }, "actual NaN"],
  ["a number for NaN", row(1), row(Number.NaN), { atol: 10 }, "expected NaN"],
  ["the other infinity", row(Number.POSITIVE_INFINITY), row(Number.NEGATIVE_INFINITY), { atol: 10 }, "-Infinity"],
  ["a finite value for an infinity", row(1), row(Number.POSITIVE_INFINITY), {}, "expected Infinity"],
])("fails on %s", (_, actual, expected, options, message) => {
  expect(() => expectAllClose(actual, expected, options)).toThrow(message);
});

test("names the worst position and how many are off", () => {
  const expected = { shape: [2, 3], data: [0, 0, 0, 0, 0, 0] };
  const actual = { shape: [2, 3], data: [0, 1, 0, 0, 0, 5] };
  expect(() => expectAllClose(actual, expected)).toThrow(
    "2 of 6 values differ (rtol 0.000001, atol 0); the worst, at [1, 2]",
  );
});
