/** The workshop's sections 6 and 7: `NeuralNet` 2-5-2 on two moons, every iteration on all 200 points, in float64. */

import { makeMoons } from "@nn/datasets";
import { NeuralNet, type Rows } from "@nn/model";
import { fromArray, RandomState, type Tensor } from "@nn/tensor";
import { accuracy, DivergedError } from "@nn/train";
import type { Recipe } from "../recipe.ts";
import { turn } from "../turn.ts";
import { parametersOf } from "./workshop-network.ts";

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
/** What surrounds the points in the picture. */
const MARGIN = 0.3;
const POINTS_OF_CURVE = 1000;

export function moonsWorkshop(options: MoonsWorkshopOptions = {}): Recipe {
  const { iterations = 20_000, learningRate = 0.01, every = 1000, grid = { rows: 60, columns: 80 } } = options;
  return {
    name: "moons-workshop",
    description: "The workshop's NeuralNet 2-5-2 on two moons, 20,000 iterations in float64 (sections 6 and 7)",
    reaches: { finalLoss: [0, 0.05] },
    async run({ data, startLog, print, progress, elapsedMs, signal }) {
      const moons = await data.moons();
      const x = moons.inputs as unknown as Rows;
      const y = moons.labels;
      const net = new NeuralNet({ inputDim: 2, hiddenDim: HIDDEN, outputDim: 2, random: new RandomState(NET_SEED) });
      const extent = extentOf(x);
      const log = startLog({
        config: {
          model: `NeuralNet(2, ${HIDDEN}, 2)`,
          optimizer: "gradient descent on all points, summed gradients",
          learningRate,
          iterations,
          seed: NET_SEED,
          dtype: "float64",
          classNames: moons.classNames,
          decisionBoundary: extent,
          notes:
            "One epoch is one iteration over all points. Losses are those that the workshop prints: from the " +
            `probabilities before the iteration's update. Validation and test are ${TEST.samples} other points each, ` +
            `makeMoons({ samples: ${TEST.samples}, noise: ${TEST.noise} }) of seeds ${VALIDATION.seed} and ${TEST.seed}; ` +
            "the workshop has neither.",
        },
        datasets: [{ name: moons.name, fingerprint: moons.fingerprint }],
      });

      const cells = centres(extent, grid.rows, grid.columns);
      const keepGrid = (step: number): void => {
        // Column 1 of the probabilities (cells, 2), in steps that a picture shows: a report packs them in an eighth.
        const probabilities = net.forward(cells).data.filter((_, i) => i % 2 === 1);
        const values = probabilities.map((probability) => Math.round(probability * 256) / 256);
        const moment = { step, epoch: step, elapsedMs: elapsedMs(), split: "train", name: "decisionBoundary" } as const;
        log.array({ ...moment, shape: [grid.rows, grid.columns], data: values });
      };
      log.array({
        step: 0,
        epoch: 0,
        elapsedMs: elapsedMs(),
        split: "train",
        name: "points",
        shape: [moons.size, 3],
        data: Array.from(y.data).flatMap((label, row) => [x.data[2 * row]!, x.data[2 * row + 1]!, label]),
      });
      keepGrid(0);
      const validation = makeMoons(VALIDATION);
      const validate = (step: number): void => {
        const probs = net.forward(validation.inputs as unknown as Rows);
        const moment = { step, epoch: step, elapsedMs: elapsedMs(), split: "validation" } as const;
        log.scalar({ ...moment, name: "loss", value: net.getLoss(probs, validation.labels) });
        log.scalar({ ...moment, name: "accuracy", value: accuracy(validation.labels, mostProbable(probs)) });
      };

      const curveEvery = Math.max(1, Math.floor(iterations / POINTS_OF_CURVE));
      let finalLoss = Number.NaN;
      let trainingMs = 0;
      // The same iterations as one call would do, in parts, so that a grid can be kept between two.
      for (let done = 0; done < iterations; done += every) {
        const part = Math.min(every, iterations - done);
        const beganMs = elapsedMs();
        net.train(x, y, {
          iterations: part,
          learningRate,
          onIteration(i, probs) {
            const step = done + i;
            finalLoss = net.getLoss(probs, y);
            if (!Number.isFinite(finalLoss))
              throw new DivergedError({
                operation: "NeuralNet.train",
                received: `loss ${finalLoss}`,
                step,
                epoch: step,
              });
            if (step % curveEvery !== 0 && i !== part) return;
            const moment = { step, epoch: step, elapsedMs: elapsedMs(), split: "train" } as const;
            log.scalar({ ...moment, name: "loss", value: finalLoss });
            log.scalar({ ...moment, name: "accuracy", value: accuracy(y, mostProbable(probs)) });
          },
        });
        trainingMs += elapsedMs() - beganMs;
        print(`Error en la iteracion ${done + part}: ${finalLoss.toFixed(6)}`);
        keepGrid(done + part);
        validate(done + part);
        progress(done + part, iterations, `loss ${finalLoss.toFixed(6)}`);
        await log.flush();
        await turn(signal);
      }

      const test = makeMoons(TEST);
      const testAccuracy = accuracy(test.labels, net.predict(test.inputs as unknown as Rows));
      const end = { step: iterations, epoch: iterations, elapsedMs: elapsedMs(), split: "test" } as const;
      log.scalar({ ...end, name: "accuracy", value: testAccuracy });
      return {
        parameters: parametersOf(net),
        steps: iterations,
        epochs: iterations,
        samples: iterations * moons.size,
        trainingMs,
        finalLoss,
        trainAccuracy: accuracy(y, net.predict(x)),
        testAccuracy,
      };
    },
  };
}

/** The larger of two probabilities (N, 2), as `predict` decides. */
function mostProbable({ data }: Tensor): number[] {
  return Array.from({ length: data.length / 2 }, (_, row) => (data[2 * row + 1]! > data[2 * row]! ? 1 : 0));
}

interface Extent {
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin: number;
  readonly yMax: number;
}

function extentOf({ data }: Rows): Extent {
  const xs = data.filter((_, i) => i % 2 === 0);
  const ys = data.filter((_, i) => i % 2 === 1);
  return {
    xMin: Math.min(...xs) - MARGIN,
    xMax: Math.max(...xs) + MARGIN,
    yMin: Math.min(...ys) - MARGIN,
    yMax: Math.max(...ys) + MARGIN,
  };
}

/** The centres of rows · columns equal cells, the lowest row first: (cells, 2). */
function centres({ xMin, xMax, yMin, yMax }: Extent, rows: number, columns: number): Rows {
  const points = new Float64Array(2 * rows * columns);
  for (let cell = 0; cell < rows * columns; cell++) {
    points[2 * cell] = xMin + (((cell % columns) + 0.5) / columns) * (xMax - xMin);
    points[2 * cell + 1] = yMin + ((Math.floor(cell / columns) + 0.5) / rows) * (yMax - yMin);
  }
  return fromArray(points, [rows * columns, 2]);
}
