import { ulpDistance } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/elementary.json" with { type: "json" };
import { exp } from "./exp.ts";
import { log } from "./log.ts";
import { cos, sin } from "./sin-cos.ts";
import { tanh } from "./tanh.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;
const tiny = Number.MIN_VALUE;

describe.each([
  ["exp", exp, golden.functions.exp],
  ["tanh", tanh, golden.functions.tanh],
  ["log", log, golden.functions.log],
  ["sin", sin, golden.functions.sin],
  ["cos", cos, golden.functions.cos],
])("%s", (_, f, { x, rounded }) => {
  test("is within one unit in the last place of the rounded value", () => {
    const far = x.filter((value, i) => ulpDistance(f(value), rounded[i]!) > 1);
    expect(far).toEqual([]);
  });
});

test.each([
  ["log", log, golden.functions.log],
  ["sin", sin, golden.functions.sin],
  ["cos", cos, golden.functions.cos],
])("%s is NumPy's to the last bit, also where that is not the rounded value", (_, f, { x, numpy, rounded }) => {
  expect(x.map(f)).toEqual(numpy);
  expect(numpy.filter((value, i) => value !== rounded[i]).length).toBeGreaterThanOrEqual(20);
});

const special: [(x: number) => number, number, number][] = [
  [exp, 0, 1],
  [exp, -0, 1],
  [exp, inf, inf],
  [exp, -inf, 0],
  [exp, nan, nan],
  [exp, 709.782712893384, 1.7976931348622732e308],
  [exp, 709.7827128933841, inf],
  [exp, -745.1332191019411, tiny],
  [exp, -745.1332191019412, 0],
  [exp, tiny, 1],
  [tanh, 0, 0],
  [tanh, -0, -0],
  [tanh, inf, 1],
  [tanh, -inf, -1],
  [tanh, nan, nan],
  [tanh, -tiny, -tiny],
  [tanh, 19.1, 1],
  [tanh, -1e300, -1],
  [log, 1, 0],
  [log, 0, -inf],
  [log, -0, -inf],
  [log, inf, inf],
  [log, -1, nan],
  [log, -inf, nan],
  [log, nan, nan],
  [log, tiny, -744.4400719213812],
  [log, Number.MAX_VALUE, 709.782712893384],
  [sin, 0, 0],
  [sin, -0, -0],
  [sin, inf, nan],
  [sin, -inf, nan],
  [sin, nan, nan],
  [sin, tiny, tiny],
  [sin, Math.PI, 1.2246467991473532e-16],
  [cos, 0, 1],
  [cos, inf, nan],
  [cos, nan, nan],
  [cos, Math.PI / 2, 6.123233995736766e-17],
  [cos, Math.PI, -1],
];

test.each(special.map(([f, x, expected]) => ({ name: f.name, f, x, expected })))("$name($x) = $expected", (row) => {
  expect(row.f(row.x)).toBe(row.expected);
});

test.each([
  ["exp", exp, -30, 30],
  ["log", log, 0.5, 2],
  ["tanh", tanh, -3, 3],
])("%s never falls on a fine grid", (_, f, from, to) => {
  const values = Array.from({ length: 20_000 }, (_, i) => f(from + (i * (to - from)) / 20_000));
  expect(values.filter((value, i) => i > 0 && value < values[i - 1]!)).toEqual([]);
});
