/** A dataset in words and numbers, for people. */

import type { Dataset } from "./dataset.ts";
import { plural } from "./plural.ts";
import type { InputData, TargetData } from "./row-arrays.ts";
import { RowStatistics } from "./statistics.ts";
import { checkDataset, formatTarget, type Target, targetWidth } from "./target.ts";

/**
 * A card of `data`: name, rows, shape, dtype and target; range, mean and deviation of the inputs; rows of each class or with
 * each flag, or range, mean and deviation of the values; range and sum of the weights; fingerprint. Reads all rows once.
 * @example console.log(describe(makeMoons()))
 */
export function describe(data: Dataset): string {
  checkDataset("describe", data);
  const { target } = data;
  const inputs = new Summary();
  const targets = new Summary();
  const counts = new Array<number>(target.kind === "values" ? 0 : target.count).fill(0);
  let dtype = "";
  for (const batch of data.batches({ batchSize: Math.min(data.size, 4096) })) {
    dtype = batch.inputs.dtype;
    inputs.update(batch.inputs.data as InputData);
    if (target.kind === "values") targets.update(batch.targets.data as InputData);
    else count(batch.targets.data, target, counts);
  }
  return [
    `${data.name}: ${plural(data.size, "row")} of [${data.inputShape.join(", ")}] ${dtype}, ${formatTarget(target)}`,
    `inputs ${inputs.text()}`,
    ...(target.kind === "values" ? [`targets ${targets.text()}`] : countLines(target, counts, data.size)),
    ...(data.weights === undefined ? [] : [weightLine(data.weights.data)]),
    data.fingerprint,
    "",
  ].join("\n");
}

/** Range, mean and deviation of values that pass by. */
class Summary {
  readonly #statistics = new RowStatistics(0);
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;

  update(values: InputData): void {
    this.#statistics.update(values, []);
    for (const value of values) {
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
  }

  text(): string {
    const { mean, standardDeviation } = this.#statistics.finish();
    const [low, high] = [number(this.#low), number(this.#high)];
    return `${low} to ${high}, mean ${number(mean)}, deviation ${number(standardDeviation)}`;
  }
}

function count(data: TargetData, target: Target, counts: number[]): void {
  if (target.kind === "classes") for (const label of data) counts[label]! += 1;
  else {
    const width = targetWidth(target);
    for (const [i, flag] of data.entries()) counts[i % width]! += flag;
  }
}

function countLines(target: Exclude<Target, { kind: "values" }>, counts: readonly number[], size: number): string[] {
  const names = counts.map((_, i) => target.names?.[i] ?? String(i));
  const widest = names.reduce((most, name) => Math.max(most, name.length), 0);
  const most = String(counts.reduce((most, rows) => Math.max(most, rows), 0)).length;
  return counts.map((rows, i) => {
    const share = ((100 * rows) / size).toFixed(1);
    return `  ${names[i]!.padEnd(widest)}  ${String(rows).padStart(most)}  ${share.padStart(5)} %`;
  });
}

function weightLine(weights: ArrayLike<number>): string {
  let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let row = 0; row < weights.length; row++) {
    low = Math.min(low, weights[row]!);
    high = Math.max(high, weights[row]!);
    sum += weights[row]!;
  }
  return `weights ${number(low)} to ${number(high)}, sum ${number(sum)}`;
}

const number = (value: number): string => String(Number(value.toPrecision(6)));
