/**
 * The workshop's section 8, as published: `NeuralNet` 784-256-10 in float64, gradients summed over batches of 64, and an
 * "epoch" of 4 batches. The workshop counts batches as `epochs // batch_size` (and one for the rest), that is
 * 200 // 64 + 1 = 4, and not from the size of the data: an epoch sees 256 of the 56,000 images. Here this is the explicit
 * `stepsPerEpoch: 4`.
 */

import { type Dataset, trainTestSplit } from "@nn/datasets";
import { NeuralNet, type Rows } from "@nn/model";
import { argmax, concat, fromArray, RandomState, type Tensor } from "@nn/tensor";
import { accuracy, DivergedError } from "@nn/train";
import type { Recipe } from "../recipe.ts";
import { turn } from "../turn.ts";
import { logPredictions } from "./predictions.ts";
import { parametersOf } from "./workshop-network.ts";

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

type Digits = Dataset<readonly [28, 28, 1], 10>;

const BATCH_SIZE = 64;
const STEPS_PER_EPOCH = 4;
const HIDDEN = 256;
const SPLIT = { testSize: 0.2, seed: 42 };
/** Every so many epochs this many images of the test part are scored, for a curve; the workshop does not. */
const VALIDATION = { every: 10, samples: 1000 };
/** Rows at a time when measuring. */
const MEASURED_ROWS = 1000;

