/** What training and scoring leave in the memory of an engine: nothing, however they end. */

import { crossEntropy, dense, network, sequential, tanh } from "@nn/model";
import { wasm } from "@nn/tensor";
import { expect, test } from "vitest";
import { sgd } from "../optimizers/sgd.ts";
import { halfCircles } from "../test-data.ts";
import { DivergedError } from "./diverged-error.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

const model = sequential([2], dense(8), tanh(), dense(2));
const data = halfCircles(50);
const backend = wasm();
const options = {
  ...{ loss: crossEntropy(), optimizer: sgd({ learningRate: 0.5, momentum: 0.9 }), epochs: 2, batchSize: 16, seed: 1 },
  ...{ backend, validation: halfCircles(40, 9) },
};
const { variables } = await fit(model, data, { ...options, epochs: 1 });
const nothing = { programsInMemory: 0, bytesInUse: 0 };

test.each<[string, () => Promise<unknown>]>([
  ["fit", () => fit(model, data, options)],
  ["evaluate", () => evaluate(network(model, variables, { backend }), data, { loss: crossEntropy(), backend })],
  [
    "events to their end",
    async () => {
      for await (const event of fit.events(model, data, options)) {
        if (event.type === "step") expect(backend.programsInMemory).toBeGreaterThan(0);
      }
    },
  ],
  [
    "events that are left in the middle of an epoch",
    async () => {
      for await (const event of fit.events(model, data, options)) if (event.type === "step" && event.step === 3) break;
    },
  ],
  [
    "events that are returned",
    async () => {
      const events = fit.events(model, data, options);
      for (let i = 0; i < 7; i++) await events.next();
      expect(backend.programsInMemory).toBeGreaterThan(0);
      await events.return();
    },
  ],
  [
    "a fit that diverges",
    () =>
      expect(
        fit(model, data, { ...options, optimizer: sgd({ learningRate: 1e38, momentum: 0.9 }) }),
      ).rejects.toBeInstanceOf(DivergedError),
  ],
  [
    "a fit that is aborted",
    async () => {
      const controller = new AbortController();
      const run = async () => {
        for await (const event of fit.events(model, data, { ...options, signal: controller.signal }))
          if (event.type === "step") controller.abort(new Error("enough"));
      };
      await expect(run()).rejects.toThrow("enough");
    },
  ],
])("%s leaves nothing in the engine's memory", async (_, run) => {
  await run();
  expect(backend).toMatchObject(nothing);
});

test("predictions of many networks that are held take the place of one another", () => {
  const networks = Array.from({ length: 200 }, () => network(model, variables, { backend }));
  const { inputs } = [...data.batches({ batchSize: 10 })][0]!;
  for (const each of networks) expect(each.predict(inputs).data).toEqual(networks[0]!.predict(inputs).data);
  expect(backend.programsInMemory).toBeLessThanOrEqual(128);
});
