/** The batches of a dataset, held to what it announces: a score over missing rows would be made up. */

import { ArgumentError, formatShape } from "@nn/tensor";
import type { BatchOrder, TrainingBatch, TrainingData } from "./training-data.ts";

/**
 * The batches of `data` in this order: up to `order.to`, or all. Who takes one is done with it when asking for the next.
 * @throws ArgumentError at a batch with fewer or more rows than it should have, and at an end that comes early.
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
  for await (const batch of data.batches({ ...order, reuse: data.mayReuse === true })) {
    const due = Math.min(batchSize, data.size - rows);
    const { size, inputs } = batch;
    if (size !== due || inputs.shape[0] !== due) {
      refuse(`size ${size} with inputs ${formatShape(inputs.shape)} in batch ${count + 1}, after ${rows} rows`, due);
    }
    rows += size;
    yield batch;
    if (++count === to) return;
  }
  const due = Math.min(data.size, to * batchSize);
  if (rows !== due) refuse(`${rows} rows in ${count} batches`, due);
}
