/** Validation data: refused where it has other classes than the training data, and named where it is what diverges. */

import {
  type ClassesTarget,
  crossEntropy,
  defineLoss,
  dense,
  meanSquaredError,
  network,
  relu,
  sequential,
  type Target,
  tanh,
  values,
} from "@nn/model";
import { mean, multiply, type Shape, type Tensor } from "@nn/tensor";
import { expect, expectTypeOf, test } from "vitest";
import { sgd } from "../optimizers/sgd.ts";
import { dataOf, halfCircles, testData } from "../test-data.ts";
import type { TargetMismatch } from "./check-data.ts";
import type { TrainingData } from "./data.ts";
import { DivergedError } from "./diverged-error.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

const options = { loss: crossEntropy(), optimizer: sgd(), epochs: 2, batchSize: 2, seed: 0 };
const line = testData([1], 2, Float64Array.of(-1, 1, -2, 2), [0, 1, 0, 1]);
const rowsOf = (...values: number[]) =>
  testData(
    [1],
    2,
    Float64Array.from(values),
    values.map((_, row) => row % 2),
  );

const at = { name: "DivergedError", operation: "fit: validation", step: 2, epoch: 1 };

test.each<[string, number[], number, string]>([
  ["NaN", [0, Number.NaN], 1, "NaN"],
  ["an infinity", [0, Number.POSITIVE_INFINITY], 1, "Infinity"],
  ["a negative infinity", [1, 2, Number.NEGATIVE_INFINITY, 0], 2, "-Infinity"],
])("validation inputs with %s", async (_, values, row, value) => {
  const validation = rowsOf(...values);
  const fix = `Row ${row} of the inputs holds ${value}: leave such rows out or fill the gaps.`;
  const diverged = {
    ...at,
    received: expect.stringMatching(/^a loss of -?(NaN|Infinity) at step 2, in epoch 1$/),
    fix,
  };
  for (const model of [sequential([1], dense(2)), sequential([1], dense(8), relu(), dense(2))]) {
    const run = fit(model, line, { ...options, validation });
    await expect(run).rejects.toBeInstanceOf(DivergedError);
    await expect(run).rejects.toMatchObject(diverged);
    const untrained = network(model, model.initialize({ seed: 0 }));
    await expect(evaluate(untrained, validation, { loss: crossEntropy() })).rejects.toMatchObject({
      name: "DivergedError",
      operation: "evaluate",
      step: undefined,
      epoch: undefined,
      fix,
    });
  }
});

test("a row beyond the first batch is counted from the first row", async () => {
  const values = Array.from({ length: 300 }, (_, row) => row / 300);
  values[270] = Number.NaN;
  await expect(
    fit(sequential([1], dense(2)), line, { ...options, validation: rowsOf(...values) }),
  ).rejects.toMatchObject({ ...at, fix: expect.stringContaining("Row 270 of the inputs holds NaN") });
});

test("a validation loss that overflows while training and parameters stay finite", async () => {
  // The training loss is near 1; that of the validation data is beyond float32.
  const scaled = defineLoss({
    kind: "scaled",
    call: "scaled()",
    perRow: (outputs) => mean(multiply(outputs, outputs) as Tensor<Shape, "float32">, { axis: 1 }) as Tensor,
  });
  const model = sequential([1], dense(2));
  const given = { ...options, loss: scaled, optimizer: sgd({ learningRate: 0 }), validation: rowsOf(1e30, -1e30) };
  await expect(fit(model, line, given)).rejects.toMatchObject({
    ...at,
    message:
      "fit: validation: received a loss of Infinity at step 2, in epoch 1; expected finite numbers. " +
      "Lower the learning rate, and look for very large inputs.",
  });
});

test("what was before has been told, and the epoch that cannot be scored has not", async () => {
  const seen: string[] = [];
  const run = async (): Promise<void> => {
    const events = fit.events(sequential([1], dense(2)), line, { ...options, validation: rowsOf(Number.NaN) });
    for await (const event of events) seen.push(event.type);
  };
  await expect(run()).rejects.toMatchObject(at);
  expect(seen).toEqual(["start", "step", "step"]);
});

