/** What a user's own layer, loss, metric, optimiser or controller gives wrong is said in its name. */

import { defineLayer, defineLoss, dense, ones, sequential } from "@nn/model";
import { max, mean, multiply, tensor } from "@nn/tensor";
import { expect, test } from "vitest";
import { defineMetric } from "../metrics/metric.ts";
import { sgd } from "../optimizers/sgd.ts";
import { fit } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";

const data = {
  size: 2,
  inputShape: [2],
  target: { kind: "values", shape: [2] },
  batches: () => [
    {
      inputs: tensor([
        [1, 2],
        [3, 4],
      ]),
      targets: tensor([
        [1, 2],
        [3, 4],
      ]),
      size: 2,
    },
  ],
} as const;

const layer = (parts: object) =>
  defineLayer({
    kind: "gain",
    call: "gain()",
    variables: (shape) => ({ by: { shape, initializer: ones(), role: "parameter" } }),
    apply: ({ by }, x) => multiply(x, by!) as typeof x,
    ...parts,
  });
const loss = (parts: object = {}) =>
  defineLoss({
    kind: "own",
    call: "own()",
    perRow: (outputs) => mean(multiply(outputs, outputs), { axis: 1 }),
    ...parts,
  });
const metric = (parts: object) =>
  defineMetric({
    kind: "largest",
    call: "largest()",
    direction: "minimize",
    observe: ({ outputs }) => ({ worst: max(outputs) }),
    initialize: () => 0,
    update: (worst, seen) => Math.max(worst, seen.worst![0]!),
    result: (worst) => worst,
    ...parts,
  });
const controller = (active: unknown) => ({ kind: "own", config: {}, begin: () => active as never });
const active = { observe: () => undefined, state: () => ({ json: null }), restore: () => undefined };
const optimizer = (update: () => unknown) => ({ kind: "own", config: {}, initialize: () => ({}), update }) as never;

const train = (options: Partial<FitOptions>, first: ReturnType<typeof layer> = layer({})) =>
  fit(
    sequential([2], first, dense(2)) as never,
    data as never,
    {
      loss: loss(),
      optimizer: sgd({ learningRate: 0.01 }),
      epochs: 1,
      ...options,
    } as never,
  );

test("parts that are right train", async () => {
  const run = await train({ metrics: { worst: metric({}) }, control: [controller(active)] });
  expect(run.steps).toBe(1);
});

test.each<[string, () => unknown, string]>([
  ["nothing for a layer", () => defineLayer(undefined as never), "defineLayer: received options undefined"],
  ["a layer without call", () => layer({ call: undefined }), "defineLayer: received call undefined"],
  ["a layer without apply", () => layer({ apply: undefined }), "gain(): received apply undefined"],
  ["a part misspelt", () => layer({ aply: () => 1 }), "Did you mean apply?"],
  [
    "an output that is missing",
    () => train({}, layer({ apply: () => undefined })),
    "gain() at gain1: received output undefined",
  ],
  ["an output that is a number", () => train({}, layer({ apply: () => 3 })), "gain() at gain1: received output 3"],
  ...(
    [
      [{ shape: [2] }, "received variable by a value of class Object; expected { shape, initializer, role }"],
      [{ shape: [2], initializer: ones, role: "parameter" }, "Call it: ones()."],
      [{ shape: [2], initializer: "ones", role: "parameter" }, 'initializer of by "ones" of type string'],
      [{ shape: [2], initializer: ones(), role: "weight" }, 'role of by "weight" of type string'],
    ] as const
  ).map(([by, text]): [string, () => unknown, string] => [
    `the variable ${JSON.stringify(by)}`,
    () => train({}, layer({ variables: () => ({ by }) })),
    text,
  ]),
  ["nothing for a loss", () => defineLoss(undefined as never), "defineLoss: received definition undefined"],
  ["a loss without rows", () => loss({ perRow: undefined }), "own(): received perRow undefined"],
  [
    "losses that are missing",
    () => train({ loss: loss({ perRow: () => undefined }) }),
    "own(): received losses undefined",
  ],
  ["losses that are a number", () => train({ loss: loss({ perRow: () => 1 }) }), "own(): received losses 1"],
  ["nothing for a metric", () => defineMetric(undefined as never), "defineMetric: received definition undefined"],
  ["another direction", () => metric({ direction: "max" }), 'largest(): received direction "max"'],
  ["no start", () => metric({ initialize: undefined }), "largest(): received initialize undefined"],
  [
    "a tensor without a name",
    () => train({ metrics: { worst: metric({ observe: ({ outputs }: never) => max(outputs) }) } }),
    "largest(): received what observe gave a value of class Tensor; expected a record of tensors. Give each a name",
  ],
  [
    "a result that is no number",
    () => train({ metrics: { worst: metric({ result: () => undefined }) } }),
    "largest(): received result undefined; expected a number.",
  ],
  ["no active controller", () => train({ control: [controller(undefined)] }), "what controller own began undefined"],
  [
    "a scale below 0",
    () => train({ control: [controller({ ...active, learningRateScale: -1 })] }),
    "fit: received learningRateScale of a controller -1",
  ],
  ["no update", () => train({ optimizer: optimizer(() => undefined) }), "what optimizer own gave undefined"],
  ["no updates", () => train({ optimizer: optimizer(() => ({ state: {} })) }), "expected { updates, state }"],
])("%s is refused", async (_, act, text) => {
  await expect((async () => act())()).rejects.toMatchObject({
    name: "ArgumentError",
    message: expect.stringContaining(text),
  });
});
