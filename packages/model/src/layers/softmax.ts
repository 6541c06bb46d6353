/** Scores turned into probabilities. */

import { softmax as softmaxOf } from "@nn/tensor";
import { type Layer, type ShapeRule, type Unfit, withoutParameters } from "../layer.ts";

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
export function softmax(): Layer<"softmax()", SoftmaxRule> {
  return {
    kind: "softmax",
    call: "softmax()",
    probabilities: true,
    outputShape: (input) =>
      input.length > 0 ? input : { expected: "shape [..., classes]", fix: "Add dense(classes) before it." },
    ...withoutParameters,
    apply: (_parameters, x) => softmaxOf(x),
  };
}
