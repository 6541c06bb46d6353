/**
 * The contract of an optimiser: a transform of gradients into updates, which `fit` subtracts from the parameters. Transforms
 * chain, and a chain is one.
 */

import type { Config } from "@nn/model";
import type { FloatDType, Shape, Tensor, Tree } from "@nn/tensor";
import type { Moment } from "../schedules/schedule.ts";

/** A flat record of tensors: parameters, their gradients, or what an optimiser keeps for each of them. */
export type TensorRecord = { readonly [name: string]: Tensor<Shape, FloatDType> };

/** What a transform carries from step to step. */
export type TransformState = { readonly [name: string]: Tree };

/** Numbers of one moment, by name. */
export type Scalars = { readonly [name: string]: number };

/** The same numbers inside the compiled step: scalars in the dtype of the parameters, rounded once. */
export type ScalarTensors = { readonly [name: string]: Tensor<readonly [], FloatDType> };

/** The result of one transform. */
export interface Transformed {
  /** Subtracted from the parameters, or passed to the next transform of a chain. */
  readonly updates: TensorRecord;
  readonly state: TransformState;
  /** Parameters that the transform has changed by itself, as decoupled weight decay does; default: as they came. */
  readonly parameters?: TensorRecord;
}

/**
 * A rule from gradients to updates. Plain data: it remembers nothing outside its state. `update` is written with operations of
 * @nn/tensor and traced into the compiled step. What changes from step to step on the host is a scalar, so that nothing is
 * compiled again.
 */
export interface Transform {
  readonly kind: string;
  /** The options, defaults filled in; for the run log, and to tell whether a checkpoint belongs to a run. */
  readonly config: Config;
  /** The state before the first step. */
  initialize(parameters: TensorRecord): TransformState;
  /** The scalars for the step that follows `moment`, in float64; default: none. */
  scalars?(moment: Moment): Scalars;
  /** One step. `updates` and `parameters` have the same names, shapes and dtypes, and so has the result. */
  update(updates: TensorRecord, state: TransformState, parameters: TensorRecord, scalars: ScalarTensors): Transformed;
}

/** A transform whose updates are ready to be subtracted. */
export type Optimizer = Transform;

/** `record` with each tensor replaced by `next(name)`. */
export function mapRecord(
  record: TensorRecord,
  next: (name: string) => Tensor<Shape, FloatDType>,
): { readonly [name: string]: Tensor<Shape, FloatDType> } {
  return Object.fromEntries(Object.keys(record).map((name) => [name, next(name)]));
}
