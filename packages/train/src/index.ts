/**
 * Training: optimisers, metrics, the loop. Written with the operations of @nn/tensor; nothing here prints, reads files or
 * knows a dataset. The run log has entries of its own: `@nn/train/run-log` and, for files, `@nn/train/node`.
 */

export type { CheckpointOptions, CheckpointStore } from "./checkpoint/checkpoint-options.ts";
export type {
  ActiveController,
  Controller,
  ControllerState,
  Monitor,
  Monitored,
  RunControl,
  RunOutline,
} from "./control/controller.ts";
export { monitorOf } from "./control/controller.ts";
export { type EarlyStoppingOptions, earlyStopping } from "./control/early-stopping.ts";
export { type ReduceOnPlateauOptions, reduceOnPlateau } from "./control/reduce-on-plateau.ts";
export type { BatchOrder, TrainingBatch, TrainingData } from "./fit/data.ts";
export { type DivergedAt, DivergedError } from "./fit/diverged-error.ts";
export { type Evaluation, type EvaluatorOptions, evaluate, type Predictions } from "./fit/evaluate.ts";
export type {
  Attachments,
  CheckpointEvent,
  DefaultMetrics,
  EndEvent,
  EpochEvent,
  EpochRecord,
  Score,
  StartEvent,
  StepEvent,
  TrainingEvent,
  TrainingStream,
} from "./fit/events.ts";
export { fit } from "./fit/fit.ts";
export type { FitOptions, RunSignal } from "./fit/fit-options.ts";
export type { Fit, FitOptionsFor } from "./fit/fit-signature.ts";
export type { Run } from "./fit/run.ts";
export { accuracy, type ClassesRule } from "./metrics/accuracy.ts";
export { accuracyScore } from "./metrics/accuracy-score.ts";
export { confusionMatrix } from "./metrics/confusion-matrix.ts";
export type { Labels } from "./metrics/labels.ts";
export {
  type Direction,
  defineMetric,
  type Metric,
  type MetricDefinition,
  type MetricLike,
  type Metrics,
  type Observed,
  rowMean,
  type Seen,
  type SeenRows,
} from "./metrics/metric.ts";
export { rootMeanSquaredError } from "./metrics/root-mean-squared-error.ts";
export { type TopKRule, topK } from "./metrics/top-k.ts";
export { type AdamOptions, type AdamWOptions, adam, adamW, scaleByAdam } from "./optimizers/adam.ts";
export { addDecayedWeights, type DecayMask } from "./optimizers/add-decayed-weights.ts";
export { chain } from "./optimizers/chain.ts";
export { clipByGlobalNorm } from "./optimizers/clip-by-global-norm.ts";
export { type DecayWeightsOptions, decayWeights } from "./optimizers/decay-weights.ts";
export { groups } from "./optimizers/groups.ts";
export { type RmspropOptions, rmsprop, scaleByRms } from "./optimizers/rmsprop.ts";
export { scaleByLearningRate } from "./optimizers/scale-by-learning-rate.ts";
export { type SgdOptions, sgd } from "./optimizers/sgd.ts";
export { type TraceOptions, trace } from "./optimizers/trace.ts";
export type {
  Optimizer,
  Scalars,
  ScalarTensors,
  TensorRecord,
  Transform,
  Transformed,
  TransformState,
} from "./optimizers/transform.ts";
export { mapRecord } from "./optimizers/transform.ts";
export { type LogRunOptions, logRun } from "./run-log/log-run.ts";
export { type CosineOptions, cosine } from "./schedules/cosine.ts";
export type { Moment, Schedule, ScheduleLike } from "./schedules/schedule.ts";
