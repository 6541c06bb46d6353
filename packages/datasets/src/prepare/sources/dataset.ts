/** Datasets that are already in memory, such as moons. */

import { sizeOf } from "@nn/tensor";
import type { InputData } from "../../columns.ts";
import type { Dataset } from "../../dataset.ts";
import type { ValueSource } from "../source.ts";

/**
 * The source of one split per dataset, all of one input shape. `column` names the inputs; `steps` say how they were made,
 * as `name@version(params)`.
 * @example datasetSource({ train: makeMoons() }, { column: "point", steps: ["makeMoons@1()"] })
 */
export function datasetSource(
  splits: Readonly<Record<string, Dataset>>,
  options: { readonly column: string; readonly steps: readonly string[] },
): ValueSource {
  const entries = Object.entries(splits);
  const [first] = entries;
  const { inputShape, inputs } = first?.[1] ?? { inputShape: [0], inputs: { dtype: "float64" as const } };
  return {
    kind: "values",
    layout: { column: options.column, dtype: inputs.dtype, inputShape },
    splits: Object.fromEntries(entries.map(([split, data]) => [split, data.size])),
    files: [],
    steps: options.steps,
    blocks: function* (split, from) {
      const data = splits[split]!;
      const rows = Math.max(1, Math.floor(2 ** 20 / Math.max(1, sizeOf(inputShape))));
      for (let row = from; row < data.size; row += rows) {
        const indices = Uint32Array.from({ length: Math.min(rows, data.size - row) }, (_, i) => row + i);
        const { inputs, labels } = data.subset(indices);
        yield { inputs: inputs.data as InputData, labels: labels.data };
      }
    },
  };
}
