/** A dataset in words and numbers, for people. */

import { checkMembers } from "@nn/tensor/arguments";
import type { InputData } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { RowStatistics } from "./statistics.ts";

/**
 * A card of `data`: name, rows, shape, dtype, rows of each class, range, mean and deviation of the inputs, fingerprint.
 * Reads all rows once.
 * @example console.log(describe(makeMoons()))
 */
export function describe(data: Dataset): string {
  checkMembers("describe", "data", data, ["size", "classCount"], "a dataset");
  const statistics = new RowStatistics(data.classCount);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let dtype = "";
  for (const { inputs, labels } of data.batches({ batchSize: Math.min(data.size, 4096) })) {
    dtype = inputs.dtype;
    statistics.update(inputs.data as InputData, labels.data);
    for (const value of inputs.data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const { classCounts: counts, mean, standardDeviation } = statistics.finish();
  const names = data.classNames.map((name) => name.length);
  const widest = Math.max(...names);
  const most = Math.max(...counts);
  const classes = data.classNames.map((name, label) => {
    const rows = counts[label]!;
    const share = ((100 * rows) / data.size).toFixed(1);
    return `  ${name.padEnd(widest)}  ${String(rows).padStart(String(most).length)}  ${share.padStart(5)} %`;
  });
  const number = (value: number) => String(Number(value.toPrecision(6)));
  return [
    `${data.name}: ${data.size} rows of [${data.inputShape.join(", ")}] ${dtype}, ${data.classCount} classes`,
    `values ${number(low)} to ${number(high)}, mean ${number(mean)}, deviation ${number(standardDeviation)}`,
    ...classes,
    data.fingerprint,
    "",
  ].join("\n");
}
