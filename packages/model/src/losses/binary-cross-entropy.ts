/** The loss of yes-or-no questions. */

import {
  abs,
  add,
  cast,
  divide,
  exp,
  type FloatDType,
  less,
  log,
  matmul,
  maximum,
  mean,
  multiply,
  negative,
  oneHot,
  reshape,
  type Shape,
  subtract,
  type Tensor,
  tensor,
  where,
} from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { Unfit } from "../contract/layer.ts";
import { type ClassesTarget, classes, type FlagsTarget, flags } from "../contract/target.ts";
import { checkBatch, defineLoss, type Loss, type LossRule, type ReductionOption } from "./loss.ts";

/** One logit for two classes, or a logit for each flag. */
export interface BinaryCrossEntropyRule extends LossRule {
  readonly fits: this["target"] extends ClassesTarget<infer K>
    ? K extends 2
      ? this["outputs"] extends readonly [infer Units extends number]
        ? number extends Units
          ? true
          : Units extends 1
            ? true
            : OneLogit
        : OneLogit
      : Unfit<"2 classes", "Use crossEntropy() for more.">
    : this["target"] extends FlagsTarget<infer K>
      ? this["outputs"] extends readonly [infer Units extends number]
        ? number extends Units
          ? true
          : Units extends K
            ? true
            : LogitEach<K>
        : LogitEach<K>
      : Unfit<"targets that are 2 classes or flags", "Use meanSquaredError() for values.">;
}

type OneLogit = Unfit<"shape [1], one logit for class 1", "End the model with dense(1).">;
type LogitEach<K extends number> = Unfit<`shape [${K}], a logit for each flag`, `End the model with dense(${K}).`>;

/**
 * −y log σ(x) − (1 − y) log(1 − σ(x)). Of two classes: one logit x (N, 1), labels y (N). Of flags: logits x (N, K), targets
 * y (N, K) of 0 and 1, and a row's loss is the mean over its flags (as PyTorch's and Keras's, whose mean is over all elements).
 * Computed as max(x, 0) − x·y + log(1 + e^−|x|), which neither overflows nor loses the losses of confident answers.
 */
export function binaryCrossEntropy(
  options: ReductionOption = {},
): Loss<"binaryCrossEntropy()", BinaryCrossEntropyRule> {
  const call = "binaryCrossEntropy()";
  checkOptions(call, options, { reduction: true });
  const { reduction = "mean" } = options;
  return defineLoss({
    kind: "binaryCrossEntropy",
    call,
    config: { reduction },
    reduction,
    logitsOf: "sigmoid",
    check(outputShape, target) {
      if (target.kind === "values") {
        return { expected: "targets that are 2 classes or flags", fix: "Use meanSquaredError() for values." };
      }
      if (target.kind === "flags") {
        const { count } = target;
        if (outputShape.length === 1 && outputShape[0] === count) return undefined;
        return { expected: `shape [${count}], a logit for each flag`, fix: `End the model with dense(${count}).` };
      }
      if (target.count !== 2) return { expected: "2 classes", fix: "Use crossEntropy() for more." };
      if (outputShape.length === 1 && outputShape[0] === 1) return undefined;
      return { expected: "shape [1], one logit for class 1", fix: "End the model with dense(1)." };
    },
    perRow(logits, targets) {
      return targets.shape.length === 2 ? ofFlags(call, logits, targets) : ofClasses(call, logits, targets);
    },
  });
}

type FloatTensor = Tensor<Shape, FloatDType>;

function ofClasses(call: string, logits: FloatTensor, labels: Tensor): Tensor {
  checkBatch(call, logits, labels, [1], classes(2));
  const { dtype } = logits;
  // 1 − 2y (N, 1): with z = (1 − 2y) x, the loss is log(1 + eᶻ) whatever the label.
  const sign = matmul(oneHot(labels as Tensor<Shape, "uint8">, 2, { dtype }), tensor([[1], [-1]], { dtype }));
  return reshape(softplus(multiply(logits, sign as FloatTensor) as FloatTensor), [logits.shape[0]!]);
}

function ofFlags(call: string, logits: FloatTensor, targets: Tensor): Tensor {
  const count = Math.max(targets.shape[1]!, 1);
  checkBatch(call, logits, targets, [count], flags(count));
  // As above, flag by flag.
  const sign = subtract(1, multiply(cast(targets, logits.dtype) as FloatTensor, 2)) as FloatTensor;
  return mean(softplus(multiply(logits, sign) as FloatTensor), { axis: 1 });
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
