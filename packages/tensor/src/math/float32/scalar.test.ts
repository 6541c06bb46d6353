import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scalarSource } from "../../../goldens/float32-scalar.ts";
import { exp } from "../exp.ts";
import { log } from "../log.ts";
import { tanh } from "../tanh.ts";
import { exp32, log32, sigmoid32, tanh32 } from "./scalar.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;
const tiny = 2 ** -149;
const huge = Math.fround(3.4028234e38);

function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

// The bounds are those of all 2^32 inputs, found by goldens/float32-exhaustive.ts.
describe.each([
  ["exp", exp32, exp, 1.01],
  ["log", log32, log, 0.83],
  ["tanh", tanh32, tanh, 2.15],
  ["sigmoid", sigmoid32, sigmoid, 2.41],
])("%s32", (_, f, exact, bound) => {
  test(`is within ${bound} units in the last place, sampled over all bit patterns`, () => {
    const far = everyKind(60_000).filter((x) => unitsBetween(f(x), exact(x)) > bound);
    expect(far).toEqual([]);
  });
});

test("scalar.ts is what goldens/float32-scalar.ts writes", () => {
  expect(readFileSync(new URL("./scalar.ts", import.meta.url), "utf8")).toBe(scalarSource());
});

const special: [(x: number) => number, number, number][] = [
  [exp32, 0, 1],
  [exp32, -0, 1],
  [exp32, tiny, 1],
  [exp32, inf, inf],
  [exp32, -inf, 0],
  [exp32, nan, nan],
  [exp32, Math.fround(88.72283), Math.fround(3.402798519700801e38)],
  [exp32, Math.fround(88.72284), inf],
  [exp32, huge, inf],
  [exp32, Math.fround(-103.97207), tiny],
  [exp32, Math.fround(-103.97209), 0],
  [exp32, -huge, 0],
  [log32, 1, 0],
  [log32, 0, -inf],
  [log32, -0, -inf],
  [log32, -1, nan],
  [log32, -tiny, nan],
  [log32, -inf, nan],
  [log32, inf, inf],
  [log32, nan, nan],
  [log32, tiny, Math.fround(-103.278931)],
  [log32, huge, Math.fround(88.7228394)],
  [tanh32, 0, 0],
  [tanh32, -0, -0],
  [tanh32, tiny, tiny],
  [tanh32, -tiny, -tiny],
  [tanh32, 9.5, 1],
  [tanh32, -huge, -1],
  [tanh32, inf, 1],
  [tanh32, -inf, -1],
  [tanh32, nan, nan],
  [sigmoid32, 0, 0.5],
  [sigmoid32, -0, 0.5],
  [sigmoid32, inf, 1],
  [sigmoid32, -inf, 0],
  [sigmoid32, nan, nan],
  [sigmoid32, 18, 1],
  [sigmoid32, Math.fround(-103.97207), tiny],
];

test.each(special.map(([f, x, expected]) => ({ name: f.name, f, x, expected })))(
  "$name($x) = $expected",
  ({ f, x, expected }) => {
    expect(f(x)).toBe(expected);
  },
);

/** `count` float32 numbers, evenly spread over all bit patterns: both signs, subnormals, infinities, NaNs. */
function everyKind(count: number): number[] {
  const bits = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * 2 ** 32) / count) + (i % 7));
  return [...new Float32Array(bits.buffer)];
}

/** |y − exact| in units of the last place of `exact` as a float32; 0 for equal specials. */
function unitsBetween(y: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(y, rounded) && !Number.isFinite(y)) return 0;
  if (!Number.isFinite(y) || !Number.isFinite(rounded)) return inf;
  let unit = tiny;
  while (unit * 2 ** 24 <= Math.abs(rounded)) unit *= 2;
  return Math.abs(y - exact) / unit;
}
