import {
  binaryCrossEntropy,
  type ClassesTarget,
  crossEntropy,
  defineLoss,
  dense,
  dropout,
  l2,
  network,
  sequential,
  sigmoid,
  softmax,
  tanh,
} from "@nn/model";
import {
  cast,
  fromArray,
  type Mismatch,
  reference,
  reshape,
  type Shape,
  square,
  subtract,
  type Tensor,
} from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "../../goldens/fit.json" with { type: "json" };
import { accuracyScore } from "../metrics/accuracy-score.ts";
import { sgd } from "../optimizers/sgd.ts";
import { halfCircles, testData } from "../test-data.ts";
import type { DataMismatch } from "./check-data.ts";
import type { BatchOrder, TrainingData } from "./data.ts";
import { DivergedError } from "./diverged-error.ts";
import { evaluate } from "./evaluate.ts";
import type { TrainingEvent } from "./events.ts";
import { fit } from "./fit.ts";

const model = sequential([2], dense(8), tanh(), dense(2));
const data = halfCircles(50);
const options = { loss: crossEntropy(), optimizer: sgd({ learningRate: 0.5 }), epochs: 3, batchSize: 16, seed: 1 };

async function eventsOf<E>(events: AsyncIterable<E>): Promise<E[]> {
  const all: E[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test("learns two half circles", async () => {
  const run = await fit(model, data, { ...options, epochs: 150, validation: halfCircles(200, 9) });
  expect(run).toMatchObject({ epochs: 150, steps: 600 });
  const { train, validation } = run.history.at(-1)!;
  expect(train.accuracy).toBeGreaterThan(0.95);
  expect(validation?.accuracy).toBeGreaterThan(0.95);
  expect(train.loss).toBeLessThan(run.history[0]!.train.loss / 4);
});

describe("agrees with NumPy", () => {
  const shapes: Readonly<Record<string, Shape>> = {
    "dense1.weight": [3, 5],
    "dense1.bias": [5],
    "dense2.weight": [5, 4],
    "dense2.bias": [4],
  };
  const record = (values: Readonly<Record<string, readonly number[]>>): Record<string, Tensor<Shape, "float64">> =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, fromArray(Float64Array.from(values[name]!), shape)]),
    );
  const network = sequential([3], dense(5), sigmoid(), dense(4));
  const rows = testData([3], 4, Float64Array.from(golden.inputs), golden.labels);

  test("for two epochs in float64, with momentum, a penalty and a last, smaller batch", async () => {
    const events = await eventsOf(
      fit.events(network, rows, {
        loss: crossEntropy(),
        optimizer: sgd({ learningRate: 0.3, momentum: 0.9 }),
        regularizer: l2(0.01),
        epochs: 2,
        batchSize: 8,
        shuffle: false,
        validation: rows,
        initialVariables: record(golden.initial),
      }),
    );
    const steps = events.filter((event) => event.type === "step");
    const close = { rtol: 1e-12, atol: 0 };
    const vector = (values: readonly number[]) => ({ shape: [values.length], data: values });
    expectAllClose(vector(steps.map(({ loss }) => loss)), vector(golden.stepLosses), close);
    expect(steps.map(({ score, size }) => (score.accuracy ?? 0) * size)).toEqual(golden.stepCorrect);
    const { run } = events.find((event) => event.type === "end")!;
    const validation = run.history.map((epoch) => epoch.validation!);
    expectAllClose(
      vector(validation.map(({ loss }) => loss)),
      vector(golden.validation.map(({ loss }) => loss)),
      close,
    );
    expect(validation.map(({ accuracy }) => Math.round(accuracy * 22))).toEqual(
      golden.validation.map(({ correct }) => correct),
    );
    const final = record(golden.final);
    for (const name of Object.keys(shapes)) {
      expectAllClose(run.variables[name]!, final[name]!, { rtol: 1e-12, atol: 1e-13 });
    }
  });
});

describe("the same arguments give the same weights", () => {
  const withDropout = sequential([2], dense(8), tanh(), dropout(0.25), dense(2));
  const shaOf = async (changed: object = {}): Promise<string> =>
    (await fit(withDropout, data, { ...options, ...changed })).weightsSha256;

  test("twice, with validation and without", async () => {
    const sha = await shaOf();
    expect(sha).toMatch(/^[0-9a-f]{64}$/);
    expect(await shaOf()).toBe(sha);
    expect(await shaOf({ validation: halfCircles(30, 3) })).toBe(sha);
  });

  test.each([
    { seed: 2 },
    { epochs: 4 },
    { batchSize: 15 },
    { shuffle: false },
    { dtype: "float64" },
    { stepsPerEpoch: 3 },
  ])("others give others: %o", async (changed) => {
    expect(await shaOf(changed)).not.toBe(await shaOf());
  });

  test.each(["float32", "float64"] as const)("on the reference backend as on the default one, in %s", async (dtype) => {
    expect(await shaOf({ dtype, backend: reference })).toBe(await shaOf({ dtype }));
  });

  test("weights to begin with are not changed, and lead where a fresh start leads", async () => {
    const initialVariables = withDropout.initialize({ seed: 1 });
    const before = Object.values(initialVariables).map(({ data: values }) => values.slice());
    expect(await shaOf({ initialVariables })).toBe(await shaOf());
    expect(Object.values(initialVariables).map(({ data: values }) => values)).toEqual(before);
  });
});

