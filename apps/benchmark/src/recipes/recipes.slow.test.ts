import { trainTestSplit } from "@nn/datasets";
import { dense, flatten, network, relu, rescaling, sequential } from "@nn/model";
import { NeuralNet } from "@nn/model/workshop";
import { fromArray, RandomState } from "@nn/tensor";
import { accuracyScore } from "@nn/train";
import { boundary, confusion, points, predictions } from "@nn/train/records";
import type { RunLog } from "@nn/train/run-log";
import { expect, test, vi } from "vitest";
import moonsGolden from "../../goldens/moons-workshop.json" with { type: "json" };
import mnistGolden from "../../goldens/workshop-mnist.json" with { type: "json" };
import { preparedData } from "../prepared-data.ts";
import { misses } from "../train/reach-check.ts";
import { fakeData, record } from "../train/test-recipe.ts";
import { mnistMlp } from "./mnist-mlp.ts";
import { mnistWorkshop } from "./mnist-workshop.ts";
import { moonsFast } from "./moons-fast.ts";
import { moonsWorkshop } from "./moons-workshop.ts";
import { perceptronLoans } from "./perceptron-loans.ts";

// Long runs, on machines that may be busy.
vi.setConfig({ testTimeout: 300_000 });

function expectRelative(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const off = actual.map((value, i) => Math.abs(value / expected[i]! - 1));
  expect(Math.max(...off)).toBeLessThan(tolerance);
}

test("perceptron-loans decides every application rightly", async () => {
  const recipe = perceptronLoans();
  const { result, log, lines } = await record(recipe);
  expect(misses(recipe.reaches, result)).toEqual([]);
  expect(result).toMatchObject({ finalLoss: 0, trainAccuracy: 1, testAccuracy: 1 });
  expect(result.epochs).toBeGreaterThan(5);
  expect(lines.at(-1)).toBe(`Epoch ${result.epochs}: 0 of 24 wrong`);
  expect(log.series("loss", "train").value.at(-1)).toBe(0);
  expect(log.series("accuracy", "test").value).toEqual([1]);
});

test("perceptron-loans gives up in the end", async () => {
  const { result } = await record(perceptronLoans({ maxEpochs: 3 }));
  expect(result).toMatchObject({ epochs: 3, steps: 72 });
  expect(misses(perceptronLoans().reaches, result)).toEqual([
    `received trainAccuracy ${result.trainAccuracy}; expected 1 to 1`,
  ]);
});

test("moons-workshop prints the losses of the workshop's program in NumPy, to 1e-9", async () => {
  const grid = { rows: 4, columns: 6 };
  const { result, log, lines, progress } = await record(moonsWorkshop({ iterations: 2500, grid }));
  const losses = log.series("loss", "train");
  const at = (step: number): number => losses.value[losses.step.indexOf(step)]!;
  expectRelative([at(1000), at(2000)], moonsGolden.losses.slice(0, 2), 1e-9);
  expect(lines.slice(0, 2)).toEqual(
    moonsGolden.losses.slice(0, 2).map((loss, i) => `Error en la iteracion ${1000 * (i + 1)}: ${loss.toFixed(6)}`),
  );
  expect(lines).toHaveLength(3);
  expect(progress.at(-1)).toEqual([2500, 2500]);
  expect(result).toMatchObject({ steps: 2500, epochs: 2500, samples: 500_000 });

  const { setting, values: frames } = boundary.read(log)!;
  expect(setting).toMatchObject({ extent: { xMin: expect.any(Number), yMax: expect.any(Number) } });
  expect(frames.map(({ step, rows, columns }) => [step, rows, columns])).toEqual(
    [0, 1000, 2000, 2500].map((step) => [step, 4, 6]),
  );
  for (const { values } of frames) {
    // Probabilities in steps of 1/256.
    expect(Array.from(values).every((value) => value >= 0 && value <= 1 && Number.isInteger(256 * value))).toBe(true);
  }
  // Low in the picture is the inner moon, class 1; high the outer one.
  const last = frames.at(-1)!.values;
  expect(last[0 * 6 + 3]).toBeGreaterThan(0.9);
  expect(last[3 * 6 + 1]).toBeLessThan(0.1);
  const kept = points.read(log)!.values;
  expect(kept.map(({ step, points: { length } }) => [step, length])).toEqual([[0, 200]]);
});

test("moons-fast prints in float32 what moons-workshop prints in float64", async () => {
  const { lines, log, result } = await record(moonsFast({ iterations: 2000 }));
  expect(lines).toEqual(
    moonsGolden.losses.slice(0, 2).map((loss, i) => `Error en la iteracion ${1000 * (i + 1)}: ${loss.toFixed(6)}`),
  );
  expect(log.series("loss", "train").step).toHaveLength(1000);
  expect(result).toMatchObject({ steps: 2000, samples: 400_000 });
});

