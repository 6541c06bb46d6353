/** The share of rows whose label is among the best guesses. */

import type { ClassesTarget, LossRule, Unfit } from "@nn/model";
import {
  add,
  arange,
  cast,
  checkInteger,
  equal,
  greater,
  less,
  multiply,
  oneHot,
  reshape,
  type Shape,
  sum,
  type Tensor,
  where,
  zerosLike,
} from "@nn/tensor";
import { defineMetric, type Metric, rowMean } from "./metric.ts";

/** A score for each class. */
export interface TopKRule extends LossRule {
  readonly fits: this["target"] extends ClassesTarget<infer K>
    ? this["outputs"] extends readonly [K]
      ? true
      : this["outputs"] extends readonly [number]
        ? number extends this["outputs"][0]
          ? true
          : Unfit<`shape [${K}], a score for each class`, `End the model with dense(${K}).`>
        : Unfit<`shape [${K}], a score for each class`, `End the model with dense(${K}).`>
    : Unfit<"targets that are classes", "Use another metric for values and flags.">;
}

/**
 * The share of rows whose label is among the `k` classes with the largest outputs, 0 … 1. Of equal outputs the lower class
 * comes first; NaN comes before all numbers, as in `argmax`. So `topK(1)` is the accuracy.
 * @throws ArgumentError unless `k` is an integer of at least 1.
 * @example topK(3)
 */
export function topK<const K extends number>(k: K): Metric<`topK(${K})`, TopKRule> {
  checkInteger("topK", "k", k, 1);
  return defineMetric({
    kind: "topK",
    call: `topK(${k})`,
    config: { k },
    direction: "maximize",
    check(outputShape, target) {
      if (target.kind !== "classes") {
        return { expected: "targets that are classes", fix: "Use another metric for values and flags." };
      }
      if (outputShape.length === 1 && outputShape[0] === target.count) return undefined;
      return {
        expected: `shape [${target.count}], a score for each class`,
        fix: `End the model with dense(${target.count}).`,
      };
    },
    observe({ outputs, targets }) {
      const [rows, classCount] = outputs.shape as readonly [number, number];
      const labels = oneHot(targets as Tensor<Shape, "uint8">, classCount, { dtype: outputs.dtype });
      const isLabel = equal(labels, 1) as Tensor<Shape, "uint8">;
      // A choice, not a product: 0 · ∞ would be NaN.
      const own = reshape(sum(where(isLabel, outputs, zerosLike(outputs)), { axis: 1 }) as Tensor, [rows, 1]);
      const numbers = arange(classCount, { dtype: "int32" }) as Tensor;
      const ownNumber = reshape(cast(targets, "int32") as Tensor, [rows, 1]);
      const isBefore = less(numbers as never, ownNumber as never) as Tensor;
      // NaN ranks above every number, as in argmax and in NumPy's sort.
      const [isNumber, ownIsNumber] = [equal(outputs as Tensor, outputs as Tensor), equal(own, own)] as Tensor[];
      const isAbove = either(
        greater(outputs as Tensor, own) as Tensor,
        less(isNumber as never, ownIsNumber as never) as Tensor,
      );
      const bothNaN = less(add(cast(isNumber!, "int32"), cast(ownIsNumber!, "int32") as never) as never, 1) as Tensor;
      const isTie = either(equal(outputs as Tensor, own) as Tensor, bothNaN);
      const better = sum(cast(either(isAbove, both(isTie, isBefore)), "int32"), { axis: 1 }) as Tensor;
      return { right: less(better as never, k) as Tensor };
    },
    ...rowMean("right"),
  });
}

/** Of two truth values, uint8. */
function both(a: Tensor, b: Tensor): Tensor {
  return multiply(cast(a, "int32"), cast(b, "int32") as never) as Tensor;
}

function either(a: Tensor, b: Tensor): Tensor {
  return greater(add(cast(a, "int32"), cast(b, "int32") as never) as never, 0) as Tensor;
}