export function mnistWorkshop(options: MnistWorkshopOptions = {}): Recipe {
  const { epochs = 200, seed = 0, learningRate = 0.01, onStep } = options;
  return {
    name: "mnist-workshop",
    description: 'The workshop\'s NeuralNet 784-256-10 on MNIST, 200 "epochs" of 4 batches in float64 (section 8)',
    reaches: { testAccuracy: [0.895, 0.925] },
    async run({ data, startLog, print, progress, elapsedMs, signal }) {
      const all = await data.mnist("all");
      const { train, test } = trainTestSplit(all, SPLIT);
      // As many as the test part has: all of them would take seconds.
      const measured = train.take(test.size);
      const log = startLog({
        config: {
          model: `NeuralNet(784, ${HIDDEN}, 10)`,
          optimizer: "gradient descent, summed gradients",
          learningRate,
          batchSize: BATCH_SIZE,
          stepsPerEpoch: STEPS_PER_EPOCH,
          epochs,
          split: SPLIT,
          seed,
          dtype: "float64",
          classNames: all.classNames,
          imageShape: [28, 28],
          notes:
            `An "epoch" is ${STEPS_PER_EPOCH} batches of ${BATCH_SIZE}: ${STEPS_PER_EPOCH * BATCH_SIZE} of the ` +
            `${train.size.toLocaleString("en")} training images. The workshop's code counts batches from the number of ` +
            "epochs (200 // 64, and one for the rest), and this recipe keeps to it. Training curves are from before each " +
            "update; the accuracy at the end is that of the final weights on the first " +
            `${measured.size.toLocaleString("en")} training images. The validation curve is the first ` +
            `${VALIDATION.samples.toLocaleString("en")} images of the test part, every ${VALIDATION.every} epochs; nothing is decided by it.`,
        },
        datasets: [{ name: all.name, fingerprint: all.fingerprint }],
      });

      // One stream for everything, as the workshop's np.random: first the weights, then an order for each epoch.
      const random = new RandomState(seed);
      const net = new NeuralNet({ inputDim: 784, hiddenDim: HIDDEN, outputDim: 10, random });
      const validation = test.take(Math.min(VALIDATION.samples, test.size));
      let rows = Int32Array.from({ length: train.size }, (_, row) => row);
      let finalLoss = Number.NaN;
      let steps = 0;
      let trainingMs = 0;
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const beganMs = elapsedMs();
        // Each shuffle starts from the order that the last one left.
        const order = random.permutation(train.size).data;
        rows = order.map((row) => rows[row]!);
        const losses: number[] = [];
        let right = 0;
        for (let batch = 0; batch < STEPS_PER_EPOCH; batch++) {
          const part = train.subset(rows.subarray(BATCH_SIZE * batch, BATCH_SIZE * (batch + 1)));
          const y = part.labels;
          const probs = net.forward(pixelsOf(part, 0, part.size));
          net.update(y, learningRate);
          const loss = net.getLoss(probs, y);
          const rightInBatch = Math.round(accuracy(y, argmax(probs, { axis: 1 })) * part.size);
          steps++;
          if (!Number.isFinite(loss))
            throw new DivergedError({ operation: "NeuralNet.update", received: `loss ${loss}`, step: steps, epoch });
          losses.push(loss);
          right += rightInBatch;
          onStep?.({ loss, right: rightInBatch });
        }
        finalLoss = losses.reduce((total, loss) => total + loss, 0) / STEPS_PER_EPOCH;
        const accuracyInEpoch = right / (STEPS_PER_EPOCH * BATCH_SIZE);
        trainingMs += elapsedMs() - beganMs;
        const moment = { step: steps, epoch, elapsedMs: elapsedMs(), split: "train" } as const;
        log.scalar({ ...moment, name: "loss", value: finalLoss });
        log.scalar({ ...moment, name: "accuracy", value: accuracyInEpoch });
        if (epoch % VALIDATION.every === 0) {
          const probs = net.forward(pixelsOf(validation, 0, validation.size));
          const scores = { ...moment, split: "validation" } as const;
          log.scalar({ ...scores, name: "loss", value: net.getLoss(probs, validation.labels) });
          log.scalar({ ...scores, name: "accuracy", value: accuracy(validation.labels, argmax(probs, { axis: 1 })) });
        }
        // As the workshop shows it: the first ten epochs and the last eleven.
        if (epoch === 11 && epochs > 21) print("...");
        if (epoch <= 10 || epoch > epochs - 11)
          print(`Epoch ${epoch} - Loss ${finalLoss.toFixed(5)}, Accuracy: ${accuracyInEpoch.toFixed(5)}`);
        progress(epoch, epochs, `loss ${finalLoss.toFixed(5)}`);
        await turn(signal);
      }

      const probabilities = await measure(net, test, signal);
      const predicted = argmax(probabilities, { axis: 1 });
      const trainAccuracy = accuracy(measured.labels, argmax(await measure(net, measured, signal), { axis: 1 }));
      const testAccuracy = accuracy(test.labels, predicted);
      const moment = { step: steps, epoch: epochs, elapsedMs: elapsedMs() };
      log.scalar({ ...moment, split: "test", name: "accuracy", value: testAccuracy });
      logPredictions(log, moment, { data: test, probabilities, predicted });
      const samples = steps * BATCH_SIZE;
      return {
        parameters: parametersOf(net),
        steps,
        epochs,
        samples,
        trainingMs,
        finalLoss,
        trainAccuracy,
        testAccuracy,
      };
    },
  };
}

/** Rows `start` … `end` − 1 as brightness from 0 to 1: (end − start, 784). */
function pixelsOf({ inputs }: Digits, start: number, end: number): Rows {
  const pixels = inputs.data.subarray(start * 784, end * 784);
  const values = new Float64Array(pixels.length);
  // Float64Array.from with a function takes ten times as long.
  for (let i = 0; i < values.length; i++) values[i] = pixels[i]! / 255;
  return fromArray(values, [end - start, 784]);
}

/** The probabilities (N, 10) that the network gives. */
async function measure(
  net: NeuralNet,
  data: Digits,
  signal: AbortSignal,
): Promise<Tensor<[number, number], "float64">> {
  const parts: Tensor<[number, number], "float64">[] = [];
  for (let start = 0; start < data.size; start += MEASURED_ROWS) {
    parts.push(net.forward(pixelsOf(data, start, Math.min(data.size, start + MEASURED_ROWS))));
    await turn(signal);
  }
  return concat(parts);
}
