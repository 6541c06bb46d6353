/** Inputs brought to a common scale. */

import { add, multiply } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { type Layer, type SameShapeRule, withoutParameters } from "../layer.ts";

/**
 * x · scale + offset, element by element; `offset` defaults to 0. First in a model over images, it turns pixels in uint8
 * into floats: models cast their inputs to their own dtype as they enter.
 * @throws ArgumentError unless both are finite.
 * @example sequential([28, 28, 1], rescaling(1 / 255), flatten(), dense(10))
 */
export function rescaling<const Scale extends number>(
  scale: Scale,
  offset: number = 0,
): Layer<`rescaling(${Scale})`, SameShapeRule> {
  checkFiniteNumber("rescaling", "scale", scale);
  checkFiniteNumber("rescaling", "offset", offset);
  return {
    kind: "rescaling",
    call: `rescaling(${scale})`,
    outputShape: (input) => input,
    ...withoutParameters,
    apply(_parameters, x) {
      const scaled = multiply(x, scale);
      return offset === 0 ? scaled : add(scaled, offset);
    },
  };
}
