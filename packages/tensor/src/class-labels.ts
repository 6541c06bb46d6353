/** Class labels as datasets, metrics and models take them: one class number a row, in an array or a tensor of one axis. */

import { ArgumentError, describe, ShapeError } from "./errors.ts";
import { formatShape, type Shape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * The values of `labels`, not yet checked one by one: `checkClassLabel` does that.
 * @throws ShapeError for a tensor or nested arrays of other than one axis. @throws ArgumentError for what is no array.
 */
export function classLabels(operation: string, name: string, labels: unknown): ArrayLike<number> {
  const isArray =
    typeof labels === "object" && Number.isInteger((labels as { readonly length?: number } | null)?.length);
  const shape: Shape | undefined =
    labels instanceof Tensor
      ? (labels.shape as Shape)
      : isArray
        ? shapeOfArray(labels as ArrayLike<unknown>)
        : undefined;
  if (shape === undefined) {
    throw new ArgumentError({
      operation,
      received: `${name} ${describe(labels)}`,
      expected: "an array or a tensor with a class number for each row",
    });
  }
  if (shape.length === 1) return labels instanceof Tensor ? labels.data : (labels as ArrayLike<number>);
  throw new ShapeError({
    operation,
    received: `${name} of shape ${formatShape(shape)}`,
    expected: "one axis: a class number for each row",
    ...(shape.length === 2 &&
      (shape[1] === 1
        ? { fix: "Drop the last axis: reshape(labels, [rows])." }
        : { fix: "Take argmax(scores, { axis: -1 }) of scores or one-hot rows first." })),
  });
}

/** The shape that an array has as far as its first items tell. */
function shapeOfArray(array: ArrayLike<unknown>): number[] {
  const first = array[0];
  return Array.isArray(first) ? [array.length, ...shapeOfArray(first)] : [array.length];
}

/** Throws unless `value`, the label of `row`, is an integer 0 … `classCount` − 1; default: no upper bound. */
export function checkClassLabel(
  operation: string,
  name: string,
  value: unknown,
  row: number,
  classCount: number = Number.POSITIVE_INFINITY,
): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < classCount) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${describe(value)} in row ${row}`,
    expected: classCount === Number.POSITIVE_INFINITY ? "integers from 0" : `integers from 0 to ${classCount - 1}`,
  });
}
