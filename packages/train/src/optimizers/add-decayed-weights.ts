/** Weight decay as a part of the gradient. */

import { add, multiply } from "@nn/tensor";
import { checkChoice, checkFiniteNumber } from "@nn/tensor/arguments";
import { mapRecord, type TensorRecord, type Transform } from "./transform.ts";

/** Which parameters decay: those of two axes or more, or all. */
export type DecayMask = "matrices" | "all";

/**
 * updates + λ w: the gradient of λ/2 · Σ w².
 * @throws ArgumentError unless `weightDecay` is finite and at least 0, and for another mask.
 */
export function addDecayedWeights(weightDecay: number, decay: DecayMask = "matrices"): Transform {
  checkFiniteNumber("addDecayedWeights", "weightDecay", weightDecay, { atLeast: 0 });
  checkDecay("addDecayedWeights", decay);
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

/** Throws unless `decay` is a mask. */
export function checkDecay(operation: string, decay: DecayMask): void {
  checkChoice(operation, "decay", decay, ["matrices", "all"]);
}

/** Whether parameter `name` decays. */
export function decays(decay: DecayMask, name: string, parameters: TensorRecord): boolean {
  return decay === "all" || parameters[name]!.shape.length >= 2;
}
