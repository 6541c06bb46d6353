/** The batches of a dataset, held to what it announces: a score over missing rows would be made up. */

import { ArgumentError, formatShape, Tensor } from "@nn/tensor";
import type { BatchOrder, TrainingBatch, TrainingData } from "./data.ts";

/**
 * The batches of `data` in this order: from `order.from` up to `order.to`, or all.
 * @throws ArgumentError at a batch with fewer or more rows than it should have, at weights that are negative or all zero,
 * and at an end that comes early.
 */
export async function* announcedBatches(
  operation: string,
  data: TrainingData,
  order: BatchOrder,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { batchSize, from = 0, to = Number.POSITIVE_INFINITY } = order;
  const refuse = (received: string, due: number): never => {
    const expected = `${due}, for data of ${data.size} rows in batches of ${batchSize}`;
    throw new ArgumentError({ operation, received, expected, fix: "Make size and batches of the data agree." });
  };
  let count = from;
  let rows = Math.min(data.size, from * batchSize);
  if (count === to) return;
  for await (const batch of data.batches(order)) {
    const due = Math.min(batchSize, data.size - rows);
    const { size } = batch;
    const first = firstInput(operation, batch);
    if (size !== due || first.shape[0] !== due) {
      refuse(`size ${size} with inputs ${formatShape(first.shape)} in batch ${count + 1}, after ${rows} rows`, due);
    }
    if (batch.weights !== undefined) checkWeights(operation, batch, count + 1);
    rows += size;
    yield batch;
    if (++count === to) return;
  }
  const due = Math.min(data.size, to * batchSize);
  if (rows !== due) refuse(`${rows} rows in ${count} batches`, due);
}

function firstInput(operation: string, { inputs }: TrainingBatch): Tensor {
  const first = inputs instanceof Tensor ? inputs : Object.values((inputs ?? {}) as object)[0];
  if (first instanceof Tensor) return first;
  throw new ArgumentError({
    operation,
    received: `a batch whose inputs are ${Array.isArray(inputs) ? "an array" : `of type ${typeof inputs}`}`,
    expected: "a tensor, or a record of tensors",
    fix: "Make them with tensor(…) or fromArray(…), or use datasetFromArrays.",
  });
}

function checkWeights(operation: string, { weights, size }: TrainingBatch, number: number): void {
  const { data, shape } = weights!;
  const wrong = data.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  const received =
    shape.length !== 1 || shape[0] !== size
      ? `weights of shape ${formatShape(shape)} for ${size} rows`
      : wrong >= 0
        ? `weight ${data[wrong]} in row ${wrong}`
        : data.every((weight) => weight === 0)
          ? "weights that are all 0"
          : undefined;
  if (received === undefined) return;
  throw new ArgumentError({
    operation,
    received: `${received} of batch ${number}`,
    expected: "a finite weight of at least 0 a row, and one above 0",
    ...(wrong < 0 && { fix: "Leave rows out that should not count, or take larger batches." }),
  });
}
