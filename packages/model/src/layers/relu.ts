/** The relu activation. */

import { relu as reluOf } from "@nn/tensor";
import type { Layer, SameShapeRule } from "../layer.ts";
import { activation } from "./activation.ts";

/** max(x, 0), element by element. */
export function relu(): Layer<"relu()", SameShapeRule> {
  return activation("relu", reluOf);
}
