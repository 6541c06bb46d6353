/** The contract of an optimiser. */

import type { FloatDType, Shape, Tensor } from "@nn/tensor";

/** A flat record of tensors: parameters, their gradients, or what an optimiser keeps for each of them. */
export type TensorRecord = { readonly [name: string]: Tensor<Shape, FloatDType> };

/** Whatever an optimiser carries from step to step, by its own names. */
export type OptimizerState = { readonly [name: string]: TensorRecord };

/** What one update gives. */
export interface Update<P extends TensorRecord, State extends OptimizerState> {
  readonly parameters: P;
  readonly state: State;
}

/**
 * A rule that turns gradients into better parameters. Plain data: what it remembers is in the state that it is handed.
 * `update` is written with operations of @nn/tensor, so that it is traced into the compiled step.
 */
export interface Optimizer<State extends OptimizerState = OptimizerState> {
  readonly name: string;
  /** The options, defaults filled in; for the run log. */
  readonly config: Readonly<Record<string, number | boolean>>;
  /** The state before the first step. */
  initialize(parameters: TensorRecord): State;
  /** One step. `gradients` and `parameters` have the same names, shapes and dtypes, and so has the result. */
  update<P extends TensorRecord>(gradients: P, state: State, parameters: P): Update<P, State>;
}

/** `parameters` with each tensor replaced by `next(name)`. */
export function mapRecord<P extends TensorRecord>(
  parameters: P,
  next: (name: keyof P & string) => Tensor<Shape, FloatDType>,
): P {
  return Object.fromEntries(Object.keys(parameters).map((name) => [name, next(name)])) as P;
}
