/** The share of right answers. */

import {
  type ClassesTarget,
  type FlagsTarget,
  type LossRule,
  predictedClasses,
  type Target,
  thresholdOf,
  type Unfit,
} from "@nn/model";
import { cast, equal, greater, mean, type Shape, type Tensor } from "@nn/tensor";
import { defineMetric, type Metric, rowMean } from "./metric.ts";

/** Outputs that say a class, or flags. */
export interface ClassesRule extends LossRule {
  readonly fits: this["target"] extends ClassesTarget | FlagsTarget
    ? true
    : Unfit<"targets that are classes or flags", "Use meanAbsoluteError() for values.">;
}

/** `ClassesRule` at run time. */
export function checkClasses(_outputShape: Shape, target: Target): Unfit | undefined {
  if (target.kind !== "values") return undefined;
  return { expected: "targets that are classes or flags", fix: "Use meanAbsoluteError() for values." };
}

/**
 * The share of rows whose predicted class is the label, 0 … 1; of flags, the share of right flags (Keras's
 * binary accuracy). A single output says class 1 above 0, or above ½ where the model ends with probabilities.
 */
export function accuracy(): Metric<"accuracy()", ClassesRule> {
  return defineMetric({
    kind: "accuracy",
    call: "accuracy()",
    direction: "maximize",
    check: checkClasses,
    observe({ outputs, targets, model, target }) {
      if (target.kind === "flags") {
        const right = equal(cast(greater(outputs, thresholdOf(model)), "int32"), cast(targets, "int32") as never);
        return { right: mean(cast(right as Tensor, "float64"), { axis: 1 }) as Tensor };
      }
      const right = equal(predictedClasses(model, outputs), cast(targets, "int32") as never);
      return { right: right as Tensor };
    },
    ...rowMean("right"),
  });
}
