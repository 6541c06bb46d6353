/**
 * The workshop's section 8, as published: `NeuralNet` 784-256-10 in float64, gradients summed over batches of 64, and an
 * "epoch" of 4 batches. The workshop counts batches as `epochs // batch_size` (and one for the rest), that is
 * 200 // 64 + 1 = 4, and not from the size of the data: an epoch sees 256 of the 56,000 images. Here this is the explicit
 * `stepsPerEpoch: 4`.
 */

import { trainTestSplit } from "@nn/datasets";
import { NeuralNet, type Rows } from "@nn/model/workshop";
import { fromArray, RandomState } from "@nn/tensor";
import { byLoop } from "../train/by-loop.ts";
import { defineRecipe } from "../train/define-recipe.ts";
import type { ClassData, Recipe } from "../train/recipe.ts";
import { testPredictions } from "../train/recorders/test-predictions.ts";
import { neuralNetLoop, scoreOf } from "./neural-net-loop.ts";

export interface MnistWorkshopOptions {
  /** Default 200, as in the workshop. */
  readonly epochs?: number;
  /** Of the stream that weights and shuffles are drawn from; default 0. */
  readonly seed?: number;
  /** Default 0.01, as in the workshop. */
  readonly learningRate?: number;
  /** Called after each step with the loss and the right answers of its batch, from before the update. */
  readonly onStep?: (step: { readonly loss: number; readonly right: number }) => void;
}

const BATCH_SIZE = 64;
const STEPS_PER_EPOCH = 4;
const HIDDEN = 256;
const SPLIT = { testSize: 0.2, seed: 42 };
/** Every so many epochs this many images of the test part are scored, for a curve; the workshop does not. */
const VALIDATION = { every: 10, samples: 1000 };

export function mnistWorkshop(options: MnistWorkshopOptions = {}): Recipe {
  const { epochs = 200, seed = 0, learningRate = 0.01, onStep } = options;
  return defineRecipe({
    name: "mnist-workshop",
    description: 'The workshop\'s NeuralNet 784-256-10 on MNIST, 200 "epochs" of 4 batches in float64 (section 8)',
    reaches: { testAccuracy: [0.895, 0.925] },
    async data({ mnist }) {
      const all = await mnist("all");
      const { train, test } = trainTestSplit(all, SPLIT);
      // As many as the test part has: all of them would take seconds.
      return { train, test, measured: train.take(test.size), sources: [all] };
    },
    model() {
      // One stream for everything, as the workshop's np.random: first the weights, then an order for each epoch.
      const random = new RandomState(seed);
      return { random, net: new NeuralNet({ inputDim: 784, hiddenDim: HIDDEN, outputDim: 10, random }) };
    },
    training({ random, net }, { train, test }) {
      const { update, restore, ...loop } = neuralNetLoop(net, learningRate, pixelsOf);
      const validation = test.take(Math.min(VALIDATION.samples, test.size));
      let rows = Int32Array.from({ length: train.size }, (_, row) => row);
      const shuffle = (): void => {
        // Each shuffle starts from the order that the last one left.
        rows = random.permutation(train.size).data.map((row) => rows[row]!);
      };
      return byLoop({
        ...loop,
        config: {
          model: `NeuralNet(784, ${HIDDEN}, 10)`,
          optimizer: "gradient descent, summed gradients",
          learningRate,
          batchSize: BATCH_SIZE,
          stepsPerEpoch: STEPS_PER_EPOCH,
          epochs,
          seed,
          dtype: "float64",
        },
        epochs,
        stepsPerEpoch: STEPS_PER_EPOCH,
        batchSize: BATCH_SIZE,
        restore(variables, begun) {
          restore(variables, begun);
          for (let epoch = 0; epoch < begun; epoch++) shuffle();
        },
        step(_, batch) {
          if (batch === 0) shuffle();
          const outcome = update(train.subset(rows.subarray(BATCH_SIZE * batch, BATCH_SIZE * (batch + 1))));
          onStep?.({ loss: outcome.loss, right: Array.from(outcome.right).reduce((total, one) => total + one, 0) });
          return outcome;
        },
        validate: (epoch) =>
          epoch % VALIDATION.every === 0 ? scoreOf(net, pixelsOf(validation), validation.targets) : undefined,
      });
    },
    records: ({ test }) => ({ curves: {}, others: [testPredictions(test)] }),
    // As the workshop shows it: the first ten epochs and the last eleven.
    line(event) {
      if (event.type !== "epoch" || (event.epoch > 11 && event.epoch <= epochs - 11)) return undefined;
      const { epoch, train } = event;
      if (epoch === 11 && epochs > 21) return "...";
      return `Epoch ${epoch} - Loss ${train.loss.toFixed(5)}, Accuracy: ${train.accuracy!.toFixed(5)}`;
    },
    notes: ({ train, measured }) =>
      `An "epoch" is ${STEPS_PER_EPOCH} batches of ${BATCH_SIZE}: ${STEPS_PER_EPOCH * BATCH_SIZE} of the ` +
      `${train.size.toLocaleString("en")} training images. The workshop's code counts batches from the number of ` +
      "epochs (200 // 64, and one for the rest), and this recipe keeps to it. Training curves are from before each " +
      "update; the accuracy at the end is that of the final weights on the first " +
      `${measured.size.toLocaleString("en")} training images. The validation curve is the first ` +
      `${VALIDATION.samples.toLocaleString("en")} images of the test part, every ${VALIDATION.every} epochs; nothing is decided by it.`,
  });
}

/** Images as brightness from 0 to 1: (N, 784). */
function pixelsOf({ inputs, size }: ClassData): Rows {
  const pixels = inputs.data;
  const values = new Float64Array(pixels.length);
  // Float64Array.from with a function takes ten times as long.
  for (let i = 0; i < values.length; i++) values[i] = pixels[i]! / 255;
  return fromArray(values, [size, 784]);
}
