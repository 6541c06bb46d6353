/** Momentum: updates that remember those before them. */

import { add, multiply, zerosLike } from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import { mapRecord, type TensorRecord, type Transform } from "./transform.ts";

export interface TraceOptions {
  /** μ, 0 ≤ μ < 1. */
  readonly momentum: number;
  /** Whether to look ahead along the momentum (Nesterov); default false. */
  readonly nesterov?: boolean;
}

/**
 * v ← μ v + u for updates u, with v 0 before the first step; the new updates are v, or with Nesterov u + μ v. The state is
 * `velocity`.
 * @throws ArgumentError when an option is out of range. `operation` names the optimiser in errors.
 */
export function trace(options: TraceOptions, operation = "trace"): Transform {
  checkOptions(operation, options, { momentum: true, nesterov: true });
  const { momentum, nesterov = false } = options;
  checkFiniteNumber(operation, "momentum", momentum, { atLeast: 0, below: 1 });
  checkBoolean(operation, "nesterov", nesterov);
  return {
    kind: "momentum",
    config: { momentum, nesterov },
    initialize: (parameters) => ({ velocity: mapRecord(parameters, (name) => zerosLike(parameters[name]!)) }),
    update(updates, state) {
      const before = state.velocity as TensorRecord;
      const velocity = mapRecord(updates, (name) => add(multiply(before[name]!, momentum), updates[name]!));
      const next = nesterov
        ? mapRecord(updates, (name) => add(updates[name]!, multiply(velocity[name]!, momentum)))
        : velocity;
      return { updates: next, state: { velocity } };
    },
  };
}
