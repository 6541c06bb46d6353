/** One step of training of the MNIST recipe's network. */

import { fromArray } from "@nn/tensor";
import { type Case, firstParameters } from "../case.ts";

const BATCHES = 32;
const BATCH_SIZE = 64;
const FEATURES = 784;

export const mnistMlpStep: Case = {
  name: "mnist-mlp-step",
  description: `784-256-10 with relu, softmax cross-entropy and plain SGD on ${BATCHES} batches of ${BATCH_SIZE} images`,
  unit: "samples/s",
  unitsPerIteration: BATCH_SIZE,
  tolerance: 1e-4,
  async problem(data) {
    const count = BATCHES * BATCH_SIZE;
    const { inputs, labels } = await data.mnist("train");
    if (labels.size < count)
      throw new Error(`mnist-mlp-step: received ${labels.size} images; expected ${count} or more`);
    const pixels = Float32Array.from(inputs.data.subarray(0, count * FEATURES), (pixel) => pixel / 255);
    return {
      problem: { kind: "training", activation: "relu", learningRate: 0.1, checkSteps: 8 },
      values: {
        inputs: fromArray(pixels, [BATCHES, BATCH_SIZE, FEATURES]),
        labels: fromArray(labels.data.slice(0, count), [BATCHES, BATCH_SIZE]),
        ...firstParameters(FEATURES, 256, 10),
      },
    };
  },
};
