/** What metrics take: class numbers, in an array or a tensor, checked before they are counted. */

import { ArgumentError, formatShape, type Shape, ShapeError, Tensor } from "@nn/tensor";

/** One class number a row. */
export type Labels = ArrayLike<number> | Tensor<Shape>;

/** The numbers of `labels`. @throws ShapeError for a tensor that has not exactly one axis. */
function labelValues(operation: string, name: string, labels: Labels): ArrayLike<number> {
  if (!(labels instanceof Tensor)) return labels;
  if (labels.shape.length === 1) return labels.data;
  throw new ShapeError({
    operation,
    received: `${name} of shape ${formatShape(labels.shape)}`,
    expected: "one axis: a class number for each row",
    ...(labels.shape.length === 2 && { fix: "Take argmax(scores, { axis: -1 }) of scores first." }),
  });
}

/** Labels and predictions as arrays. @throws ShapeError unless they are equally long. @throws ArgumentError when empty. */
export function pairedValues(
  operation: string,
  labels: Labels,
  predicted: Labels,
): readonly [labels: ArrayLike<number>, predicted: ArrayLike<number>] {
  const pair = [labelValues(operation, "labels", labels), labelValues(operation, "predictions", predicted)] as const;
  const [{ length }, { length: predictedLength }] = pair;
  if (length !== predictedLength) {
    throw new ShapeError({
      operation,
      received: `${length} labels and ${predictedLength} predictions`,
      expected: "one prediction for each label",
    });
  }
  if (length === 0) {
    throw new ArgumentError({ operation, received: "no labels", expected: "at least one label with its prediction" });
  }
  return pair;
}

/** Throws unless `value` is an integer 0 … `classCount` − 1. */
export function checkClass(operation: string, name: string, value: number, row: number, classCount: number): void {
  if (Number.isInteger(value) && value >= 0 && value < classCount) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${value} in row ${row}`,
    expected: classCount === Number.POSITIVE_INFINITY ? "integers from 0" : `integers from 0 to ${classCount - 1}`,
  });
}