test("moons-workshop does not depend on how its iterations are parted", async () => {
  const grid = { rows: 2, columns: 2 };
  const whole = await record(moonsWorkshop({ iterations: 60, every: 60, grid }));
  const parted = await record(moonsWorkshop({ iterations: 60, every: 7, grid }));
  for (const name of ["W1", "b1", "W2", "b2"])
    expect(parted.result.variables[name]).toEqual(whole.result.variables[name]);
  expect(boundary.read(parted.log)!.values.map(({ step }) => step)).toEqual([0, 7, 14, 21, 28, 35, 42, 49, 56, 60]);
});

// Real images: `prepare-data` has run. 100 steps of 784-256-10 take a while.
test.each(mnistGolden.runs)(
  "mnist-workshop takes the steps of the workshop's program in NumPy, seed $seed, to 1e-9",
  {
    timeout: 900_000,
  },
  async ({ seed, losses, right }) => {
    const seen: { readonly loss: number; readonly right: number }[] = [];
    const onStep = (step: (typeof seen)[number]): void => void seen.push(step);
    const { result, lines } = await record(mnistWorkshop({ epochs: losses.length / 4, seed, onStep }), preparedData());
    expectRelative(
      seen.map(({ loss }) => loss),
      losses,
      1e-9,
    );
    expect(seen.map((step) => step.right)).toEqual(right);
    const mean = losses.slice(0, 4).reduce((total, loss) => total + loss, 0) / 4;
    const share = right.slice(0, 4).reduce((total, count) => total + count, 0) / 256;
    expect(lines[0]).toBe(`Epoch 1 - Loss ${mean.toFixed(5)}, Accuracy: ${share.toFixed(5)}`);
    expect(result.steps).toBe(losses.length);
  },
);

test("mnist-workshop says what its epochs are, and keeps what the report shows", async () => {
  const { result, log } = await record(mnistWorkshop({ epochs: 3 }));
  expect(result).toMatchObject({ steps: 12, epochs: 3, samples: 768 });
  expect(log.header.config).toMatchObject({ stepsPerEpoch: 4 });
  expect(log.header.config.notes).toMatch(/An "epoch" is 4 batches of 64: 256 of the 320 training images/);
  expect(log.series("loss", "train").step).toEqual([4, 8, 12]);
  expectPredictions(log, 80);
});

test("mnist-mlp learns, and keeps what the report shows", async () => {
  const { result, log, lines, progress } = await record(mnistMlp({ epochs: 2, hidden: 16, validationSize: 80 }));
  expect(result).toMatchObject({ steps: 10, epochs: 2, samples: 640 });
  expect(result.testAccuracy).toBeGreaterThan(0.5);
  expect(log.series("loss", "train").step).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(log.series("loss", "validation").step).toEqual([5, 10]);
  expect(log.series("accuracy", "test")).toMatchObject({ step: [10], value: [result.testAccuracy] });
  expect(lines).toHaveLength(2);
  expect(progress.at(-1)).toEqual([10, 10]);
  expectPredictions(log, 60);
  expect(Object.keys(result.variables)).toEqual(["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"]);
});

test("train accuracy is that of the final weights, on the training part", async () => {
  const { result: mlp } = await record(mnistMlp({ epochs: 1, hidden: 16, validationSize: 80 }));
  const { train } = trainTestSplit(await fakeData.mnist("train"), { testSize: 80, seed: 0 });
  const model = sequential([28, 28, 1], rescaling(1 / 255), flatten(), dense(16), relu(), dense(10));
  const predicted = network(model, mlp.variables).classify(train.inputs);
  expect(mlp.trainAccuracy).toBe(accuracyScore(train.targets, predicted));

  const { result: workshop } = await record(mnistWorkshop({ epochs: 3 }));
  const measured = trainTestSplit(await fakeData.mnist("all"), { testSize: 0.2, seed: 42 }).train.take(80);
  const net = new NeuralNet({ inputDim: 784, hiddenDim: 256, outputDim: 10, random: new RandomState(0) });
  Object.assign(net, workshop.variables);
  const pixels = fromArray(
    Float64Array.from(measured.inputs.data, (value) => value / 255),
    [80, 784],
  );
  expect(workshop.trainAccuracy).toBe(accuracyScore(measured.targets, net.predict(pixels)));
});

function expectPredictions(log: RunLog, rows: number): void {
  const { counts } = confusion.read(log)!.values[0]!;
  expect(counts.map(({ length }) => length)).toEqual(Array.from({ length: 10 }, () => 10));
  expect(counts.flat().reduce((total, count) => total + count)).toBe(rows);
  const { setting, values } = predictions.read(log)!;
  expect(setting).toMatchObject({ height: 28, width: 28 });
  const { samples } = values[0]!;
  expect(samples).toHaveLength(rows);
  for (const { label, predicted, probability, pixels } of samples) {
    expect(label).toBeLessThan(10);
    expect(predicted).toBeLessThan(10);
    expect(probability).toBeGreaterThan(0.1 - 1e-6);
    expect(probability).toBeLessThanOrEqual(1);
    // The image belongs to the label.
    expect(
      Array.from(pixels)
        .slice(56 * label, 56 * label + 56)
        .every((value) => value === 250),
    ).toBe(true);
  }
}
