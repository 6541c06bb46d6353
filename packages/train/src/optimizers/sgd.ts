/** Stochastic gradient descent. */

import { ArgumentError } from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import type { ScheduleLike } from "../schedules/schedule.ts";
import { chain } from "./chain.ts";
import { scaleByLearningRate } from "./scale-by-learning-rate.ts";
import { trace } from "./trace.ts";
import type { Optimizer } from "./transform.ts";

export interface SgdOptions {
  /** η, finite and at least 0, or a schedule; default 0.01. */
  readonly learningRate?: ScheduleLike;
  /** μ, 0 ≤ μ < 1; default 0: no momentum. */
  readonly momentum?: number;
  /** Whether to look ahead along the momentum (Nesterov); needs `momentum` above 0. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, in PyTorch's convention. With gradient g, velocity v (0 before the first step):
 *
 *     v ← μ v + g
 *     w ← w − η v             or, with Nesterov,   w ← w − η (g + μ v)
 *
 * Without momentum this is w ← w − η g. (Keras keeps the rate in the velocity, v ← μ v − η g, which is the same while the
 * rate is constant.)
 * @throws ArgumentError when an option is out of range.
 * @example sgd({ learningRate: 0.1, momentum: 0.9 })
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  checkOptions("sgd", options, { learningRate: true, momentum: true, nesterov: true });
  const { learningRate = 0.01, momentum = 0, nesterov = false } = options;
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
  const scaled = scaleByLearningRate(learningRate, "sgd");
  const links = momentum === 0 ? [scaled] : [trace({ momentum, nesterov }, "sgd"), scaled];
  return { ...chain(...links), kind: "sgd", config: { learningRate: scaled.config, momentum, nesterov } };
}
