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

/** A score for each class or flag, or a single one for two classes. */
export interface ClassesRule extends LossRule {
  readonly fits: this["target"] extends ClassesTarget<infer K>
    ? Fits<this["outputs"], K extends 2 ? 1 | 2 : K, `shape [${K}], a score for each class`, K>
    : this["target"] extends FlagsTarget<infer K>
      ? Fits<this["outputs"], K, `shape [${K}], a score for each flag`, K>
      : Unfit<"targets that are classes or flags", "Use meanAbsoluteError() for values.">;
}

type Fits<Outputs, Allowed extends number, Expected extends string, K extends number> = Outputs extends readonly [
  infer Units extends number,
]
  ? number extends Units
    ? true
    : Units extends Allowed
      ? true
      : Unfit<Expected, `End the model with dense(${K}).`>
  : Unfit<Expected, `End the model with dense(${K}).`>;

/** `ClassesRule` at run time. */
function checkClasses(outputShape: Shape, target: Target): Unfit | undefined {
  if (target.kind === "values") {
    return { expected: "targets that are classes or flags", fix: "Use meanAbsoluteError() for values." };
  }
  const { kind, count } = target;
  const [units] = outputShape;
  if (outputShape.length === 1 && (units === count || (kind === "classes" && count === 2 && units === 1))) return;
  return {
    expected: `shape [${count}], a score for each ${kind === "classes" ? "class" : "flag"}`,
    fix: `End the model with dense(${count}).`,
  };
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
