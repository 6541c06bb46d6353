/** The metrics of compiled programs: a row a case. Each is observed on all rows at once and row by row. */

import {
  binaryCrossEntropy,
  classes,
  crossEntropy,
  flags,
  meanAbsoluteError,
  meanSquaredError,
  type Target,
  values,
} from "@nn/model";
import { compile, fromArray, type Shape, type Tensor, tensor } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import { accuracy } from "./accuracy.ts";
import { type MetricLike, metricOf, type SeenRows } from "./metric.ts";
import { valuesOf } from "./metric-sums.ts";
import { rootMeanSquaredError } from "./root-mean-squared-error.ts";
import { topK } from "./top-k.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

interface Case {
  readonly name: string;
  readonly metric: MetricLike;
  readonly outputs: readonly (readonly number[])[];
  readonly targets: readonly number[] | readonly (readonly number[])[];
  readonly target: Target;
  readonly expected: number;
  readonly probabilities?: boolean;
  readonly weights?: readonly number[];
}

const scores = [
  [3, 1, 2],
  [1, 2, 3],
  [0, 5, 4],
  [9, 8, 7],
];
const three = classes(3);
const cases: readonly Case[] = [
  { name: "accuracy", metric: accuracy(), outputs: scores, targets: [0, 2, 2, 1], target: three, expected: 0.5 },
  {
    name: "accuracy, weighted",
    metric: accuracy(),
    outputs: scores,
    targets: [0, 2, 2, 1],
    target: three,
    weights: [3, 1, 0.5, 0.5],
    expected: 0.8,
  },
  {
    name: "accuracy, a tie says the lower class",
    metric: accuracy(),
    outputs: [
      [2, 2, 1],
      [2, 2, 1],
    ],
    targets: [0, 1],
    target: three,
    expected: 0.5,
  },
  {
    name: "accuracy of one logit, above 0",
    metric: accuracy(),
    outputs: [[0.4], [-0.1], [0], [2]],
    targets: [1, 1, 0, 0],
    target: classes(2),
    expected: 0.5,
  },
  {
    name: "accuracy of one probability, above ½",
    metric: accuracy(),
    outputs: [[0.4], [0.6], [0.5], [1]],
    targets: [0, 1, 0, 1],
    target: classes(2),
    probabilities: true,
    expected: 1,
  },
  {
    name: "accuracy of flags",
    metric: accuracy(),
    outputs: [
      [1, -1],
      [0, 3],
    ],
    targets: [
      [1, 1],
      [0, 1],
    ],
    target: flags(2),
    expected: 0.75,
  },
  { name: "topK(1)", metric: topK(1), outputs: scores, targets: [0, 2, 2, 1], target: three, expected: 0.5 },
  { name: "topK(2)", metric: topK(2), outputs: scores, targets: [0, 0, 2, 1], target: three, expected: 0.75 },
  { name: "topK(3) of 3", metric: topK(3), outputs: scores, targets: [2, 0, 0, 2], target: three, expected: 1 },
  { name: "topK(9) of 3", metric: topK(9), outputs: scores, targets: [2, 0, 0, 2], target: three, expected: 1 },
  {
    name: "topK(1), ties go to the lower class",
    metric: topK(1),
    outputs: [
      [2, 2, 2],
      [2, 2, 2],
      [1, 2, 2],
    ],
    targets: [0, 1, 2],
    target: three,
    expected: 1 / 3,
  },
  {
    name: "topK(2), ties at the bound",
    metric: topK(2),
    outputs: [
      [3, 1, 1],
      [3, 1, 1],
    ],
    targets: [1, 2],
    target: three,
    expected: 0.5,
  },
  {
    name: "topK(1), NaN ranks above all",
    metric: topK(1),
    outputs: [
      [nan, 1, 2],
      [nan, 1, infinity],
      [0, nan, nan],
      [0, nan, nan],
    ],
    targets: [0, 2, 1, 2],
    target: three,
    expected: 0.5,
  },
  {
    name: "topK(2), NaN elsewhere takes a place",
    metric: topK(2),
    outputs: [
      [nan, 1, 2],
      [nan, 1, 2],
    ],
    targets: [1, 2],
    target: three,
    expected: 0.5,
  },
  {
    name: "topK(1), infinities",
    metric: topK(1),
    outputs: [
      [-infinity, infinity, 0],
      [-infinity, -infinity, -infinity],
    ],
    targets: [1, 0],
    target: three,
    expected: 1,
  },
  {
    name: "a loss: meanSquaredError",
    metric: meanSquaredError(),
    outputs: [[1], [2], [4]],
    targets: [[1], [1], [1]],
    target: values(),
    expected: 10 / 3,
  },
  {
    name: "a loss, weighted",
    metric: meanSquaredError(),
    outputs: [[1], [2], [4]],
    targets: [[1], [1], [1]],
    target: values(),
    weights: [0, 3, 1],
    expected: 3,
  },
  {
    name: "a loss as a sum",
    metric: meanAbsoluteError({ reduction: "sum" }),
    outputs: [[1], [2], [4]],
    targets: [[1], [1], [1]],
    target: values(),
    expected: 4,
  },
  {
    name: "rootMeanSquaredError",
    metric: rootMeanSquaredError(),
    outputs: [[1], [2], [4]],
    targets: [[1], [1], [1]],
    target: values(),
    expected: Math.sqrt(10 / 3),
  },
  {
    name: "rootMeanSquaredError of several outputs, weighted",
    metric: rootMeanSquaredError(),
    outputs: [
      [1, 3],
      [2, 2],
      [4, 0],
    ],
    targets: [
      [1, 1],
      [1, 1],
      [1, 1],
    ],
    target: values([2]),
    weights: [2, 1, 0],
    expected: Math.sqrt(5 / 3),
  },
  {
    name: "a loss: crossEntropy",
    metric: crossEntropy(),
    outputs: [
      [0, 0],
      [0, 0],
    ],
    targets: [0, 1],
    target: classes(2),
    expected: Math.log(2),
  },
  {
    name: "a loss: binaryCrossEntropy of flags",
    metric: binaryCrossEntropy(),
    outputs: [
      [0, 0],
      [0, 0],
    ],
    targets: [
      [0, 1],
      [1, 1],
    ],
    target: flags(2),
    expected: Math.log(2),
  },
];

