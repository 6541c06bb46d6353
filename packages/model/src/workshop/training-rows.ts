/** Examples as the workshop's two models take them, and what those check of them. */

import { ArgumentError, formatShape, ShapeError, type Tensor } from "@nn/tensor";
import { checkFiniteNumber, checkIsTensor } from "@nn/tensor/arguments";
import type { Labels } from "../losses/loss.ts";

/** Examples as rows (N, features), in float64. */
export type Rows = Tensor<readonly [number, number], "float64">;

/** Throws unless there is a label for each row, and at least one row. */
export function checkRows(operation: string, x: Rows, y: Labels): void {
  checkIsTensor(operation, "rows", x);
  checkIsTensor(operation, "labels", y);
  if (x.shape.length === 2 && y.shape.length === 1 && y.size === x.shape[0] && y.size > 0) return;
  throw new ShapeError({
    operation,
    received: `rows of shape ${formatShape(x.shape)} and labels of shape ${formatShape(y.shape)}`,
    expected: "a label for each row, and at least one row",
  });
}

/** Throws where a value is NaN or infinite. */
export function checkFinite(operation: string, x: Rows): void {
  const at = x.data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const row = Math.floor(at / x.shape[1]);
  throw new ArgumentError({ operation, received: `${x.data[at]} in row ${row}`, expected: "finite values" });
}

/** Throws unless the learning rate is a finite number above 0. */
export function checkLearningRate(operation: string, learningRate: number): void {
  checkFiniteNumber(operation, "learningRate", learningRate, { above: 0 });
}
