/** Weight decay as a part of the gradient. */

import { add, multiply } from "@nn/tensor";
import { checkChoice, checkFiniteNumber } from "@nn/tensor/arguments";
import { mapRecord, type TensorRecord, type Transform } from "./transform.ts";

/** Which parameters decay: those of two axes or more, or all. */
export type DecayMask = "matrices" | "all";

/**
 * updates + λ w: the gradient of λ/2 · Σ w².
 * @throws ArgumentError unless `weightDecay` is finite and at least 0.
 */
export function addDecayedWeights(weightDecay: number, decay: DecayMask = "matrices"): Transform {
  checkFiniteNumber("addDecayedWeights", "weightDecay", weightDecay, { atLeast: 0 });
  return {
    kind: "decayedWeights",
    config: { weightDecay, decay },
    initialize: () => ({}),
    update: (updates, state, parameters) => ({
      updates: mapRecord(updates, (name) =>
        decays(decay, name, parameters)
          ? add(updates[name]!, multiply(parameters[name]!, weightDecay))
          : updates[name]!,
      ),
      state,
    }),
  };
}

/** Whether parameter `name` decays. @throws ArgumentError for another mask. */
export function decays(decay: DecayMask, name: string, parameters: TensorRecord): boolean {
  checkChoice("weightDecay", "decay", decay, ["matrices", "all"]);
  return decay === "all" || parameters[name]!.shape.length >= 2;
}
