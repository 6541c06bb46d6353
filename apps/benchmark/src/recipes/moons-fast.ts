/**
 * `moons-workshop` once more in float32 on the engine: the same points, first weights, iterations and learning rate,
 * through `sequential` and `fit`. The workshop sums gradients over its 200 points where `fit` takes their mean, so the
 * learning rate is 200 times the workshop's.
 */

import { makeMoons } from "@nn/datasets";
import { crossEntropy, dense, positiveUniform, sequential, sigmoid } from "@nn/model";
import { sgd } from "@nn/train";
import { byFit } from "../train/by-fit.ts";
import { defineRecipe } from "../train/define-recipe.ts";
import type { Recipe } from "../train/recipe.ts";

export interface MoonsFastOptions {
  /** Default 20,000. */
  readonly iterations?: number;
  /** As the workshop counts it, for summed gradients; default 0.01. */
  readonly summedLearningRate?: number;
}

const PRINT_EVERY = 1000;
const RECORDS = 1000;

export function moonsFast(options: MoonsFastOptions = {}): Recipe {
  const { iterations = 20_000, summedLearningRate = 0.01 } = options;
  return defineRecipe({
    name: "moons-fast",
    description: "The same 20,000 iterations as moons-workshop, in float32 on the WebAssembly engine",
    // The four digits that moons-workshop ends with: 0.03397.
    reaches: { finalLoss: [0.033965, 0.033975] },
    async data({ moons }) {
      const train = await moons();
      return { train, test: makeMoons({ samples: 1000, noise: 0.2, seed: 1 }), sources: [train] };
    },
    model() {
      const weightInitializer = positiveUniform();
      return sequential([2], dense(5, { weightInitializer }), sigmoid(), dense(2, { weightInitializer }));
    },
    training: (model, { train }) =>
      byFit(model, train, {
        loss: crossEntropy(),
        optimizer: sgd({ learningRate: summedLearningRate * train.size }),
        epochs: iterations,
        batchSize: train.size,
        shuffle: false,
        seed: 83,
      }),
    records: () => ({
      curves: { stepsPerRecord: Math.max(1, Math.floor(iterations / RECORDS)), record: "last" },
    }),
    line: (event) =>
      event.type === "step" && event.step % PRINT_EVERY === 0
        ? `Error en la iteracion ${event.step}: ${event.loss.toFixed(6)}`
        : undefined,
    notes: ({ train }) =>
      "moons-workshop in float32: the same points, first weights and iterations. Its gradients are summed over " +
      `${train.size} points, these are means, so the learning rate is ${summedLearningRate * train.size} where that has ${summedLearningRate}.`,
  });
}
