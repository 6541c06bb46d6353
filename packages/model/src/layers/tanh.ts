/** The tanh activation. */

import { tanh as tanhOf } from "@nn/tensor";
import type { Layer, SameShapeRule } from "../layer.ts";
import { activation } from "./activation.ts";

/** The hyperbolic tangent, element by element: values from −1 to 1. */
export function tanh(): Layer<"tanh()", SameShapeRule> {
  return activation("tanh", tanhOf);
}
