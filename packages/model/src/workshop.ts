/** The workshop's two models, explicit, in float64: every number of them can be printed beside NumPy's. */

export {
  type Cache,
  type Gradients,
  NeuralNet,
  type NeuralNetEpochs,
  type NeuralNetOptions,
  type NeuralNetTraining,
} from "./workshop/neural-net.ts";
export { Perceptron, type PerceptronRun, type PerceptronTraining } from "./workshop/perceptron.ts";
export type { Rows } from "./workshop/training-rows.ts";
