/** Inputs brought to a common scale. */

import { add, multiply } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { defineLayer } from "../contract/define-layer.ts";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";

/**
 * x · scale + offset, element by element; `offset` defaults to 0. First in a model over images, it turns pixels in uint8
 * into floats: models cast their inputs to their own dtype as they enter.
 * @throws ArgumentError unless both are finite.
 * @example sequential([28, 28, 1], rescaling(1 / 255), flatten(), dense(10))
 */
export function rescaling<const Scale extends number>(
  scale: Scale,
  offset: number = 0,
): CallableLayer<`rescaling(${Scale})`, SameShapeRule> {
  checkFiniteNumber("rescaling", "scale", scale);
  checkFiniteNumber("rescaling", "offset", offset);
  return defineLayer({
    kind: "rescaling",
    call: `rescaling(${scale})`,
    config: { scale, offset },
    apply(_variables, x) {
      const scaled = multiply(x, scale);
      return offset === 0 ? scaled : add(scaled, offset);
    },
  });
}
