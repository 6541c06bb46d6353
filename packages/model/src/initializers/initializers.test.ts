import { ArgumentError, RandomState } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/values.json" with { type: "json" };
import { glorotUniform, heNormal, heUniform, type Initializer, positiveUniform, uniform, zeros } from "../index.ts";
import { fansOf } from "./initializer.ts";

const table: readonly Initializer[] = [
  zeros(),
  uniform(-0.5, 2),
  positiveUniform(),
  glorotUniform(),
  heUniform(),
  heNormal(),
];

describe.each(golden.initializers)("seed $seed, shape $shape", (row) => {
  test.each(table.map((each) => [each.call, each] as const))("%s draws NumPy's numbers", (call, initializer) => {
    const values = initializer.draw(new RandomState(row.seed), row.shape);
    expect(values.dtype).toBe("float64");
    const expected = row[call as "zeros()"];
    expectAllClose(values, { shape: row.shape, data: expected }, { rtol: 2e-16 });
  });
});

test.each([
  [[784, 10], { fanIn: 784, fanOut: 10 }],
  [[5], { fanIn: 5, fanOut: 5 }],
  [[], { fanIn: 1, fanOut: 1 }],
  [[3, 3, 8, 16], { fanIn: 72, fanOut: 144 }],
])("fans of %j", (shape, fans) => {
  expect(fansOf(shape)).toEqual(fans);
});

test.each([
  [2, 1],
  [Number.NaN, 1],
  [0, Infinity],
])("uniform(%d, %d) is refused", (low, high) => {
  expect(() => uniform(low, high)).toThrow(ArgumentError);
});
