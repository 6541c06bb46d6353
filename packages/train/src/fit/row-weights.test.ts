/** Row weights: a weight of 2 is the row twice. */

import {
  binaryCrossEntropy,
  classes,
  crossEntropy,
  dense,
  flags,
  type Loss,
  type Model,
  meanAbsoluteError,
  meanSquaredError,
  sequential,
  type Target,
  targetShape,
  values,
} from "@nn/model";
import { type DataOf, fromArray, type Shape, sizeOf, type Tensor, tensor } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import { accuracy } from "../metrics/accuracy.ts";
import type { Metrics } from "../metrics/metric.ts";
import { topK } from "../metrics/top-k.ts";
import { sgd } from "../optimizers/sgd.ts";
import { dataOf, halfCircles } from "../test-data.ts";
import type { TrainingData } from "./data.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

/** Whole weights with a sum of 8: where all numbers are small multiples of a power of two, arithmetic is exact. */
const weights = [1, 2, 0, 1, 3, 1];
const duplicated = weights.flatMap((weight, row) => Array.from({ length: weight }, () => row));
const exact = Float64Array.of(1, 0.5, -0.25, 2, 0, -1, 0.75, -0.5, 1.5, 0.25, -2, 1);
const uneven = exact.map((_, i) => Math.sin(3 * i + 1));

interface Case {
  readonly name: string;
  readonly target: Target;
  readonly targets: DataOf;
  readonly loss: Loss;
  readonly metrics: Metrics;
  /** Whether losses are sums and products alone. */
  readonly isExact?: boolean;
}

const numbers = Float64Array.of(1, -1, 0.5, 2, 0, 0.25, -0.5, 1, 3, -2, 0.75, 1);
const cases: readonly Case[] = [
  {
    name: "meanSquaredError",
    target: values([2]),
    targets: numbers,
    loss: meanSquaredError(),
    metrics: { absolute: meanAbsoluteError(), summed: meanSquaredError({ reduction: "sum" }) },
    isExact: true,
  },
  {
    name: "meanAbsoluteError",
    target: values([2]),
    targets: numbers,
    loss: meanAbsoluteError(),
    metrics: { squared: meanSquaredError() },
    isExact: true,
  },
  {
    name: "a sum",
    target: values([2]),
    targets: numbers,
    loss: meanSquaredError({ reduction: "sum" }),
    metrics: {},
    isExact: true,
  },
  {
    name: "crossEntropy",
    target: classes(2),
    targets: Uint8Array.of(0, 1, 1, 0, 1, 1),
    loss: crossEntropy(),
    metrics: { accuracy: accuracy(), top1: topK(1) },
  },
  {
    name: "binaryCrossEntropy of flags",
    target: flags(2),
    targets: Uint8Array.of(0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1),
    loss: binaryCrossEntropy(),
    metrics: { accuracy: accuracy() },
  },
];

const model = sequential([2], dense(2)) as unknown as Model;
const initialVariables = {
  "dense1.weight": tensor(
    [
      [0.5, -1],
      [0.25, 2],
    ],
    { dtype: "float64" },
  ),
  "dense1.bias": tensor([0.125, -0.5], { dtype: "float64" }),
};

/** The data once with weights, once with the rows as often as their weight says. */
function both({ target, targets }: Case, inputs: Float64Array): readonly [TrainingData, TrainingData] {
  const pick = <D extends DataOf>(data: D, width: number): D => {
    const rows = duplicated.flatMap((row) => [...data.subarray(row * width, (row + 1) * width)]);
    return (data.constructor as unknown as { from(all: number[]): D }).from(rows);
  };
  const weighted = dataOf({ inputShape: [2], target, inputs, targets, weights });
  const repeated = dataOf({
    inputShape: [2],
    target,
    inputs: pick(inputs, 2),
    targets: pick(targets, sizeOf(targetShape(target))),
  });
  return [weighted, repeated] as unknown as readonly [TrainingData, TrainingData];
}

describe.each(cases)("$name", (each) => {
  const { loss, metrics, isExact = false } = each;

  test.each([
    ["numbers that fit", exact, isExact],
    ["any numbers", uneven, false],
  ])("the step, its scores and evaluation, %s", async (_, inputs, same) => {
    const [weighted, repeated] = both(each, inputs);
    const given = { loss, metrics, optimizer: sgd({ learningRate: 0.25 }), epochs: 1, shuffle: false };
    const [a, b] = await Promise.all(
      [weighted, repeated].map((data) =>
        fit(model, data, { ...given, initialVariables, batchSize: data.size, validation: data } as never),
      ),
    );
    const close = (actual: number, expected: number): void => {
      if (same) expect(actual).toBe(expected);
      else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(expected)));
    };
    for (const part of ["train", "validation"] as const) {
      const [first, second] = [a, b].map((run) => run!.history[0]![part]! as { readonly [name: string]: number });
      expect(Object.keys(first!)).toEqual(["loss", ...Object.keys(metrics)]);
      for (const name of Object.keys(first!)) close(first![name]!, second![name]!);
    }
    // The update is the gradient of the weighted loss.
    for (const [name, value] of Object.entries(a!.variables)) {
      const other = b!.variables[name]!;
      expectAllClose(value, other, same ? { rtol: 0, atol: 0 } : { rtol: 1e-13, atol: 1e-15 });
      expect(value.data).not.toEqual(initialVariables[name as "dense1.bias"].data);
    }
  });
});

