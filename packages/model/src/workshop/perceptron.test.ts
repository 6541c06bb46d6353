import { ArgumentError, fromArray, ShapeError, type Tensor, tensor } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import type { Labels } from "../losses/loss.ts";
import { Perceptron, type Rows } from "../workshop.ts";

const corners = tensor(
  [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  { dtype: "float64" },
);
const labels = (...values: number[]): Labels => tensor(values, { dtype: "uint8" }) as Labels;

test("takes the steps of the rule, one example at a time", () => {
  // Worked by hand for AND with η = 1, from zeros: each line is (ŷ, y) → w, b.
  // [0 0]: (1, 0) → [0 0], −1   [0 1]: (0, 0)   [1 0]: (0, 0)   [1 1]: (0, 1) → [1 1], 0
  const perceptron = new Perceptron({ inputDim: 2 });
  const run = perceptron.train(corners, labels(0, 0, 0, 1), { maxEpochs: 1 });
  expect(run).toEqual({ mistakes: [2], converged: false });
  expect([...perceptron.weights, perceptron.bias]).toEqual([1, 1, 0]);
});

test.each([
  ["and", [0, 0, 0, 1], true],
  ["or", [0, 1, 1, 1], true],
  ["nothing", [0, 0, 0, 0], true],
  ["exclusive or, which no line separates", [0, 1, 1, 0], false],
] as const)("%s", (_, values, separable) => {
  const perceptron = new Perceptron({ inputDim: 2 });
  const { mistakes, converged } = perceptron.train(corners, labels(...values), { learningRate: 0.1, maxEpochs: 50 });
  expect(converged).toBe(separable);
  expect(mistakes.at(-1) === 0).toBe(separable);
  if (separable) expect([...perceptron.predict(corners).data]).toEqual([...values]);
  else expect(mistakes).toHaveLength(50);
});

test("the step is 1 at 0", () => {
  const perceptron = new Perceptron({ inputDim: 1 });
  expect([...perceptron.predict(tensor([[5]], { dtype: "float64" })).data]).toEqual([1]);
  perceptron.weights[0] = 1;
  expect([...perceptron.predict(tensor([[-1e-300], [0], [1]], { dtype: "float64" })).data]).toEqual([0, 1, 1]);
});

describe("bad arguments", () => {
  const perceptron = new Perceptron({ inputDim: 2 });
  const rows = (data: number[], shape: number[]): Rows => fromArray(Float64Array.from(data), shape) as Tensor as Rows;
  test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ["no input", () => new Perceptron({ inputDim: 0 }), ArgumentError, "inputDim 0"],
    ["a column too many", () => perceptron.predict(rows([1, 2, 3], [1, 3])), ShapeError, "expected [N, 2] in float64"],
    ["an axis too few", () => perceptron.predict(rows([1, 2], [2])), ShapeError, "[2]"],
    ["float32", () => perceptron.predict(tensor([[1, 2]]) as never), ShapeError, "float32"],
    ["fewer labels", () => perceptron.train(corners, labels(1)), ShapeError, "a label for each row"],
    ["no examples", () => perceptron.train(rows([], [0, 2]), labels()), ShapeError, "at least one row"],
    ["a third class", () => perceptron.train(corners, labels(0, 1, 2, 0)), ArgumentError, "label 2 at position 2"],
    ["NaN", () => perceptron.train(rows([1, Number.NaN], [1, 2]), labels(1)), ArgumentError, "NaN in row 0"],
    [
      "η of 0",
      () => perceptron.train(corners, labels(0, 0, 0, 1), { learningRate: 0 }),
      ArgumentError,
      "learningRate 0",
    ],
    ["no epoch", () => perceptron.train(corners, labels(0, 0, 0, 1), { maxEpochs: 0 }), ArgumentError, "maxEpochs 0"],
  ])("%s", (_, act, kind, text) => {
    expect(act).toThrow(kind);
    expect(act).toThrow(text);
  });
});
