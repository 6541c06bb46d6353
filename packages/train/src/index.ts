/**
 * Training: optimisers, metrics, the loop. Written with the operations of @nn/tensor; nothing here prints, reads files or
 * knows a dataset. The run log has entries of its own: `@nn/train/run-log` and, for files, `@nn/train/node`.
 */

export { type DivergedAt, DivergedError } from "./diverged-error.ts";
export { type Evaluation, type EvaluatorOptions, evaluate } from "./evaluate.ts";
export type { EndEvent, EpochEvent, EpochRecord, Score, StartEvent, StepEvent, TrainingEvent } from "./events.ts";
export { type Fit, type FitOptionsFor, fit } from "./fit.ts";
export type { FitOptions } from "./fit-options.ts";
export { type LogRunOptions, logRun } from "./log-run.ts";
export { accuracy } from "./metrics/accuracy.ts";
export { confusionMatrix } from "./metrics/confusion-matrix.ts";
export type { Labels } from "./metrics/labels.ts";
export type { Optimizer, OptimizerState, TensorRecord, Update } from "./optimizer.ts";
export { type SgdOptions, type SgdState, sgd } from "./optimizers/sgd.ts";
export type { Run } from "./run.ts";
export type { BatchOrder, TrainingBatch, TrainingData } from "./training-data.ts";
