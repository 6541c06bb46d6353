/**
 * Layers, losses and initialisers as plain data, models whose shapes the compiler checks. Written with the operations of
 * @nn/tensor; nothing here knows a backend, trains, prints or reads files.
 */

export { checkGradients, type GradientCheckInput } from "./check-gradients.ts";
export type { UnfitMessage } from "./compose/check-layers.ts";
export { add, concatenate, type MergeKind, multiply } from "./compose/merge.ts";
export { model } from "./compose/model.ts";
export { parallel } from "./compose/parallel.ts";
export { residual } from "./compose/residual.ts";
export { type Sequential, sequential } from "./compose/sequential.ts";
export { checkVariables, splitVariables, type Tensors } from "./contract/check-variables.ts";
export { type Config, configOf, type Json, type KindConfig } from "./contract/config.ts";
export { defineLayer, type LayerDefinition } from "./contract/define-layer.ts";
export type {
  AnyLayer,
  Applied,
  ApplyRule,
  Context,
  Layer,
  SameShapeRule,
  ShapeFunction,
  ShapeRule,
  Unfit,
  Variable,
  VariableDeclarations,
  Variables,
} from "./contract/layer.ts";
export {
  type BatchOf,
  formatShapes,
  type InitializeOptions,
  type InputsOf,
  isModel,
  type Merge,
  type Model,
  namedShapes,
  type Place,
  type Shapes,
} from "./contract/model.ts";
export { type CallableLayer, type CallableModel, input, type ModelNode } from "./contract/node.ts";
export { type RandomKey, randomKey } from "./contract/random-key.ts";
export {
  type ClassesTarget,
  checkTarget,
  classes,
  type FlagsTarget,
  type FormatTarget,
  flags,
  formatTarget,
  type Target,
  type TargetTensor,
  targetShape,
  type ValuesTarget,
  values,
} from "./contract/target.ts";
export { glorotUniform } from "./initializers/glorot-uniform.ts";
export { heNormal } from "./initializers/he-normal.ts";
export { heUniform } from "./initializers/he-uniform.ts";
export type { Initializer } from "./initializers/initializer.ts";
export { ones } from "./initializers/ones.ts";
export { positiveUniform } from "./initializers/positive-uniform.ts";
export { uniform } from "./initializers/uniform.ts";
export { zeros } from "./initializers/zeros.ts";
export { type BatchNormOptions, type BatchNormRule, batchNorm } from "./layers/batch-norm.ts";
export { type DenseOptions, type DenseRule, dense } from "./layers/dense.ts";
export { dropout } from "./layers/dropout.ts";
export { type FlattenRule, flatten } from "./layers/flatten.ts";
export { leakyRelu } from "./layers/leaky-relu.ts";
export { relu } from "./layers/relu.ts";
export { rescaling } from "./layers/rescaling.ts";
export { sigmoid } from "./layers/sigmoid.ts";
export { type SoftmaxRule, softmax } from "./layers/softmax.ts";
export { tanh } from "./layers/tanh.ts";
export { type BinaryCrossEntropyRule, binaryCrossEntropy } from "./losses/binary-cross-entropy.ts";
export { type CrossEntropyRule, crossEntropy } from "./losses/cross-entropy.ts";
export { type HuberOptions, huber } from "./losses/huber.ts";
export { l2, type Regularizer } from "./losses/l2.ts";
export {
  type AnyTargetRule,
  type CheckLoss,
  checkFits,
  checkLoss,
  defineLoss,
  type Loss,
  type LossCheck,
  type LossDefinition,
  type LossRule,
  type Reduction,
  type ReductionOption,
} from "./losses/loss.ts";
export { meanAbsoluteError } from "./losses/mean-absolute-error.ts";
export { meanSquaredError } from "./losses/mean-squared-error.ts";
export type { ValuesRule } from "./losses/values-rule.ts";
export { type Network, type NetworkInputs, type NetworkOptions, network } from "./network.ts";
export { predictedClasses, thresholdOf } from "./predicted-classes.ts";
export { type LayerKinds, type LayerMaker, layerFromConfig, modelFromConfig } from "./state/layer-kinds.ts";
export { loadSafetensors, type NamedTensors, type SafetensorsContent, saveSafetensors } from "./state/safetensors.ts";
export { weightsSha256 } from "./state/weights-sha256.ts";
export { summary } from "./summary.ts";
