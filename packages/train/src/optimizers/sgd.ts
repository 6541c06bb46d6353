/** Stochastic gradient descent. */

import { ArgumentError, add, multiply, subtract, zerosLike } from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import { mapRecord, type Optimizer, type TensorRecord, type Update } from "../optimizer.ts";

export interface SgdOptions {
  /** η, finite and at least 0; default 0.01. */
  readonly learningRate?: number;
  /** μ, 0 ≤ μ < 1; default 0: no momentum. */
  readonly momentum?: number;
  /** Whether to look ahead along the momentum (Nesterov); needs `momentum` above 0. Default false. */
  readonly nesterov?: boolean;
}

/** The velocity of each parameter; none without momentum. */
export interface SgdState {
  readonly [name: string]: TensorRecord;
  readonly velocity: TensorRecord;
}

/**
 * Stochastic gradient descent, in PyTorch's convention. With gradient g, velocity v (0 before the first step):
 *
 *     v ← μ v + g
 *     w ← w − η v             or, with Nesterov,   w ← w − η (g + μ v)
 *
 * Without momentum this is w ← w − η g.
 * @throws ArgumentError when an option is out of range.
 * @example sgd({ learningRate: 0.1, momentum: 0.9 })
 */
export function sgd(options: SgdOptions = {}): Optimizer<SgdState> {
  checkOptions("sgd", options, { learningRate: true, momentum: true, nesterov: true });
  const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
  checkValues(learningRate, momentum, nesterov);
  return {
    name: "sgd",
    config: { learningRate, momentum, nesterov },
    initialize: (parameters) => ({
      velocity: momentum === 0 ? {} : mapRecord(parameters, (name) => zerosLike(parameters[name]!)),
    }),
    update<P extends TensorRecord>(gradients: P, state: SgdState, parameters: P): Update<P, SgdState> {
      if (momentum === 0) {
        return { parameters: mapRecord(parameters, (name) => step(name, gradients)), state };
      }
      const velocity = mapRecord(gradients, (name) => add(multiply(state.velocity[name]!, momentum), gradients[name]!));
      const direction = nesterov
        ? mapRecord(gradients, (name) => add(gradients[name]!, multiply(velocity[name]!, momentum)))
        : velocity;
      return { parameters: mapRecord(parameters, (name) => step(name, direction)), state: { velocity } };

      function step(name: string, along: TensorRecord): TensorRecord[string] {
        return subtract(parameters[name]!, multiply(along[name]!, learningRate));
      }
    },
  };
}

function checkValues(learningRate: number, momentum: number, nesterov: boolean): void {
  checkFiniteNumber("sgd", "learningRate", learningRate, { atLeast: 0 });
  checkFiniteNumber("sgd", "momentum", momentum, { atLeast: 0, below: 1 });
  checkBoolean("sgd", "nesterov", nesterov);
  if (nesterov && momentum === 0) {
    throw new ArgumentError({
      operation: "sgd",
      received: "nesterov without momentum",
      expected: "a momentum above 0",
      fix: "Set momentum, 0.9 for example, or leave nesterov out.",
    });
  }
}
