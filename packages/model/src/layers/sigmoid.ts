/** The sigmoid activation. */

import { sigmoid as sigmoidOf } from "@nn/tensor";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";
import { activation } from "./activation.ts";

/**
 * σ(x) = 1 / (1 + e⁻ˣ), element by element: values from 0 to 1. `binaryCrossEntropy()` takes logits, so a model that trains
 * with it ends without this layer.
 */
export function sigmoid(): CallableLayer<"sigmoid()", SameShapeRule> {
  return activation("sigmoid", sigmoidOf, { probabilities: true });
}