describe("events", () => {
  test("come in order: start, the steps of an epoch, the epoch, …, end", async () => {
    const events = await eventsOf(fit.events(model, data, { ...options, epochs: 2, validation: data }));
    const epoch = ["step", "step", "step", "step", "epoch"];
    expect(events.map(({ type }) => type)).toEqual(["start", ...epoch, ...epoch, "end"]);
    expect(events[0]).toMatchObject({ type: "start", epochs: 2, stepsPerEpoch: 4, samplesPerEpoch: 50 });
    const steps = events.filter((event) => event.type === "step");
    expect(steps.map(({ step, epoch: at, size }) => [step, at, size])).toEqual([
      ...[1, 2, 3, 4].map((step) => [step, 1, step === 4 ? 2 : 16]),
      ...[5, 6, 7, 8].map((step) => [step, 2, step === 8 ? 2 : 16]),
    ]);
    const epochs = events.filter((event) => event.type === "epoch");
    expect(epochs.map(({ step, epoch: at }) => [step, at])).toEqual([
      [4, 1],
      [8, 2],
    ]);
    const { run } = events.find((event) => event.type === "end")!;
    expect(run.history).toEqual(
      epochs.map(({ epoch, step, train, validation, durationMs }) => ({ epoch, step, train, validation, durationMs })),
    );
    expect(epochs.at(-1)?.variables).toEqual(run.variables);
  });

  test("an epoch's training score is the mean over its rows", async () => {
    const events = await eventsOf(fit.events(model, data, { ...options, epochs: 1 }));
    const steps = events.filter((event) => event.type === "step");
    const [epoch] = events.filter((event) => event.type === "epoch");
    const mean = (value: (step: (typeof steps)[number]) => number): number =>
      steps.reduce((total, step) => total + value(step) * step.size, 0) / 50;
    expect(epoch?.train.loss).toBeCloseTo(
      mean(({ loss }) => loss),
      12,
    );
    expect(epoch?.train.accuracy).toBeCloseTo(
      mean(({ score }) => score.accuracy ?? 0),
      12,
    );
  });

  test("stepsPerEpoch ends an epoch early", async () => {
    const events = await eventsOf(fit.events(model, data, { ...options, stepsPerEpoch: 2 }));
    expect(events[0]).toMatchObject({ type: "start", epochs: 3, stepsPerEpoch: 2, samplesPerEpoch: 32 });
    expect(events.filter(({ type }) => type === "step")).toHaveLength(6);
  });

  test("leaving the loop ends the run", async () => {
    let seen = 0;
    for await (const event of fit.events(model, data, { ...options, epochs: 1000 })) {
      if (event.type === "step" && ++seen === 3) break;
    }
    expect(seen).toBe(3);
  });
});

