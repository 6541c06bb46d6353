/** One step of training of the MNIST recipe's network. */

import { fromArray } from "@nn/tensor";
import { type Case, firstParameters } from "../case.ts";

const BATCHES = 32;
const BATCH_SIZE = 64;
const FEATURES = 784;

/** The step on MNIST as it is, four fifths of whose pixels are zero. */
export const mnistMlpStep: Case = step("mnist-mlp-step", "", (pixel) => pixel / 255);

/** The same without a zero: what is won by skipping them is won in the case above alone. */
export const mnistMlpStepNoZeros: Case = step(
  "mnist-mlp-step-no-zeros",
  ", each pixel raised by one so that none is zero",
  (pixel) => (pixel + 1) / 256,
);

function step(name: string, suffix: string, input: (pixel: number) => number): Case {
  return {
    name,
    description: `784-256-10 with relu, softmax cross-entropy and plain SGD on ${BATCHES} batches of ${BATCH_SIZE} images${suffix}`,
    unit: "samples/s",
    unitsPerIteration: BATCH_SIZE,
    tolerance: 1e-4,
    async problem(data) {
      const count = BATCHES * BATCH_SIZE;
      const { inputs, targets: labels } = await data.mnist("train");
      if (labels.size < count)
        throw new Error(`mnist-mlp-step: received ${labels.size} images; expected ${count} or more`);
      const pixels = Float32Array.from(inputs.data.subarray(0, count * FEATURES), input);
      return {
        problem: { kind: "training", activation: "relu", learningRate: 0.1, checkSteps: 8, runSteps: BATCHES },
        values: {
          inputs: fromArray(pixels, [BATCHES, BATCH_SIZE, FEATURES]),
          labels: fromArray(labels.data.slice(0, count), [BATCHES, BATCH_SIZE]),
          ...firstParameters(FEATURES, 256, 10),
        },
      };
    },
  };
}
