/** Each kind of target, learned from end to end. */

import {
  binaryCrossEntropy,
  classes,
  crossEntropy,
  dense,
  flags,
  meanAbsoluteError,
  meanSquaredError,
  sequential,
  tanh,
  values,
} from "@nn/model";
import { RandomState, type Tensor } from "@nn/tensor";
import { expect, expectTypeOf, test } from "vitest";
import diabetes from "../../goldens/diabetes.json" with { type: "json" };
import { accuracy } from "../metrics/accuracy.ts";
import { topK } from "../metrics/top-k.ts";
import { adam } from "../optimizers/adam.ts";
import { sgd } from "../optimizers/sgd.ts";
import { dataOf } from "../test-data.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

test("values: a sine", async () => {
  const inputs = Float64Array.from({ length: 100 }, (_, i) => (i / 99) * 2 * Math.PI - Math.PI);
  const data = dataOf({ inputShape: [1], target: values(), inputs, targets: inputs.map(Math.sin) });
  const model = sequential([1], dense(16), tanh(), dense(1));
  const run = await fit(model, data, {
    loss: meanSquaredError(),
    metrics: { absolute: meanAbsoluteError() },
    optimizer: adam({ learningRate: 0.02 }),
    epochs: 400,
    batchSize: 50,
    validation: data,
  });
  const { train, validation } = run.history.at(-1)!;
  expectTypeOf(train).toEqualTypeOf<{ readonly loss: number } & { readonly absolute: number }>();
  expect(validation!.loss).toBeLessThan(1e-3);
  expect(validation!.absolute).toBeLessThan(0.03);
  const { predictions, ...score } = await evaluate(run.network, data, {
    loss: meanSquaredError(),
    metrics: { absolute: meanAbsoluteError() },
  });
  expect(score).toEqual(validation);
  expect(predictions.shape).toEqual([100, 1]);
  expect(predictions.dtype).toBe("float32");
});

/** Columns with mean 0 and deviation 1: what a model can learn stays the same, and learning is faster. */
function standardized(rows: readonly (readonly number[])[]): Float64Array {
  const columns = rows[0]!.map((_, column) => {
    const all = rows.map((row) => row[column]!);
    const mean = all.reduce((total, value) => total + value) / all.length;
    const variance = all.reduce((total, value) => total + (value - mean) ** 2, 0) / all.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
  return Float64Array.from(
    rows.flatMap((row) => row.map((value, i) => (value - columns[i]!.mean) / columns[i]!.deviation)),
  );
}

test("values: diabetes reaches scikit-learn's linear regression", async () => {
  const { length } = diabetes.targets;
  const targets = Float64Array.from(diabetes.targets);
  const data = dataOf({ inputShape: [10], target: values(), inputs: standardized(diabetes.inputs), targets });
  const run = await fit(sequential([10], dense(1)), data, {
    loss: meanSquaredError(),
    // The best rate and momentum of heavy-ball descent for the curvatures 0.017 … 8 of this loss.
    optimizer: sgd({ learningRate: 0.45, momentum: 0.84 }),
    epochs: 400,
    batchSize: length,
    dtype: "float64",
  });
  const { loss, predictions } = await evaluate(run.network, data, { loss: meanSquaredError() });
  expect(Math.abs(loss / diabetes.meanSquaredError - 1)).toBeLessThan(1e-12);
  const mean = targets.reduce((total, value) => total + value) / length;
  const total = targets.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const left = targets.reduce((sum, value, i) => sum + (value - predictions.data[i]!) ** 2, 0);
  expect(1 - left / total).toBeCloseTo(diabetes.r2, 12);
});

const random = new RandomState(4);
const points = Float64Array.from(random.uniform({ low: -1, high: 1, size: 400 }).data);

test("flags: several labels at once", async () => {
  const answers = Uint8Array.from({ length: 600 }, (_, i) => {
    const [x, y] = [points[2 * Math.floor(i / 3)]!, points[2 * Math.floor(i / 3) + 1]!];
    return [x > 0, y > 0.3, x + y > 0][i % 3] ? 1 : 0;
  });
  const data = dataOf({ inputShape: [2], target: flags(3), inputs: points, targets: answers });
  const run = await fit(sequential([2], dense(3)), data, {
    loss: binaryCrossEntropy(),
    metrics: { accuracy: accuracy() },
    optimizer: adam({ learningRate: 0.05 }),
    epochs: 150,
    batchSize: 50,
    validation: data,
  });
  const score = run.history.at(-1)!.validation!;
  expect(score.accuracy).toBeGreaterThan(0.97);
  const { predictions } = await evaluate(run.network, data, { loss: binaryCrossEntropy() });
  expect(predictions.shape).toEqual([200, 3]);
  const right = answers.filter((answer, i) => (predictions.data[i]! > 0 ? 1 : 0) === answer).length;
  expect(score.accuracy).toBeCloseTo(right / 600, 14);
});

test("classes: labels in int32, beyond what a byte holds", async () => {
  const labels = Int32Array.from({ length: 200 }, (_, row) => (points[2 * row]! > 0 ? 299 : 7));
  const data = dataOf({ inputShape: [2], target: classes(300), inputs: points, targets: labels });
  const run = await fit(sequential([2], dense(300)), data, {
    loss: crossEntropy(),
    metrics: { accuracy: accuracy(), top2: topK(2) },
    optimizer: adam({ learningRate: 0.1 }),
    epochs: 20,
    validation: data,
  });
  const score = run.history.at(-1)!.validation!;
  expect(score.accuracy).toBeGreaterThan(0.95);
  expect(score.top2).toBe(1);
  const { predictions } = await evaluate(run.network, data, { loss: crossEntropy() });
  expectTypeOf(predictions).toEqualTypeOf<Tensor<[number], "int32">>();
  expect(new Set(predictions.data)).toEqual(new Set([7, 299]));
});
