/** For this folder's tests: one step of an optimiser outside any run. */

import { subtract, tensor } from "@nn/tensor";
import type { Moment } from "../schedules/schedule.ts";
import { mapRecord, type Optimizer, type TensorRecord, type TransformState } from "./transform.ts";

/** Parameters and state after the step at `moment`. */
export function takeStep(
  optimizer: Optimizer,
  gradients: TensorRecord,
  state: TransformState,
  parameters: TensorRecord,
  moment: Partial<Moment> = {},
): { readonly parameters: TensorRecord; readonly state: TransformState } {
  const at: Moment = { step: 0, epoch: 0, totalSteps: 1000, stepsPerEpoch: 1000, learningRateScale: 1, ...moment };
  const [dtype = "float32"] = Object.values(parameters).map((each) => each.dtype);
  const scalars = Object.fromEntries(
    Object.entries(optimizer.scalars?.(at) ?? {}).map(([name, value]) => [name, tensor(value, { dtype })]),
  );
  const next = optimizer.update(gradients, state, parameters, scalars);
  const before = next.parameters ?? parameters;
  return {
    parameters: mapRecord(before, (name) => subtract(before[name]!, next.updates[name]!) as never),
    state: next.state,
  };
}
