/** The loss of a choice between classes. */

import { equal, logSoftmax, negative, oneHot, type Shape, sum, type Tensor, where, zerosLike } from "@nn/tensor";
import type { Unfit } from "../layer.ts";
import type { Loss, LossRule, ReductionOption } from "./loss.ts";
import { checkBatch, checkReduction, reduceBatch } from "./reduce-batch.ts";

/** A logit for each class. */
export interface CrossEntropyRule extends LossRule {
  readonly fits: this["outputs"] extends readonly [this["classCount"]]
    ? true
    : this["outputs"] extends readonly [number]
      ? number extends this["outputs"][0]
        ? true
        : CrossEntropyUnfit<this["classCount"]>
      : CrossEntropyUnfit<this["classCount"]>;
}

type CrossEntropyUnfit<K> = Unfit<
  `shape [${K & number}], a logit for each class`,
  `End the model with dense(${K & number}).`
>;

/**
 * −log softmax(logits)[label], averaged (default) or summed over the batch; logits (N, K), labels (N) from 0 to K − 1.
 * Takes logits, not probabilities: the logarithm of the softmax is computed as one, so that nothing overflows or vanishes.
 */
export function crossEntropy(options: ReductionOption = {}): Loss<"crossEntropy()", CrossEntropyRule> {
  const call = "crossEntropy()";
  checkReduction(call, options);
  return {
    call,
    logitsOf: "softmax",
    check: (outputShape, classCount) =>
      outputShape.length === 1 && outputShape[0] === classCount
        ? undefined
        : {
            expected: `shape [${classCount}], a logit for each class`,
            fix: `End the model with dense(${classCount}).`,
          },
    apply(logits, labels) {
      checkBatch(call, logits, labels, undefined);
      const [batchSize, classCount] = logits.shape as readonly [number, number];
      const logProbabilities = logSoftmax(logits);
      // A choice, not a product with the ones: 0 · −∞ would be NaN.
      const isLabel = equal(oneHot(labels, classCount), 1) as Tensor<Shape, "uint8">;
      const chosen = where(isLabel, negative(logProbabilities), zerosLike(logProbabilities));
      return reduceBatch(sum(chosen, { axis: 1 }), batchSize, options.reduction);
    },
  };
}
