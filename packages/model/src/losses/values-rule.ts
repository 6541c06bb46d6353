/** What the losses of numbers share: outputs and targets of one shape, and their difference. */

import {
  cast,
  type FloatDType,
  type FormatShape,
  formatShape,
  mean,
  type Shape,
  sameShape,
  subtract,
  type Tensor,
} from "@nn/tensor";
import type { Unfit } from "../contract/layer.ts";
import { type Target, type ValuesTarget, values } from "../contract/target.ts";
import { checkBatch, type LossRule } from "./loss.ts";

/** Outputs of the shape of the targets. */
export interface ValuesRule extends LossRule {
  readonly fits: this["target"] extends ValuesTarget<infer S>
    ? this["outputs"] extends S
      ? true
      : number extends (this["outputs"] & Shape)[number]
        ? true
        : Unfit<`shape ${FormatShape<S>}, that of the targets`, "Let the model end with outputs of that shape.">
    : Unfit<"targets that are values", "Use crossEntropy() for classes, binaryCrossEntropy() for flags.">;
}

/** `ValuesRule` at run time. */
export function checkValues(outputShape: Shape, target: Target): Unfit | undefined {
  if (target.kind !== "values") {
    return {
      expected: "targets that are values",
      fix: "Use crossEntropy() for classes, binaryCrossEntropy() for flags.",
    };
  }
  if (sameShape(outputShape, target.shape)) return undefined;
  return {
    expected: `shape ${formatShape(target.shape)}, that of the targets`,
    fix: "Let the model end with outputs of that shape.",
  };
}

type FloatTensor = Tensor<Shape, FloatDType>;

/** outputs − targets (N, …), never broadcast: (N, 1) and (N) do not fit. Targets are cast to the outputs' dtype. */
export function difference(call: string, outputs: FloatTensor, targets: Tensor): FloatTensor {
  const shape = outputs.shape.slice(1);
  checkBatch(call, outputs, targets, shape, values(shape));
  return subtract(outputs, cast(targets, outputs.dtype) as FloatTensor) as FloatTensor;
}

/** The mean over all axes but the first: (N, …) → (N). */
export function rowMean(x: FloatTensor): FloatTensor {
  const axis = x.shape.slice(1).map((_, i) => i + 1);
  return axis.length === 0 ? x : (mean(x, { axis }) as FloatTensor);
}
