/** What the loops of the two recipes on the workshop's `NeuralNet` share. */

import type { NeuralNet, Rows } from "@nn/model/workshop";
import type { Tensor } from "@nn/tensor";
import { accuracyScore, type Score } from "@nn/train";
import type { Loop, StepOutcome } from "../train/by-loop.ts";
import type { ClassData } from "../train/recipe.ts";

type Labels = Parameters<NeuralNet["update"]>[0];

/** Steps, variables and probabilities of `net`; `rows` are the examples of a dataset as it takes them. */
export function neuralNetLoop(
  net: NeuralNet,
  learningRate: number,
  rows: (data: ClassData) => Rows,
): Pick<Loop, "operation" | "variables" | "restore" | "probabilities"> & { update(batch: ClassData): StepOutcome } {
  return {
    operation: "NeuralNet.update",
    update(batch) {
      const probs = net.forward(rows(batch));
      net.update(batch.targets, learningRate);
      return { loss: net.getLoss(probs, batch.targets), right: rightAnswers(probs, batch.targets) };
    },
    variables: () => ({ W1: net.W1, b1: net.b1, W2: net.W2, b2: net.b2 }),
    restore: (variables) => void Object.assign(net, variables),
    probabilities: (data) => net.forward(rows(data)),
  };
}

/** Loss and accuracy of `net` on examples. */
export function scoreOf(net: NeuralNet, x: Rows, y: Labels): Score & { readonly accuracy: number } {
  const probs = net.forward(x);
  return { loss: net.getLoss(probs, y), accuracy: accuracyScore(y, mostProbable(probs)) };
}

/** Inputs that are rows in float64 already. */
export function rowsOf({ inputs }: ClassData<readonly [number]>): Rows {
  return inputs as unknown as Rows;
}

function rightAnswers(probs: Tensor<[number, number]>, { data: labels }: Labels): Uint8Array {
  const predicted = mostProbable(probs);
  return Uint8Array.from(labels, (label, row) => (predicted[row] === label ? 1 : 0));
}

/** The most probable class of each row (N, K), the first of equal ones, as `predict` decides. */
function mostProbable({ data, shape: [rows, classes] }: Tensor<[number, number]>): Int32Array {
  const predicted = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let label = 1; label < classes; label++) {
      if (data[row * classes + label]! > data[row * classes + best]!) best = label;
    }
    predicted[row] = best;
  }
  return predicted;
}
