/** Decoupled weight decay: the parameters shrink by themselves, whatever the gradient. */

import { type FloatDType, multiply, type Shape, type Tensor } from "@nn/tensor";
import { checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import { type ScheduleLike, scheduleOf } from "../schedules/schedule.ts";
import { checkDecay, type DecayMask, decays } from "./add-decayed-weights.ts";
import { mapRecord, type Transform } from "./transform.ts";

export interface DecayWeightsOptions {
  /** η: the decay follows the learning rate. */
  readonly learningRate: ScheduleLike;
  /** λ, finite and at least 0. */
  readonly weightDecay: number;
  readonly decay?: DecayMask;
}

/**
 * w ← (1 − ηλ) w before the updates are subtracted.
 * @throws ArgumentError when an option is out of range.
 * Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization" (2019).
 */
export function decayWeights(options: DecayWeightsOptions, operation = "decayWeights"): Transform {
  checkOptions(operation, options, { learningRate: true, weightDecay: true, decay: true });
  const { learningRate, weightDecay, decay = "matrices" } = options;
  checkFiniteNumber(operation, "weightDecay", weightDecay, { atLeast: 0 });
  checkDecay(operation, decay);
  const schedule = scheduleOf(operation, "learningRate", learningRate);
  return {
    kind: "decay",
    config: { learningRate: { kind: schedule.kind, ...schedule.config }, weightDecay, decay },
    initialize: () => ({}),
    scalars: (moment) => ({ kept: 1 - schedule.at(moment) * moment.learningRateScale * weightDecay }),
    update: (updates, state, parameters, { kept }) => ({
      updates,
      state,
      parameters: mapRecord(parameters, (name) =>
        decays(decay, name, parameters)
          ? (multiply(parameters[name]!, kept as Tensor<Shape, FloatDType>) as never)
          : parameters[name]!,
      ),
    }),
  };
}
