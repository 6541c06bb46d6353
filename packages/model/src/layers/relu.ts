/** The relu activation. */

import { relu as reluOf } from "@nn/tensor";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";
import { activation } from "./activation.ts";

/** max(x, 0), element by element. */
export function relu(): CallableLayer<"relu()", SameShapeRule> {
  return activation("relu", reluOf);
}
