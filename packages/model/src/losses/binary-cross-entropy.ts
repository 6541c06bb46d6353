/** The loss of a yes-or-no question. */

import {
  abs,
  add,
  divide,
  exp,
  type FloatDType,
  less,
  log,
  matmul,
  maximum,
  multiply,
  negative,
  oneHot,
  type Shape,
  type Tensor,
  tensor,
  where,
} from "@nn/tensor";
import type { Unfit } from "../layer.ts";
import type { Loss, LossRule, ReductionOption } from "./loss.ts";
import { checkBatch, checkReduction, reduceBatch } from "./reduce-batch.ts";

/** One logit, two classes. */
export interface BinaryCrossEntropyRule extends LossRule {
  readonly fits: this["classCount"] extends 2
    ? this["outputs"] extends readonly [1]
      ? true
      : this["outputs"] extends readonly [number]
        ? number extends this["outputs"][0]
          ? true
          : OneLogit
        : OneLogit
    : Unfit<"2 classes", "Use crossEntropy() for more.">;
}

type OneLogit = Unfit<"shape [1], one logit for class 1", "End the model with dense(1).">;

/**
 * −y log σ(x) − (1 − y) log(1 − σ(x)), averaged (default) or summed over the batch; logits x (N, 1), labels y (N) of 0 or 1.
 * Computed as max(x, 0) − x·y + log(1 + e^−|x|), which neither overflows nor loses the losses of confident answers.
 */
export function binaryCrossEntropy(
  options: ReductionOption = {},
): Loss<"binaryCrossEntropy()", BinaryCrossEntropyRule> {
  const call = "binaryCrossEntropy()";
  checkReduction(call, options);
  return {
    call,
    logitsOf: "sigmoid",
    check(outputShape, classCount) {
      if (classCount !== 2) return { expected: "2 classes", fix: "Use crossEntropy() for more." };
      if (outputShape.length === 1 && outputShape[0] === 1) return undefined;
      return { expected: "shape [1], one logit for class 1", fix: "End the model with dense(1)." };
    },
    apply(logits, labels) {
      checkBatch(call, logits, labels, 1);
      const { dtype } = logits;
      // 1 − 2y (N, 1): with z = (1 − 2y) x, the loss is log(1 + eᶻ) whatever the label.
      const sign = matmul(oneHot(labels, 2, { dtype }), tensor([[1], [-1]], { dtype }));
      const z = multiply(logits, sign as typeof logits) as typeof logits;
      return reduceBatch(softplus(z), logits.shape[0]!, options.reduction);
    },
  };
}

/** log(1 + eᶻ) = max(z, 0) + log(1 + e^−|z|). At 0 the two kinks must cancel: `maximum` and `abs` both slope 1 there. */
function softplus<D extends FloatDType>(z: Tensor<Shape, D>): Tensor<Shape, D> {
  return add(maximum(z, 0), logOnePlus(exp(negative(abs(z))))) as Tensor<Shape, D>;
}

/**
 * log(1 + e) for e from 0 to 1. 1 + e drops the digits of a small e, so below a bound it is the Padé approximant
 * e (6 + 3e) / (6 + 6e + e²), off by e⁴ / 180 of its value. Both branches have finite slopes everywhere.
 */
function logOnePlus<D extends FloatDType>(e: Tensor<Shape, D>): Tensor<Shape, D> {
  const bound = e.dtype === "float32" ? 2 ** -5 : 2 ** -10;
  const small = divide(multiply(e, add(multiply(e, 3), 6)), add(multiply(e, add(e, 6)), 6)) as Tensor<Shape, D>;
  return where(less(e, bound), small, log(add(e, 1)));
}