describe("data that comes asynchronously", () => {
  const orders: BatchOrder[] = [];
  let left = 0;
  const later: TrainingData<[2], ClassesTarget<2>> = {
    ...data,
    async *batches(order) {
      orders.push(order);
      try {
        for (const batch of data.batches(order)) {
          await new Promise(setImmediate);
          yield batch;
        }
      } finally {
        left++;
      }
    },
  };

  test("leads to the same weights, and is asked for as many batches as are taken", async () => {
    const given = { ...options, stepsPerEpoch: 2, validation: later };
    orders.length = 0;
    const run = await fit(model, later, given);
    expect(run.weightsSha256).toBe((await fit(model, data, given)).weightsSha256);
    expect(orders.filter(({ shuffle }) => shuffle).map(({ epoch, to }) => [epoch, to])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  test("is told when the loop is left", async () => {
    left = 0;
    for await (const event of fit.events(model, later, options)) if (event.type === "step") break;
    expect(left).toBe(1);
  });
});

describe("stops", () => {
  test("when its signal says so, with the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: TrainingEvent["type"][] = [];
    const run = async (): Promise<void> => {
      for await (const event of fit.events(model, data, { ...options, signal: controller.signal })) {
        seen.push(event.type);
        if (event.type === "step" && event.step === 2) controller.abort(reason);
      }
    };
    await expect(run()).rejects.toBe(reason);
    expect(seen).toEqual(["start", "step", "step"]);
  });

  test("at a timer, in the middle of a long run", async () => {
    await expect(fit(model, data, { ...options, epochs: 1e6, signal: AbortSignal.timeout(80) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });

  test("when the loss is no number, naming the step; what was before has been told", async () => {
    const values = Float64Array.from({ length: 20 }, (_, i) => i % 3);
    values[13] = Number.NaN;
    const broken = testData([2], 2, values, [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const seen: TrainingEvent["type"][] = [];
    const run = async (): Promise<void> => {
      const given = { ...options, batchSize: 2, shuffle: false };
      for await (const event of fit.events(model, broken, given)) seen.push(event.type);
    };
    await expect(run()).rejects.toBeInstanceOf(DivergedError);
    await expect(run()).rejects.toMatchObject({ step: 4, epoch: 1, received: "a loss of NaN at step 4, in epoch 1" });
    expect(seen.slice(0, 4)).toEqual(["start", "step", "step", "step"]);
  });

  test("when the last update made a parameter infinite", async () => {
    const far = testData([2], 2, Float64Array.of(1e30, 1e30), [0]);
    const given = { ...options, epochs: 1, batchSize: 1, optimizer: sgd({ learningRate: 1e30 }) };
    await expect(fit(sequential([2], dense(2)), far, given)).rejects.toMatchObject({
      name: "DivergedError",
      received: expect.stringContaining("in variable dense1.weight at step 1, in epoch 1"),
    });
  });
});

describe("refuses", () => {
  test.each([
    [{ batchSize: 0 }, "fit: received batchSize 0; expected an integer from 1 to 50."],
    [{ batchSize: 51 }, "fit: received batchSize 51; expected an integer from 1 to 50."],
    [{ batchSize: 2.5 }, "fit: received batchSize 2.5; expected an integer from 1 to 50."],
    [{ epochs: 0 }, "fit: received epochs 0; expected an integer of at least 1."],
    [{ epochs: Number.NaN }, "fit: received epochs NaN; expected an integer of at least 1."],
    [{ seed: -1 }, "fit: received seed -1; expected an integer from 0 to 4294967295."],
    [{ seed: 2 ** 32 }, "fit: received seed 4294967296; expected an integer from 0 to 4294967295."],
    [{ stepsPerEpoch: 0 }, "fit: received stepsPerEpoch 0; expected an integer from 1 to 4."],
    [{ stepsPerEpoch: 5 }, "fit: received stepsPerEpoch 5; expected an integer from 1 to 4."],
    [
      { dtype: "float32" as const, initialVariables: model.initialize({ seed: 0 }) },
      "fit: received dtype float32 and initialVariables; expected one of them. Leave dtype out: initial variables bring their own.",
    ],
  ])("%o, at the call of either", async (changed, message) => {
    const given = { ...options, ...changed };
    expect(() => fit.events(model, data, given)).toThrow(expect.objectContaining({ name: "ArgumentError", message }));
    await expect(fit(model, data, given)).rejects.toMatchObject({ message });
  });

  // What JavaScript may pass.
  test.each<[unknown, unknown, unknown, string]>([
    [undefined, data, options, "fit: received model undefined; expected a model, made by sequential for example."],
    [dense(2), data, options, "fit: received model dense(2); expected a model, made by sequential for example."],
    [
      model,
      {},
      options,
      "fit: received data a value of class Object; expected a dataset: size, inputShape, target, batches.",
    ],
    [
      model,
      data,
      undefined,
      "fit: received options undefined; expected an object with the options loss, optimizer, epochs, ",
    ],
    [
      model,
      data,
      { ...options, loss: crossEntropy },
      "fit: received loss the function crossEntropy; expected a loss such as crossEntropy(). Call it: crossEntropy().",
    ],
    [
      model,
      data,
      { ...options, optimizer: "sgd" },
      'fit: received optimizer "sgd" of type string; expected an optimizer such as sgd().',
    ],
    [model, data, { ...options, validation: null }, "fit: validation: received data null; expected a dataset: "],
  ])("what is no model, dataset, loss or optimiser: %#", async (...given) => {
    const [anyModel, anyData, anyOptions, message] = given as [never, never, never, string];
    expect(() => fit.events(anyModel, anyData, anyOptions)).toThrow(message);
  });

  test("initial parameters of another model", async () => {
    const initialVariables = sequential([2], dense(7), tanh(), dense(2)).initialize({ seed: 0 });
    await expect(fit(model, data, { ...options, initialVariables })).rejects.toMatchObject({ name: "ShapeError" });
  });

  test("data without rows", async () => {
    const message = "fit: received data without rows; expected at least 1 row.";
    await expect(fit(model, { ...data, size: 0 }, options)).rejects.toMatchObject({ message });
  });

  test("probabilities for a loss of logits, as evaluate does", async () => {
    const twice = sequential([2], dense(2), softmax());
    const refused = { name: "ArgumentError", received: "the probabilities of a last softmax()" };
    await expect(fit(twice, data, options)).rejects.toMatchObject(refused);
    const untrained = network(twice, twice.initialize({ seed: 0 }));
    await expect(evaluate(untrained, data, { loss: crossEntropy() })).rejects.toMatchObject(refused);
  });

  // Each is an error of the compiler whose text is the one that is thrown.
  test("data of another shape", async () => {
    const images = testData([28, 28, 1], 2, new Uint8Array(784), [0]);
    const message = "fit: received data with inputs of shape [28, 28, 1]; expected [2], the input of the model.";
    // @ts-expect-error the message
    await expect(fit(model, images, options)).rejects.toMatchObject({ name: "ShapeError", message });
    // @ts-expect-error the message
    expect(() => fit.events(model, images, options)).toThrow(message);
  });

  test("validation data of another shape", async () => {
    const validation = testData([3], 2, new Float64Array(3), [0]);
    const message = "fit: validation: received data with inputs of shape [3]; expected [2], the input of the model.";
    // @ts-expect-error the message
    await expect(fit(model, data, { ...options, validation })).rejects.toMatchObject({ name: "ShapeError", message });
  });

  test("as many outputs as there are no classes", async () => {
    const ten = testData([2], 10, new Float64Array(2), [9]);
    const message =
      "crossEntropy(): received outputs of shape [2] for 10 classes; expected shape [10], a logit for each class. End the model with dense(10).";
    // @ts-expect-error the message
    await expect(fit(model, ten, options)).rejects.toMatchObject({ name: "ShapeError", message });
  });
});

test("the compiler's text is the one that is thrown", () => {
  type Expected =
    Mismatch<"fit: received data with inputs of shape [28, 28, 1]; expected [2], the input of the model.">;
  expectTypeOf<DataMismatch<"fit", [2], readonly [28, 28, 1]>>().toEqualTypeOf<Expected>();
  expectTypeOf<DataMismatch<"fit", [28, 28, 1], readonly [28, 28, 1]>>().toEqualTypeOf<Shape>();
  expectTypeOf<DataMismatch<"fit", [28, 28, 1], [number, 28, 1]>>().toEqualTypeOf<Shape>();
  expectTypeOf<DataMismatch<"fit", [2], number[]>>().toEqualTypeOf<Shape>();
});

test("two classes with one output", async () => {
  const one = sequential([2], dense(8), tanh(), dense(1));
  const given = { ...options, loss: binaryCrossEntropy(), epochs: 150, validation: data };
  const { history, network } = await fit(one, data, given);
  expect(history.at(-1)?.validation?.accuracy).toBeGreaterThan(0.9);
  const [all] = data.batches({ batchSize: 50 });
  expect(accuracyScore(all!.targets, network.classify(all!.inputs))).toBe(history.at(-1)?.validation?.accuracy);
});

test("a probability of one output says class 1 above ½, to fit and evaluate as to classify", async () => {
  const squaredError = defineLoss({
    kind: "squaredError",
    call: "squaredError()",
    perRow: (outputs, labels) =>
      square(subtract(reshape(outputs, labels.shape), cast(labels, outputs.dtype))) as Tensor,
  });
  const one = sequential([2], dense(8), tanh(), dense(1), sigmoid());
  const given = {
    ...options,
    loss: squaredError,
    batchSize: 50,
    optimizer: sgd({ learningRate: 0 }),
    validation: data,
  };
  const { history, network } = await fit(one, data, { ...given, epochs: 1 });
  const [all] = data.batches({ batchSize: 50 });
  const expected = accuracyScore(all!.targets, network.classify(all!.inputs));
  // Class 1 for every row would be right for half of them.
  expect(expected).not.toBe(0.5);
  expect([history[0]!.train.accuracy, history[0]!.validation?.accuracy]).toEqual([expected, expected]);
  const evaluated = await evaluate(network, data, { loss: squaredError });
  expect(evaluated.predictions).toEqual(network.classify(all!.inputs));
});

test("types follow model and data", async () => {
  const run = await fit(model, data, { ...options, epochs: 1 });
  expectTypeOf(run.variables).toEqualTypeOf<{ readonly [name: string]: Tensor<Shape, "float32"> }>();
  const wide = await fit(model, data, { ...options, epochs: 1, dtype: "float64" });
  expectTypeOf(wide.variables).toEqualTypeOf<{ readonly [name: string]: Tensor<Shape, "float64"> }>();
  const given = await fit(model, data, { ...options, epochs: 1, initialVariables: wide.variables });
  expectTypeOf(given.variables).toEqualTypeOf<typeof wide.variables>();
  // Sizes that the compiler does not know are left to the run.
  await fit(model, data as typeof data & { readonly inputShape: Shape }, { ...options, epochs: 1 });
});
