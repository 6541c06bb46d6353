/** The losses of numbers beside PyTorch's: one row a loss. */

import { cast, compile, fromArray, type Shape, ShapeError, type Tensor, tensor, valueAndGrad, zeros } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/value-losses.json" with { type: "json" };
import { checkLoss, classes, huber, type Loss, meanAbsoluteError, meanSquaredError, sequential } from "../index.ts";

type Case = readonly [name: keyof typeof golden.cases, make: (options?: { reduction: "mean" | "sum" }) => Loss];

const table: readonly Case[] = [
  ["meanSquaredError", meanSquaredError],
  ["meanAbsoluteError", meanAbsoluteError],
  ["huber", huber],
  ["huber, delta 2.5", (options) => huber({ ...options, delta: 2.5 })],
];

type Values = Tensor<Shape, "float64">;
const { shape } = golden;
const [rows] = shape as [number, number];
const outputs = fromArray(Float64Array.from(golden.outputs), shape) as Values;
const targets = fromArray(Float64Array.from(golden.targets), shape) as Values;
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

describe.each(table)("%s", (name, make) => {
  const { losses, gradient } = golden.cases[name];
  const loss = make();

  test("each row", () => {
    const expected = { shape: [rows], data: losses };
    expectAllClose(loss.perRow(outputs, targets), expected, { rtol: 1e-14 });
    const single = loss.perRow(cast(outputs, "float32"), targets);
    expect(single.dtype).toBe("float32");
    expectAllClose(single, expected, { rtol: 2e-7 * 4, atol: 1e-12 });
  });

  test("mean, sum and weights", () => {
    const weights = fromArray(Float64Array.of(2, 0, 1, 0.5, 1), [rows]);
    const weighted = losses.map((each, row) => each * weights.data[row]!);
    const one = (value: number) => ({ shape: [], data: [value] });
    expectAllClose(loss.apply(outputs, targets), one(total(losses) / rows), { rtol: 1e-14 });
    expectAllClose(make({ reduction: "sum" }).apply(outputs, targets), one(total(losses)), { rtol: 1e-14 });
    expectAllClose(loss.apply(outputs, targets, weights), one(total(weighted) / 4.5), { rtol: 1e-14 });
  });

  test("gradient, at once and compiled", () => {
    const of = valueAndGrad((x: Values) => loss.apply(x, targets) as Tensor);
    for (const each of [of(outputs), compile(of)(outputs)]) {
      expectAllClose(each.gradient as Values, { shape, data: gradient }, { rtol: 1e-14, atol: 1e-15 });
    }
  });

  test("NaN and infinite outputs show in their rows alone", () => {
    const wild = tensor([[Number.NaN], [Infinity], [-Infinity], [1]], { dtype: "float64" }) as Values;
    const [nan, up, down, usual] = loss.perRow(wild, tensor([[0], [0], [0], [1]], { dtype: "float64" })).data;
    expect([nan, up, down, usual]).toEqual([Number.NaN, Infinity, Infinity, 0]);
  });

  test("refuses what it cannot compare", () => {
    expect(() => loss.apply(zeros([2, 1]), zeros([2]))).toThrow(ShapeError);
    expect(() => loss.apply(zeros([2, 1]), zeros([2, 2]))).toThrow(ShapeError);
    expect(() => loss.apply(zeros([0, 1]), zeros([0, 1]))).toThrow(ShapeError);
    expect(() => checkLoss(loss, sequential([3]), classes(3))).toThrow(
      `${loss.call}: received outputs of shape [3] for 3 classes; expected targets that are values. Use crossEntropy() for classes, binaryCrossEntropy() for flags.`,
    );
    expect(() => make({ reduction: "none" } as never)).toThrow('reduction "none"');
  });
});

test.each([0, -1, Number.NaN, Infinity, "1"])("huber refuses a delta of %o", (delta) => {
  expect(() => huber({ delta: delta as number })).toThrow(
    expect.objectContaining({ name: "ArgumentError", operation: "huber()" }),
  );
});
