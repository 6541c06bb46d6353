/** Scores turned into probabilities. */

import { softmax as softmaxOf } from "@nn/tensor";
import { defineLayer } from "../contract/define-layer.ts";
import type { ShapeRule, Unfit } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";

/** […, K] → […, K]. */
export interface SoftmaxRule extends ShapeRule {
  readonly output: this["input"] extends readonly []
    ? Unfit<"shape [..., classes]", "Add dense(classes) before it.">
    : this["input"];
}

/**
 * eˣ / Σ eˣ along the last axis: positive, summing to 1. `crossEntropy()` takes logits, so a model that trains with it ends
 * without this layer.
 */
export function softmax(): CallableLayer<"softmax()", SoftmaxRule> {
  return defineLayer({
    kind: "softmax",
    call: "softmax()",
    probabilities: true,
    infer: (input) =>
      input.length > 0 ? input : { expected: "shape [..., classes]", fix: "Add dense(classes) before it." },
    apply: (_variables, x) => softmaxOf(x),
  });
}
