/** Inverted dropout. */

import { divide, greaterEqual, uniform, where, zerosLike } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { defineLayer } from "../contract/define-layer.ts";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";

/**
 * While training, each element is 0 with probability `rate`, else divided by 1 − rate, so that the expected value stays;
 * otherwise x as it is. Which ones drop is a function of (seed, step, path of the layer in the model, position of the element).
 * @throws ArgumentError unless 0 ≤ rate < 1.
 * Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
 */
export function dropout<const Rate extends number>(rate: Rate): CallableLayer<`dropout(${Rate})`, SameShapeRule> {
  checkFiniteNumber("dropout", "rate", rate, { atLeast: 0, below: 1 });
  return defineLayer({
    kind: "dropout",
    call: `dropout(${rate})`,
    config: { rate },
    apply(_variables, x, context) {
      if (!context.training || rate === 0) return x;
      const { seed, step, stream } = context.key;
      const kept = greaterEqual(uniform(x.shape, { seed, step, stream }), rate);
      return where(kept, divide(x, 1 - rate), zerosLike(x));
    },
  });
}
