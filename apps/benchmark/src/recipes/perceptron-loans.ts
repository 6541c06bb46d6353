/** The workshop's section 1: one neuron with a step activation decides on loans. */

import { Perceptron } from "@nn/model/workshop";
import { fromArray } from "@nn/tensor";
import { accuracyScore } from "@nn/train";
import { byLoop } from "../train/by-loop.ts";
import { defineRecipe } from "../train/define-recipe.ts";
import type { ClassData, Probabilities, Recipe } from "../train/recipe.ts";
import { namesOf } from "../train/recorders/test-predictions.ts";
import { decidedApplications, features, freshApplications, loans, scaleOf } from "./loans/table.ts";
import { rowsOf } from "./neural-net-loop.ts";

export interface PerceptronLoansOptions {
  /** Default 1. */
  readonly learningRate?: number;
  /** When to give up; default 1,000. */
  readonly maxEpochs?: number;
}

export function perceptronLoans({ learningRate = 1, maxEpochs = 1000 }: PerceptronLoansOptions = {}): Recipe {
  const scale = scaleOf(decidedApplications);
  return defineRecipe({
    name: "perceptron-loans",
    description:
      "A perceptron learns to grant loans from 24 applications, by the perceptron rule (workshop, section 1)",
    reaches: { trainAccuracy: [1, 1] },
    async data() {
      const train = loans(decidedApplications, scale);
      return { train, test: loans(freshApplications, scale), sources: [train] };
    },
    model: () => new Perceptron({ inputDim: features.length }),
    training(perceptron, { train, test }) {
      const probabilities = (data: ClassData): Probabilities => {
        const { data: answers } = perceptron.predict(rowsOf(data as typeof train));
        return fromArray(Float64Array.from(Array.from(answers).flatMap((answer) => [1 - answer, answer])), [
          data.size,
          2,
        ]);
      };
      return byLoop({
        operation: "Perceptron.train",
        config: {
          model: `Perceptron(${features.length})`,
          optimizer: "perceptron rule",
          learningRate,
          maxEpochs,
          features,
          classNames: namesOf(train),
          standardised: scale,
        },
        epochs: maxEpochs,
        stepsPerEpoch: train.size,
        batchSize: 1,
        step(_, row) {
          const application = train.subset([row]);
          const { mistakes } = perceptron.train(rowsOf(application), application.targets, {
            learningRate,
            maxEpochs: 1,
          });
          return { loss: mistakes[0]!, right: [1 - mistakes[0]!] };
        },
        validate() {
          const right = accuracyScore(test.targets, perceptron.predict(rowsOf(test)));
          return { loss: 1 - right, accuracy: right };
        },
        isOver: ({ loss }) => loss === 0,
        variables: () => ({
          weight: fromArray(Float64Array.from(perceptron.weights), [features.length]),
          bias: fromArray(Float64Array.of(perceptron.bias), [1]),
        }),
        restore({ weight, bias }) {
          perceptron.weights.set(weight!.data);
          perceptron.bias = bias!.data[0]!;
        },
        probabilities,
      });
    },
    records: () => ({ curves: {} }),
    line: (event, { train }) =>
      event.type === "epoch"
        ? `Epoch ${event.epoch}: ${Math.round(event.train.loss * train.size)} of ${train.size} wrong`
        : undefined,
    notes: () =>
      "Features are standardised with the mean and deviation of the training table. A step is one application; " +
      "loss and accuracy are the shares of wrong and right answers while the epoch went on, before each correction.",
  });
}
