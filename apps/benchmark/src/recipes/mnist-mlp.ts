/** The workshop's network trained properly: whole epochs, mean loss, better first weights, canonical parts. */

import { trainTestSplit } from "@nn/datasets";
import { crossEntropy, dense, flatten, heUniform, relu, rescaling, sequential } from "@nn/model";
import { type EpochEvent, sgd } from "@nn/train";
import { byFit } from "../train/by-fit.ts";
import { defineRecipe } from "../train/define-recipe.ts";
import type { Recipe } from "../train/recipe.ts";
import { testPredictions } from "../train/recorders/test-predictions.ts";

export interface MnistMlpOptions {
  /** Default 15. */
  readonly epochs?: number;
  /** Units of the hidden layer; default 256. */
  readonly hidden?: number;
  /** Images of the training part kept for validation; default 5,000. */
  readonly validationSize?: number;
  /** Default 0.05. */
  readonly learningRate?: number;
}

const BATCH_SIZE = 64;
const RECORDS = 500;

export function mnistMlp(options: MnistMlpOptions = {}): Recipe {
  const { epochs = 15, hidden = 256, validationSize = 5000, learningRate = 0.05 } = options;
  return defineRecipe({
    name: "mnist-mlp",
    description:
      "784-256-10 on MNIST with relu, mean loss and momentum, whole epochs in float32; at least 98.3 % on the test part",
    reaches: { testAccuracy: [0.983, 1] },
    async data({ mnist }) {
      const [whole, test] = [await mnist("train"), await mnist("test")];
      const { train, test: validation } = trainTestSplit(whole, { testSize: validationSize, seed: 0 });
      return { train, validation, test, sources: [whole, test] };
    },
    model: () =>
      sequential(
        [28, 28, 1],
        rescaling(1 / 255),
        flatten(),
        dense(hidden, { weightInitializer: heUniform() }),
        relu(),
        dense(10),
      ),
    training: (model, { train, validation }) =>
      byFit(model, train, {
        loss: crossEntropy(),
        optimizer: sgd({ learningRate, momentum: 0.9 }),
        epochs,
        batchSize: BATCH_SIZE,
        validation,
        seed: 0,
      }),
    records: ({ train, test }) => ({
      curves: { stepsPerRecord: Math.ceil((epochs * Math.ceil(train.size / BATCH_SIZE)) / RECORDS) },
      others: [testPredictions(test)],
    }),
    line: (event) => (event.type === "epoch" ? epochLine(event) : undefined),
    notes: ({ validation }) =>
      `${validation.size.toLocaleString("en")} of the canonical training images are kept for validation; the canonical test part is used once, at the end. Training curves are from before each update, while the epoch went on; the accuracy at the end is that of the final weights.`,
  });
}

function epochLine({ epoch, train, validation }: EpochEvent): string {
  const text = (score: { readonly [metric: string]: number }): string =>
    `loss ${score.loss!.toFixed(4)}, accuracy ${score.accuracy!.toFixed(4)}`;
  return `Epoch ${epoch} - ${text(train)} · validation ${text(validation!)}`;
}
