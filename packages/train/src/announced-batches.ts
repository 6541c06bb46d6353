/** The batches of a dataset, held to what it announces: a score over missing rows would be made up. */

import { ArgumentError, DTypeError, formatShape, type Shape, ShapeError, sameShape } from "@nn/tensor";
import { checkIsTensor, checkMembers, formatValue } from "@nn/tensor/arguments";
import type { BatchOrder, TrainingBatch, TrainingData } from "./training-data.ts";

/**
 * The batches of `data` in this order: up to `order.to`, or all. Who takes one is done with it when asking for the next.
 * @throws ArgumentError at a batch with fewer or more rows than it should have, and at an end that comes early, and for what is
 * no batch of tensors. @throws ShapeError when a batch has inputs of another shape than the data say, or not a label a row.
 */
export async function* announcedBatches(
  operation: string,
  data: TrainingData,
  order: BatchOrder,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { batchSize, to = Number.POSITIVE_INFINITY } = order;
  const refuse = (received: string, due: number): never => {
    const expected = `${due}, for data of ${data.size} rows in batches of ${batchSize}`;
    throw new ArgumentError({ operation, received, expected, fix: "Make size and batches of the data agree." });
  };
  let count = 0;
  let rows = 0;
  const batches = data.batches({ ...order, reuse: data.mayReuse === true });
  checkIterable(operation, batches);
  for await (const batch of batches) {
    const due = Math.min(batchSize, data.size - rows);
    checkBatch(operation, batch, count + 1);
    const { size, inputs } = batch;
    if (size !== due || inputs.shape[0] !== due) {
      refuse(`size ${size} with inputs ${formatShape(inputs.shape)} in batch ${count + 1}, after ${rows} rows`, due);
    }
    checkShapes(operation, batch, data.inputShape, count + 1);
    rows += size;
    yield batch;
    if (++count === to) return;
  }
  const due = Math.min(data.size, to * batchSize);
  if (rows !== due) refuse(`${rows} rows in ${count} batches`, due);
}

/** For data that no compiler checked. */
function checkIterable(operation: string, batches: unknown): void {
  const object = Object(batches) as object;
  if (Symbol.iterator in object || Symbol.asyncIterator in object) return;
  throw new ArgumentError({
    operation,
    received: `batches() that gave ${formatValue(batches)}`,
    expected: "something to iterate over, such as a generator",
  });
}

function checkBatch(operation: string, batch: TrainingBatch, position: number): void {
  checkMembers(operation, `batch ${position}`, batch, ["inputs", "labels", "size"], "{ inputs, labels, size }");
  checkIsTensor(operation, `inputs of batch ${position}`, batch.inputs);
  checkIsTensor(operation, `labels of batch ${position}`, batch.labels);
}

function checkShapes(operation: string, { inputs, labels, size }: TrainingBatch, row: Shape, position: number): void {
  if (!sameShape(inputs.shape.slice(1), row)) {
    throw new ShapeError({
      operation,
      received: `inputs of shape ${formatShape(inputs.shape)} in batch ${position}`,
      expected: formatShape([size, ...row]),
    });
  }
  if (!sameShape(labels.shape, [size])) {
    throw new ShapeError({
      operation,
      received: `labels of shape ${formatShape(labels.shape)} in batch ${position}`,
      expected: `${formatShape([size])}, a class number for each row`,
    });
  }
  const dtype: string = labels.dtype;
  if (dtype === "uint8" || dtype === "int32") return;
  throw new DTypeError({ operation, received: `labels in ${dtype} in batch ${position}`, expected: "uint8 or int32" });
}
