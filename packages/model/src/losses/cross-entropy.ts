/** The loss of a choice between classes. */

import { equal, logSoftmax, negative, oneHot, type Shape, sum, type Tensor, where, zerosLike } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { Unfit } from "../contract/layer.ts";
import { type ClassesTarget, classes } from "../contract/target.ts";
import { checkBatch, defineLoss, type Loss, type LossRule, type ReductionOption } from "./loss.ts";

/** A logit for each class. */
export interface CrossEntropyRule extends LossRule {
  readonly fits: this["target"] extends ClassesTarget<infer K>
    ? this["outputs"] extends readonly [K]
      ? true
      : this["outputs"] extends readonly [number]
        ? number extends this["outputs"][0]
          ? true
          : LogitEach<K>
        : LogitEach<K>
    : Unfit<"targets that are classes", "Use meanSquaredError() for values, binaryCrossEntropy() for flags.">;
}

type LogitEach<K extends number> = Unfit<`shape [${K}], a logit for each class`, `End the model with dense(${K}).`>;

/**
 * −log softmax(logits)[label] for each row; logits (N, K), labels (N) from 0 to K − 1. Takes logits, not probabilities: the
 * logarithm of the softmax is computed as one, so that nothing overflows or vanishes.
 */
export function crossEntropy(options: ReductionOption = {}): Loss<"crossEntropy()", CrossEntropyRule> {
  const call = "crossEntropy()";
  checkOptions(call, options, { reduction: true });
  const { reduction = "mean" } = options;
  return defineLoss({
    kind: "crossEntropy",
    call,
    config: { reduction },
    reduction,
    logitsOf: "softmax",
    check(outputShape, target) {
      if (target.kind !== "classes") {
        return {
          expected: "targets that are classes",
          fix: "Use meanSquaredError() for values, binaryCrossEntropy() for flags.",
        };
      }
      const { count } = target;
      if (outputShape.length === 1 && outputShape[0] === count) return undefined;
      return { expected: `shape [${count}], a logit for each class`, fix: `End the model with dense(${count}).` };
    },
    perRow(logits, labels) {
      const classCount = logits.shape[1] ?? 0;
      checkBatch(call, logits, labels, [Math.max(classCount, 1)], classes(Math.max(classCount, 1)));
      const logProbabilities = logSoftmax(logits);
      // A choice, not a product with the ones: 0 · −∞ would be NaN.
      const isLabel = equal(oneHot(labels as Tensor<Shape, "uint8">, classCount), 1) as Tensor<Shape, "uint8">;
      const chosen = where(isLabel, negative(logProbabilities), zerosLike(logProbabilities));
      return sum(chosen, { axis: 1 });
    },
  });
}