test("counts of right answers are exact, whatever the numbers", async () => {
  const [weighted, repeated] = both(cases[3]!, uneven);
  const network = { model, variables: initialVariables };
  const given = { loss: crossEntropy(), metrics: { accuracy: accuracy(), top1: topK(1) } };
  const [a, b] = await Promise.all([weighted, repeated].map((data) => evaluate(network, data, given as never)));
  expect(a).toMatchObject({ accuracy: b!.accuracy as number, top1: b!.top1 as number });
});

test.each(["float32", "float64"] as const)("weights in %s suit a model in the other dtype", async (dtype) => {
  const whole = halfCircles(6);
  const weighted = {
    ...whole,
    *batches(order: Parameters<typeof whole.batches>[0]) {
      for (const batch of whole.batches(order)) {
        const own = dtype === "float32" ? Float32Array : Float64Array;
        yield {
          ...batch,
          weights: fromArray(new own(batch.size).fill(2), [batch.size]) as Tensor<readonly [number], "float32">,
        };
      }
    },
  };
  for (const other of ["float32", "float64"] as const) {
    const given = { loss: crossEntropy(), optimizer: sgd(), epochs: 2, dtype: other } as const;
    const layers = sequential([2], dense(2));
    const [a, b] = [await fit(layers, weighted, given), await fit(layers, whole, given)];
    const close = { rtol: other === "float32" ? 1e-5 : 1e-13, atol: 1e-7 };
    for (const [name, value] of Object.entries(a.variables)) {
      expect(value.dtype).toBe(other);
      expectAllClose(value, b.variables[name]!, close);
    }
  }
});

const untrained = { model: sequential([2], dense(2)), variables: initialVariables };

test.each<[name: string, weights: unknown, received: string]>([
  ["negative", tensor([1, 1, -0.5, 1]), "weight -0.5 in row 2 of batch 1"],
  ["NaN", tensor([1, Number.NaN, 1, 1]), "weight NaN in row 1 of batch 1"],
  ["infinite", tensor([1, 1, 1, Number.POSITIVE_INFINITY]), "weight Infinity in row 3 of batch 1"],
  ["all zero", tensor([0, 0, 0, -0]), "weights that are all 0, of 4 rows"],
  ["too few", tensor([1, 1]), "weights of shape [2] for 4 rows of batch 1"],
  ["in columns", tensor([[1], [1], [1], [1]]), "weights of shape [4, 1] for 4 rows of batch 1"],
  ["in a plain array", [1, 1, 1, 1], "weights of batch 1 an array"],
  ["in int32", tensor([1, 1, 1, 1], { dtype: "int32" }), "weights in int32 in batch 1"],
])("weights that are %s are refused", async (_, given, received) => {
  const whole = halfCircles(4);
  const [batch] = whole.batches({ batchSize: 4 });
  const data = { ...whole, batches: () => [{ ...batch!, weights: given as Tensor<readonly [number], "float32"> }] };
  const refused = { received, expected: expect.any(String) };
  const trained = fit(untrained.model, data, { loss: crossEntropy(), optimizer: sgd(), epochs: 1 });
  await expect(trained).rejects.toMatchObject({ ...refused, operation: "fit" });
  await expect(evaluate(untrained, data, { loss: crossEntropy() })).rejects.toMatchObject({
    ...refused,
    operation: "evaluate",
  });
});

test("a batch whose rows have no weight has loss 0 and moves nothing", async () => {
  const whole = halfCircles(8);
  const [first, second] = Array.from(whole.batches({ batchSize: 4 }));
  const data = {
    ...whole,
    batches: () => [
      { ...first!, weights: tensor([1, 1, 1, 1]) },
      { ...second!, weights: tensor([0, 0, 0, 0]) },
    ],
  };
  const options = {
    loss: crossEntropy(),
    optimizer: sgd({ learningRate: 0.5 }),
    epochs: 1,
    batchSize: 4,
    shuffle: false,
  };
  const run = await fit(untrained.model, data as never, { ...options, initialVariables } as never);
  const alone = { ...whole, size: 4, batches: () => [first!] };
  const other = await fit(untrained.model, alone as never, { ...options, initialVariables } as never);
  expect(run.history[0]!.train.loss).toBe(other.history[0]!.train.loss);
  expect(run.variables).toEqual(other.variables);
});

test("a row without weight hides a target that is missing", () => {
  const outputs = tensor([[1], [2]], { dtype: "float64" }) as Tensor<Shape, "float64">;
  const loss = meanSquaredError().apply(outputs, tensor([[3], [Number.NaN]], { dtype: "float64" }), tensor([2, 0]));
  expect(loss.item()).toBe(4);
});

test("losses refuse weights of another shape", () => {
  const outputs = tensor([[1], [2]]) as Tensor<Shape, "float32">;
  const act = () => meanSquaredError().apply(outputs, outputs, tensor([1, 2, 3]) as never);
  expect(act).toThrow("meanSquaredError(): received weights of shape [3]; expected [2], one a row.");
});
