/** The tanh activation. */

import { tanh as tanhOf } from "@nn/tensor";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";
import { activation } from "./activation.ts";

/** The hyperbolic tangent, element by element: values from −1 to 1. */
export function tanh(): CallableLayer<"tanh()", SameShapeRule> {
  return activation("tanh", tanhOf);
}
