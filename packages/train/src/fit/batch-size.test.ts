/** No score depends on how its rows are cut into batches: the same bits for any batch size. */

import {
  batchNorm,
  binaryCrossEntropy,
  classes,
  crossEntropy,
  dense,
  flags,
  type Loss,
  type Model,
  meanAbsoluteError,
  meanSquaredError,
  relu,
  sequential,
  type Target,
  values,
} from "@nn/model";
import { abs, cast, max, subtract } from "@nn/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accuracy } from "../metrics/accuracy.ts";
import { defineMetric, type Metrics } from "../metrics/metric.ts";
import { topK } from "../metrics/top-k.ts";
import { dataOf } from "../test-data.ts";
import type { TrainingData } from "./data.ts";
import { evaluate } from "./evaluate.ts";

const ROWS = 37;
const inputs = Float64Array.from({ length: ROWS * 3 }, (_, i) => 2 * Math.sin(7 * i + 1));
const weights = Array.from({ length: ROWS }, (_, row) => (row * 5) % 4);
const model = sequential([3], dense(6), batchNorm(), relu(), dense(4)) as unknown as Model;
const model1 = sequential([3], dense(1)) as unknown as Model;

const largestError = defineMetric({
  kind: "largestError",
  call: "largestError()",
  direction: "minimize",
  observe: ({ outputs, targets }) => ({ worst: max(abs(subtract(outputs, cast(targets, outputs.dtype) as never))) }),
  initialize: () => 0,
  update: (worst, seen) => Math.max(worst, seen.worst![0]!),
  result: (worst) => worst,
});

const label = (i: number, count: number): number => (i * 11 + (i % 3)) % count;
const cases: readonly (readonly [string, Model, Target, Float64Array | Uint8Array, Loss, Metrics])[] = [
  [
    "classes",
    model,
    classes(4),
    Uint8Array.from({ length: ROWS }, (_, i) => label(i, 4)),
    crossEntropy(),
    { accuracy: accuracy(), top2: topK(2), summed: crossEntropy({ reduction: "sum" }) },
  ],
  [
    "two classes",
    model1,
    classes(2),
    Uint8Array.from({ length: ROWS }, (_, i) => label(i, 2)),
    binaryCrossEntropy({ reduction: "sum" }),
    { accuracy: accuracy(), mean: binaryCrossEntropy() },
  ],
  [
    "values",
    model,
    values([4]),
    Float64Array.from({ length: ROWS * 4 }, (_, i) => Math.cos(i)),
    meanSquaredError(),
    { absolute: meanAbsoluteError(), largestError },
  ],
  [
    "flags",
    model,
    flags(4),
    Uint8Array.from({ length: ROWS * 4 }, (_, i) => label(i, 2)),
    binaryCrossEntropy(),
    { accuracy: accuracy() },
  ],
];

describe.each(cases)("%s", (_name, each, target, targets, loss, metrics) => {
  test.each(["float32", "float64"] as const)("evaluate in %s", async (dtype) => {
    const variables = each.initialize({ seed: 5, dtype });
    const data = dataOf({ inputShape: [3], target, inputs, targets }) as unknown as TrainingData;
    const scoreOf = (batchSize: number): Promise<object> =>
      evaluate({ model: each, variables }, data, { loss, metrics, batchSize } as never);
    const whole = await scoreOf(64);
    expect(Object.keys(whole)).toEqual(["loss", ...Object.keys(metrics), "predictions"]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: ROWS + 3 }), async (batchSize) => {
        expect(await scoreOf(batchSize)).toEqual(whole);
      }),
      { numRuns: 12, seed: 1 },
    );
  });
});

test("weighted rows too", async () => {
  const [, each, target, targets, loss, metrics] = cases[0]!;
  const data = dataOf({
    inputShape: [3],
    target,
    inputs,
    targets,
    weights: weights.map((weight) => weight + 0.1),
  }) as unknown as TrainingData;
  const variables = each.initialize({ seed: 5 });
  const scoreOf = (batchSize: number) =>
    evaluate({ model: each, variables }, data, { loss, metrics, batchSize } as never);
  const whole = await scoreOf(ROWS);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: ROWS }), async (batchSize) => {
      expect(await scoreOf(batchSize)).toEqual(whole);
    }),
    { numRuns: 12, seed: 2 },
  );
});
