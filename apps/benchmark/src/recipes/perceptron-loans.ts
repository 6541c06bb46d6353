/** The workshop's section 1: one neuron with a step activation decides on loans. */

import { Perceptron, type Rows } from "@nn/model";
import { fromArray } from "@nn/tensor";
import { accuracy } from "@nn/train";
import type { Recipe } from "../recipe.ts";
import { turn } from "../turn.ts";
import { decidedApplications, features, freshApplications, loans, scaleOf } from "./loans/table.ts";

export interface PerceptronLoansOptions {
  /** Default 1. */
  readonly learningRate?: number;
  /** When to give up; default 1,000. */
  readonly maxEpochs?: number;
}

export function perceptronLoans({ learningRate = 1, maxEpochs = 1000 }: PerceptronLoansOptions = {}): Recipe {
  return {
    name: "perceptron-loans",
    description:
      "A perceptron learns to grant loans from 24 applications, by the perceptron rule (workshop, section 1)",
    reaches: { trainAccuracy: [1, 1] },
    async run({ startLog, print, elapsedMs, signal }) {
      const scale = scaleOf(decidedApplications);
      const train = loans(decidedApplications, scale);
      const test = loans(freshApplications, scale);
      const log = startLog({
        config: {
          model: "Perceptron(3)",
          optimizer: "perceptron rule",
          learningRate,
          maxEpochs,
          features,
          classNames: train.classNames,
          standardised: scale,
          notes:
            "Features are standardised with the mean and deviation of the training table. A step is one application; " +
            "the loss is the share of wrong answers while the epoch went on, before each correction.",
        },
        datasets: [{ name: train.name, fingerprint: train.fingerprint }],
      });

      const x = train.inputs as unknown as Rows;
      const perceptron = new Perceptron({ inputDim: features.length });
      const rightOn = ({ inputs, labels }: typeof train): number =>
        accuracy(labels, perceptron.predict(inputs as unknown as Rows));
      const beganMs = elapsedMs();
      let epoch = 0;
      let finalLoss = 1;
      while (finalLoss > 0 && epoch < maxEpochs) {
        const { mistakes } = perceptron.train(x, train.labels, { learningRate, maxEpochs: 1 });
        epoch++;
        finalLoss = mistakes[0]! / train.size;
        const moment = { step: epoch * train.size, epoch, elapsedMs: elapsedMs() };
        log.scalar({ ...moment, split: "train", name: "loss", value: finalLoss });
        log.scalar({ ...moment, split: "train", name: "accuracy", value: rightOn(train) });
        log.scalar({ ...moment, split: "validation", name: "accuracy", value: rightOn(test) });
        print(`Epoch ${epoch}: ${mistakes[0]} of ${train.size} wrong`);
        await turn(signal);
      }
      const trainingMs = elapsedMs() - beganMs;
      const steps = epoch * train.size;
      const testAccuracy = rightOn(test);
      log.scalar({ step: steps, epoch, elapsedMs: elapsedMs(), split: "test", name: "accuracy", value: testAccuracy });
      return {
        parameters: {
          weight: fromArray(perceptron.weights, [features.length]),
          bias: fromArray(Float64Array.of(perceptron.bias), [1]),
        },
        steps,
        epochs: epoch,
        samples: steps,
        trainingMs,
        finalLoss,
        trainAccuracy: rightOn(train),
        testAccuracy,
      };
    },
  };
}
