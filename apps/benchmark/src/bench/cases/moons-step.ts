/** One iteration of the workshop's training on moons: the smallest network, where everything but arithmetic shows. */

import { makeMoons } from "@nn/datasets";
import { fromArray } from "@nn/tensor";
import { type Case, firstParameters } from "../case.ts";

const SAMPLES = 200;

export const moonsStep: Case = {
  name: "moons-step",
  description: `2-5-2 with sigmoid, softmax cross-entropy and plain SGD on all ${SAMPLES} points at once`,
  unit: "iterations/s",
  unitsPerIteration: 1,
  tolerance: 1e-4,
  async problem() {
    const { inputs, targets } = makeMoons({ samples: SAMPLES, noise: 0.2, seed: 0 });
    return {
      problem: { kind: "training", activation: "sigmoid", learningRate: 0.5, checkSteps: 20, runSteps: 1000 },
      values: {
        inputs: fromArray(Float32Array.from(inputs.data), [1, SAMPLES, 2]),
        labels: fromArray(targets.data.slice(), [1, SAMPLES]),
        ...firstParameters(2, 5, 2),
      },
    };
  },
};
