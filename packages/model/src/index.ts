/**
 * Layers, losses and initialisers as plain data, models whose shapes the compiler checks, and the two models of the
 * workshop. Written with the operations of @nn/tensor; nothing here knows a backend, trains, prints or reads files.
 */

export { checkGradients, type GradientCheckInput } from "./check-gradients.ts";
export type { UnfitMessage } from "./check-layers.ts";
export { glorotUniform } from "./initializers/glorot-uniform.ts";
export { heNormal } from "./initializers/he-normal.ts";
export { heUniform } from "./initializers/he-uniform.ts";
export type { Initializer } from "./initializers/initializer.ts";
export { positiveUniform } from "./initializers/positive-uniform.ts";
export { uniform } from "./initializers/uniform.ts";
export { zeros } from "./initializers/zeros.ts";
export {
  type ApplyRule,
  type Layer,
  type LayerMode,
  type Mode,
  type Parameters,
  type SameShapeRule,
  type ShapeFunction,
  type ShapeRule,
  type Unfit,
  withoutParameters,
} from "./layer.ts";
export { type DenseOptions, type DenseRule, dense } from "./layers/dense.ts";
export { dropout } from "./layers/dropout.ts";
export { type FlattenRule, flatten } from "./layers/flatten.ts";
export { relu } from "./layers/relu.ts";
export { rescaling } from "./layers/rescaling.ts";
export { sigmoid } from "./layers/sigmoid.ts";
export { type SoftmaxRule, softmax } from "./layers/softmax.ts";
export { tanh } from "./layers/tanh.ts";
export { type BinaryCrossEntropyRule, binaryCrossEntropy } from "./losses/binary-cross-entropy.ts";
export { type CrossEntropyRule, crossEntropy } from "./losses/cross-entropy.ts";
export { l2, type Regularizer } from "./losses/l2.ts";
export {
  type CheckLoss,
  checkLoss,
  type Labels,
  type Loss,
  type LossCheck,
  type LossRule,
  type ReductionOption,
} from "./losses/loss.ts";
export { checkParameters, parameterShapesOf } from "./model-boundary.ts";
export { type Network, type NetworkInputs, type NetworkOptions, network } from "./network.ts";
export {
  type Cache,
  type Gradients,
  NeuralNet,
  type NeuralNetOptions,
  type NeuralNetTraining,
} from "./neural-net.ts";
export { Perceptron, type PerceptronRun, type PerceptronTraining } from "./perceptron.ts";
export { predictedClasses } from "./predicted-classes.ts";
export type { Rows } from "./rows.ts";
export { type InitializeOptions, type PlacedLayer, type Sequential, sequential } from "./sequential.ts";
export { loadSafetensors, type NamedTensors, type SafetensorsContent, saveSafetensors } from "./state/safetensors.ts";
export { weightsSha256 } from "./state/weights-sha256.ts";
export { summary } from "./summary.ts";
