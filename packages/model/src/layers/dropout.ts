/** Inverted dropout. */

import { divide, greaterEqual, uniform, where, zerosLike } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { type Layer, type SameShapeRule, withoutParameters } from "../layer.ts";

/**
 * While training, each element is 0 with probability `rate`, else divided by 1 − rate, so that the expected value stays;
 * otherwise x as it is. Which ones drop is a function of (seed, step, position of the layer, position of the element).
 * @throws ArgumentError unless 0 ≤ rate < 1.
 * Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
 */
export function dropout<const Rate extends number>(rate: Rate): Layer<`dropout(${Rate})`, SameShapeRule> {
  checkFiniteNumber("dropout", "rate", rate, { atLeast: 0, below: 1 });
  return {
    kind: "dropout",
    call: `dropout(${rate})`,
    outputShape: (input) => input,
    ...withoutParameters,
    apply(_parameters, x, mode) {
      if (!mode.training || rate === 0) return x;
      const { seed, step, stream } = mode;
      const kept = greaterEqual(uniform(x.shape, { seed, step, stream }), rate);
      return where(kept, divide(x, 1 - rate), zerosLike(x));
    },
  };
}