describe.each(cases)(
  "$name",
  ({ metric: like, outputs, targets, target, expected, probabilities = false, weights }) => {
    const metric = metricOf(like);
    const scoreOf = (size: number, dtype: "float32" | "float64"): number => {
      const observe = compile((x: Tensor<Shape, "float64">, y: Tensor) =>
        metric.observe({ outputs: x, targets: y, model: { probabilities }, target }),
      );
      let state = metric.initialize();
      for (let row = 0; row < outputs.length; row += size) {
        const x = tensor(outputs.slice(row, row + size), { dtype });
        const taken = targets.slice(row, row + size) as number[];
        const y = tensor(taken, { dtype: target.kind === "values" ? dtype : "uint8" });
        const { metric: seen } = valuesOf({ metric: observe(x as never, y as never) });
        const rows: SeenRows = { size: taken.length, weights: weights?.slice(row, row + size) };
        state = metric.update(JSON.parse(JSON.stringify(state)), seen!, rows);
      }
      return metric.result(state);
    };

    test("value, in both dtypes, for any batch size", () => {
      expect(scoreOf(outputs.length, "float64")).toBeCloseTo(expected, 14);
      expect(scoreOf(1, "float64")).toBe(scoreOf(outputs.length, "float64"));
      expect(scoreOf(outputs.length, "float32")).toBeCloseTo(expected, 6);
    });

    test("over no rows it is no number, a sum is 0", () => {
      const result = metric.result(metric.initialize());
      if ("reduction" in like && like.reduction === "sum") expect(result).toBe(0);
      else expect(result).toBeNaN();
    });
  },
);

test("topK(1) is the accuracy, NaN and ties included", () => {
  const some = [nan, -infinity, -1, 0, 0, 1, infinity];
  const rows = some.flatMap((a) => some.flatMap((b) => some.map((c) => [a, b, c])));
  const x = tensor(rows, { dtype: "float64" }) as Tensor<Shape, "float64">;
  for (const label of [0, 1, 2]) {
    const y = fromArray(new Uint8Array(rows.length).fill(label), [rows.length]) as Tensor;
    const given = { outputs: x, targets: y, model: { probabilities: false }, target: three };
    expect(topK(1).observe(given).right!.toArray()).toEqual(accuracy().observe(given).right!.toArray());
  }
});

test.each([0, -1, 1.5, nan])("topK(%d) is refused", (k) => {
  expect(() => topK(k)).toThrow(`topK: received k ${k}; expected an integer of at least 1.`);
});
