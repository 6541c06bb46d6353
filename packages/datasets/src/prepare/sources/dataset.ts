/** Datasets that are already in memory, such as moons. */

import { createHash } from "node:crypto";
import { ArgumentError, type Shape, sizeOf } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { InputData } from "../../columns.ts";
import { copyBatch } from "../../copy-batch.ts";
import type { Dataset } from "../../dataset.ts";
import { type ClassesTarget, checkClasses, checkDataset } from "../../target.ts";
import type { ValueBlock, ValueSource } from "../source.ts";

/**
 * The source of one split per dataset, all of one input shape. `column` names the inputs; `steps` say how they were made,
 * as `name@version(params)`.
 * @throws ArgumentError for what shards do not hold: targets that are not classes, more than 256 classes, weights.
 * @example datasetSource({ train: makeMoons() }, { column: "point", steps: ["makeMoons@1()"] })
 */
export function datasetSource(
  splits: Readonly<Record<string, Dataset<Shape, ClassesTarget>>>,
  options: { readonly column: string; readonly steps: readonly string[] },
): ValueSource {
  checkOptions("datasetSource", options, { column: true, steps: true });
  const entries = Object.entries(splits);
  for (const [split, data] of entries) checkHeld(split, data);
  const [first] = entries;
  const { inputShape, inputs } = first?.[1] ?? { inputShape: [0], inputs: { dtype: "float64" as const } };
  const width = sizeOf(inputShape);
  // In batches, not subsets: what is made of a row may depend on its number.
  const blocks = function* (split: string, from: number): Generator<ValueBlock> {
    const data = splits[split]!;
    const batchSize = Math.min(data.size, Math.max(1, Math.floor(2 ** 20 / Math.max(1, width))));
    let skip = from % batchSize;
    for (const batch of data.batches({ batchSize, from: Math.floor(from / batchSize) })) {
      // Blocks are held while later ones are made.
      const { inputs, targets } = copyBatch(batch);
      yield {
        inputs: (inputs.data as InputData).subarray(skip * width),
        labels: (targets.data as Uint8Array).subarray(skip),
      };
      skip = 0;
    }
  };
  return {
    kind: "values",
    layout: { column: options.column, dtype: inputs.dtype, inputShape },
    splits: Object.fromEntries(entries.map(([split, data]) => [split, data.size])),
    files: [],
    steps: options.steps,
    // Computed whenever it is asked for: arrays can be written into.
    get state() {
      const hash = createHash("sha256");
      for (const split of Object.keys(splits)) {
        for (const { inputs, labels } of blocks(split, 0)) hash.update(inputs).update(labels);
      }
      return hash.digest("hex");
    },
    blocks,
  };
}

/** @throws ArgumentError unless shards can hold `data`. */
function checkHeld(split: string, data: Dataset): void {
  checkDataset("datasetSource", data);
  checkClasses("datasetSource", data);
  const { count } = data.target;
  const refuse = (received: string, expected: string): ArgumentError =>
    new ArgumentError({ operation: "datasetSource", received: `${received} in split ${split}`, expected });
  if (count > 256) throw refuse(`${count} classes`, "at most 256: shards hold labels in 8 bits");
  if (data.weights !== undefined) throw refuse("weights", "a dataset without them: shards hold inputs and labels");
}
