/** The last link of an optimiser: updates times the learning rate. */

import { type FloatDType, multiply, type Shape, type Tensor } from "@nn/tensor";
import { type ScheduleLike, scheduleOf } from "../schedules/schedule.ts";
import { mapRecord, type Transform } from "./transform.ts";

/**
 * updates · η, where η is `learningRate` at the moment times the scale of controllers.
 * @throws ArgumentError for a rate that is not finite or below 0. `operation` names the optimiser in errors.
 */
export function scaleByLearningRate(learningRate: ScheduleLike, operation = "scaleByLearningRate"): Transform {
  const schedule = scheduleOf(operation, "learningRate", learningRate);
  return {
    kind: "learningRate",
    config: { kind: schedule.kind, ...schedule.config },
    initialize: () => ({}),
    scalars: (moment) => ({ rate: schedule.at(moment) * moment.learningRateScale }),
    update: (updates, state, _parameters, { rate }) => ({
      updates: mapRecord(updates, (name) => multiply(updates[name]!, rate as Tensor<Shape, FloatDType>) as never),
      state,
    }),
  };
}
