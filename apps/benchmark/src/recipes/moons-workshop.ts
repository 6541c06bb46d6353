/** The workshop's sections 6 and 7: `NeuralNet` 2-5-2 on two moons, every iteration on all 200 points, in float64. */

import { makeMoons } from "@nn/datasets";
import { NeuralNet } from "@nn/model/workshop";
import { RandomState } from "@nn/tensor";
import { byLoop } from "../train/by-loop.ts";
import { defineRecipe } from "../train/define-recipe.ts";
import type { Recipe } from "../train/recipe.ts";
import { decisionBoundary } from "../train/recorders/decision-boundary.ts";
import { neuralNetLoop, rowsOf, scoreOf } from "./neural-net-loop.ts";

export interface MoonsWorkshopOptions {
  /** Default 20,000, as in the workshop. */
  readonly iterations?: number;
  /** Default 0.01, as in the workshop. */
  readonly learningRate?: number;
  /** Iterations between two printed losses, and between two grids; default 1,000. */
  readonly every?: number;
  /** Cells of the decision boundary's grid: default 60 rows, 80 columns. */
  readonly grid?: { readonly rows: number; readonly columns: number };
}

const HIDDEN = 5;
/** Of the weights: with the seed of the points, the pair whose twenty losses follow those that the workshop printed. */
const NET_SEED = 83;
/** The prepared points are those of seed 42; these are 1,000 others of the same kind. */
const TEST = { samples: 1000, noise: 0.2, seed: 1 };
const VALIDATION = { ...TEST, seed: 2 };
const RECORDS = 1000;

export function moonsWorkshop(options: MoonsWorkshopOptions = {}): Recipe {
  const { iterations = 20_000, learningRate = 0.01, every = 1000, grid = { rows: 60, columns: 80 } } = options;
  const isShown = (iteration: number): boolean => iteration % every === 0 || iteration === iterations;
  return defineRecipe({
    name: "moons-workshop",
    description: "The workshop's NeuralNet 2-5-2 on two moons, 20,000 iterations in float64 (sections 6 and 7)",
    reaches: { finalLoss: [0, 0.05] },
    async data({ moons }) {
      const train = await moons();
      return { train, validation: makeMoons(VALIDATION), test: makeMoons(TEST), sources: [train] };
    },
    model: () => new NeuralNet({ inputDim: 2, hiddenDim: HIDDEN, outputDim: 2, random: new RandomState(NET_SEED) }),
    training(net, { train, validation }) {
      const { update, ...loop } = neuralNetLoop(net, learningRate, (data) => rowsOf(data as typeof train));
      return byLoop({
        ...loop,
        config: {
          model: `NeuralNet(2, ${HIDDEN}, 2)`,
          optimizer: "gradient descent on all points, summed gradients",
          learningRate,
          iterations,
          seed: NET_SEED,
          dtype: "float64",
        },
        epochs: iterations,
        stepsPerEpoch: 1,
        batchSize: train.size,
        step: () => update(train),
        validate: (iteration) =>
          isShown(iteration) ? scoreOf(net, rowsOf(validation), validation.targets) : undefined,
      });
    },
    records: ({ train }, { probabilities }) => ({
      curves: { stepsPerRecord: Math.max(1, Math.floor(iterations / RECORDS)), record: "last" },
      others: [decisionBoundary({ data: train, every, epochs: iterations, ...grid, probabilities })],
    }),
    line: (event) =>
      event.type === "step" && isShown(event.step)
        ? `Error en la iteracion ${event.step}: ${event.loss.toFixed(6)}`
        : undefined,
    notes: () =>
      "One epoch is one iteration over all points. Losses are those that the workshop prints: from the " +
      `probabilities before the iteration's update. Validation and test are ${TEST.samples} other points each, ` +
      `makeMoons({ samples: ${TEST.samples}, noise: ${TEST.noise} }) of seeds ${VALIDATION.seed} and ${TEST.seed}; ` +
      "the workshop has neither.",
  });
}
