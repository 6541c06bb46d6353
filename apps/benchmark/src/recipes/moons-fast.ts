/**
 * `moons-workshop` once more in float32 on the engine: the same points, first weights, iterations and learning rate,
 * through `sequential` and `fit`. The workshop sums gradients over its 200 points where `fit` takes their mean, so the
 * learning rate is 200 times the workshop's.
 */

import { makeMoons } from "@nn/datasets";
import { crossEntropy, dense, positiveUniform, sequential, sigmoid } from "@nn/model";
import { accuracy, fit, type Run, sgd } from "@nn/train";
import { engine } from "../engine.ts";
import type { Recipe } from "../recipe.ts";

export interface MoonsFastOptions {
  /** Default 20,000. */
  readonly iterations?: number;
  /** As the workshop counts it, for summed gradients; default 0.01. */
  readonly summedLearningRate?: number;
}

const SEED = 83;
const TEST = { samples: 1000, noise: 0.2, seed: 1 };
const PRINT_EVERY = 1000;
const RECORDS = 1000;

export function moonsFast(options: MoonsFastOptions = {}): Recipe {
  const { iterations = 20_000, summedLearningRate = 0.01 } = options;
  return {
    name: "moons-fast",
    description: "The same 20,000 iterations as moons-workshop, in float32 on the WebAssembly engine",
    // The four digits that moons-workshop ends with: 0.03397.
    reaches: { finalLoss: [0.033965, 0.033975] },
    async run({ data, startLog, print, progress, elapsedMs, signal }) {
      const moons = await data.moons();
      const weightInitializer = positiveUniform();
      const model = sequential([2], dense(5, { weightInitializer }), sigmoid(), dense(2, { weightInitializer }));
      const loss = crossEntropy();
      const learningRate = summedLearningRate * moons.size;
      const optimizer = sgd({ learningRate });
      const log = startLog({
        config: {
          model: model.layers.map(({ layer }) => layer.call),
          loss: loss.call,
          optimizer: { name: optimizer.name, ...optimizer.config },
          iterations,
          batchSize: moons.size,
          seed: SEED,
          dtype: "float32",
          classNames: moons.classNames,
          notes:
            "moons-workshop in float32: the same points, first weights and iterations. Its gradients are summed over " +
            `${moons.size} points, these are means, so the learning rate is ${learningRate} where that has ${summedLearningRate}.`,
        },
        datasets: [{ name: moons.name, fingerprint: moons.fingerprint }],
      });

      const order = { epochs: iterations, batchSize: moons.size, shuffle: false, seed: SEED };
      const recordEvery = Math.max(1, Math.floor(iterations / RECORDS));
      let run: Run<[2], [2], "float32"> | undefined;
      let finalLoss = Number.NaN;
      for await (const event of fit.events(model, moons, { loss, optimizer, ...order, backend: engine })) {
        if (event.type === "end") run = event.run;
        if (event.type !== "step") continue;
        signal.throwIfAborted();
        const { step } = event;
        finalLoss = event.loss;
        if (step % recordEvery === 0) {
          const moment = { step, epoch: step, elapsedMs: elapsedMs(), split: "train" } as const;
          log.scalar({ ...moment, name: "loss", value: event.loss });
          log.scalar({ ...moment, name: "accuracy", value: event.accuracy });
        }
        if (step % PRINT_EVERY === 0) {
          print(`Error en la iteracion ${step}: ${event.loss.toFixed(6)}`);
          progress(step, iterations, `loss ${event.loss.toFixed(6)}`);
        }
      }

      const { network, history, parameters } = run!;
      const test = makeMoons(TEST);
      const testAccuracy = accuracy(test.labels, network.classify(test.inputs));
      const end = { step: iterations, epoch: iterations, elapsedMs: elapsedMs(), split: "test" } as const;
      log.scalar({ ...end, name: "accuracy", value: testAccuracy });
      return {
        parameters,
        steps: iterations,
        epochs: iterations,
        samples: iterations * moons.size,
        trainingMs: history.reduce((total, { durationMs }) => total + durationMs, 0),
        finalLoss,
        trainAccuracy: accuracy(moons.labels, network.classify(moons.inputs)),
        testAccuracy,
      };
    },
  };
}
