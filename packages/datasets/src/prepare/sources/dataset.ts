/** Datasets that are already in memory, such as moons. */

import { createHash } from "node:crypto";
import { sizeOf } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { InputData } from "../../columns.ts";
import type { Dataset } from "../../dataset.ts";
import type { ValueBlock, ValueSource } from "../source.ts";

/**
 * The source of one split per dataset, all of one input shape. `column` names the inputs; `steps` say how they were made,
 * as `name@version(params)`.
 * @example datasetSource({ train: makeMoons() }, { column: "point", steps: ["makeMoons@1()"] })
 */
export function datasetSource(
  splits: Readonly<Record<string, Dataset>>,
  options: { readonly column: string; readonly steps: readonly string[] },
): ValueSource {
  checkOptions("datasetSource", options, { column: true, steps: true });
  const entries = Object.entries(splits);
  const [first] = entries;
  const { inputShape, inputs } = first?.[1] ?? { inputShape: [0], inputs: { dtype: "float64" as const } };
  const width = sizeOf(inputShape);
  // In batches, not subsets: what is made of a row may depend on its number.
  const blocks = function* (split: string, from: number): Generator<ValueBlock> {
    const data = splits[split]!;
    const batchSize = Math.min(data.size, Math.max(1, Math.floor(2 ** 20 / Math.max(1, width))));
    let skip = from % batchSize;
    for (const { inputs, labels } of data.batches({ batchSize, from: Math.floor(from / batchSize) })) {
      yield { inputs: (inputs.data as InputData).subarray(skip * width), labels: labels.data.subarray(skip) };
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
