/** A batch that outlives the request for the next one. */

import { fromArray, type Shape, type Tensor } from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import type { Batch } from "./dataset.ts";
import { copyOf, type TargetData } from "./row-arrays.ts";
import type { Target } from "./target.ts";

/**
 * `batch` in arrays of its own, which nothing else writes into.
 * @example const kept = Array.from(data.batches({ batchSize: 64 }), copyBatch);
 */
export function copyBatch<In extends Shape, T extends Target>(batch: Batch<In, T>): Batch<In, T> {
  checkMembers("copyBatch", "batch", batch, ["inputs", "targets", "indices"], "a batch of a dataset");
  const { inputs, targets, weights, size, indices } = batch;
  return {
    inputs: copied(inputs),
    targets: copied(targets as Tensor) as typeof targets,
    ...(weights && { weights: copied(weights) }),
    size,
    indices: indices.slice(),
  };
}

const copied = <X extends Tensor>(tensor: X): X =>
  fromArray(copyOf(tensor.data as TargetData), tensor.shape as Shape) as Tensor as X;