test("training inputs that are NaN are named by the row of the batch", async () => {
  const data = rowsOf(0, 1, 2, Number.NaN);
  await expect(fit(sequential([1], dense(2)), data, { ...options, shuffle: false })).rejects.toMatchObject({
    operation: "fit",
    received: "a loss of NaN at step 2, in epoch 1",
    fix: "Row 1 of the inputs holds NaN: leave such rows out or fill the gaps.",
  });
});

const model = sequential([2], dense(8), tanh(), dense(2));
const moons = halfCircles(20);
const threeClasses = testData([2], 3, new Float64Array(6), [0, 1, 2]);

test("validation data of other classes is refused, in the compiler's words", async () => {
  const message = "fit: validation: received data of 3 classes; expected 2 classes, as in the training data.";
  // @ts-expect-error the message
  await expect(fit(model, moons, { ...options, validation: threeClasses })).rejects.toMatchObject({
    name: "ShapeError",
    message,
  });
  // @ts-expect-error the message
  expect(() => fit.events(model, moons, { ...options, validation: threeClasses })).toThrow(message);
  // Where the compiler does not know how many there are, the run says so.
  const unknown: TrainingData<readonly [2]> = threeClasses;
  await expect(
    fit(model, moons as TrainingData<readonly [2]>, { ...options, validation: unknown }),
  ).rejects.toMatchObject({ message });
});

test("the compiler's text is the one that is thrown", () => {
  type Text = "fit: validation: received data of 3 classes; expected 2 classes, as in the training data.";
  expectTypeOf<TargetMismatch<"fit: validation", ClassesTarget<2>, ClassesTarget<3>>>().toEqualTypeOf<{
    readonly mismatch: Text;
  }>();
  expectTypeOf<TargetMismatch<"fit: validation", ClassesTarget<2>, ClassesTarget<2>>>().toEqualTypeOf<Target>();
  expectTypeOf<TargetMismatch<"fit: validation", ClassesTarget, ClassesTarget<3>>>().toEqualTypeOf<Target>();
  expectTypeOf<TargetMismatch<"fit: validation", ClassesTarget<2>, ClassesTarget>>().toEqualTypeOf<Target>();
});

test("validation data whose classes have other names or another order is refused", async () => {
  const named = (...classNames: string[]) => ({ ...moons, target: { ...moons.target, names: classNames } });
  const data = named("cat", "dog");
  await expect(fit(model, data, { ...options, validation: named("dog", "cat") })).rejects.toMatchObject({
    name: "ArgumentError",
    operation: "fit: validation",
    received: 'data with the name "dog" for class 0',
  });
  // Names that only one of them has say nothing.
  await fit(model, data, { ...options, epochs: 1, validation: moons });
  await fit(model, data, { ...options, epochs: 1, validation: named("cat", "dog") });
});

test("validation data of fewer classes than the model: the training data is refused first", async () => {
  const ten = testData([2], 10, new Float64Array(2), [0]);
  // @ts-expect-error ten classes for two outputs
  await expect(fit(model, ten, { ...options, batchSize: 1, validation: ten })).rejects.toMatchObject({
    operation: "crossEntropy()",
  });
});

test("targets that are NaN are named by their row", async () => {
  const targets = Float64Array.of(1, 2, 3, Number.NaN);
  const data = dataOf({ inputShape: [1], target: values(), inputs: new Float64Array(4), targets });
  const one = sequential([1], dense(1));
  const given = { ...options, loss: meanSquaredError(), shuffle: false };
  const untrained = network(one, one.initialize({ seed: 0 }));
  await expect(fit(one, data, given)).rejects.toMatchObject({
    received: "a loss of NaN at step 2, in epoch 1",
    fix: "Row 1 of the targets holds NaN: leave such rows out or fill the gaps.",
  });
  await expect(evaluate(untrained, data, { loss: meanSquaredError() })).rejects.toMatchObject({
    fix: "Row 3 of the targets holds NaN: leave such rows out or fill the gaps.",
  });
});
