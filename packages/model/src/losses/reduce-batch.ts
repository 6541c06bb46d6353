/** What classification losses share: the check of a batch, and the way from a loss for each example to one number. */

import { divide, type FloatDType, formatShape, type Shape, ShapeError, sum, type Tensor } from "@nn/tensor";
import { checkChoice, checkIsTensor, checkOptions } from "@nn/tensor/arguments";
import type { Labels, ReductionOption } from "./loss.ts";

/** Throws unless the reduction is one that there is. */
export function checkReduction(call: string, options: ReductionOption): void {
  checkOptions(call, options, { reduction: true });
  checkChoice(call, "reduction", options.reduction ?? "mean", ["mean", "sum"]);
}

/** Throws unless `outputs` has shape (N, columns) and `labels` (N), with N of at least 1. */
export function checkBatch(call: string, outputs: Tensor, labels: Labels, columns: number | undefined): void {
  checkIsTensor(call, "outputs", outputs);
  checkIsTensor(call, "labels", labels);
  const [rows, width] = outputs.shape;
  const fits = outputs.shape.length === 2 && rows! > 0 && width! > 0 && (columns === undefined || width === columns);
  if (!fits || labels.shape.length !== 1 || labels.shape[0] !== rows) {
    throw new ShapeError({
      operation: call,
      received: `outputs of shape ${formatShape(outputs.shape)} and labels of shape ${formatShape(labels.shape)}`,
      expected: `outputs [N, ${columns ?? "classes"}] and labels [N], N at least 1`,
    });
  }
}

/** Σ losses, divided by the size of the batch for a mean. */
export function reduceBatch<D extends FloatDType>(
  losses: Tensor<Shape, D>,
  batchSize: number,
  reduction: ReductionOption["reduction"],
): Tensor<[], D> {
  const total = sum(losses) as Tensor<[], D>;
  return reduction === "sum" ? total : divide(total, batchSize);
}
