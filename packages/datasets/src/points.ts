/** What the generators of points share: counting, shuffling and noise, in scikit-learn's order of draws. */

import { ArgumentError, type RandomState, Tensor } from "@nn/tensor";
import { checkFiniteNumber, checkInteger, formatValue } from "@nn/tensor/arguments";
import type { Dataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import type { ClassesTarget } from "./target.ts";

const mostPoints = 2 ** 28;

/** How many points go to each of two classes: an odd one to the second. @throws ArgumentError when there is none. */
export function countTwo(operation: string, samples: number | readonly [number, number]): readonly [number, number] {
  if (typeof samples === "number") {
    checkInteger(operation, "samples", samples, 1, mostPoints);
    return [Math.floor(samples / 2), Math.ceil(samples / 2)];
  }
  if (!Array.isArray(samples) || samples.length !== 2) {
    throw new ArgumentError({
      operation,
      received: Array.isArray(samples) ? `samples of ${samples.length} classes` : `samples ${formatValue(samples)}`,
      expected: "a number of points, or those of each of 2 classes",
    });
  }
  const [first, second] = samples;
  checkInteger(operation, "samples[0]", first, 0, mostPoints);
  checkInteger(operation, "samples[1]", second, 0, mostPoints);
  checkInteger(operation, "samples[0] + samples[1]", first + second, 1);
  return [first, second];
}

/** @throws ArgumentError unless `value` is a finite number of at least 0. */
export function checkSpread(operation: string, name: string, value: number): void {
  checkFiniteNumber(operation, name, value, { atLeast: 0 });
}

export interface Points<Names extends readonly string[]> {
  readonly name: string;
  /** (points, dimensions), class after class. */
  readonly values: Float64Array;
  readonly dimensions: number;
  readonly labels: Uint8Array;
  readonly classNames: Names;
  readonly random: RandomState;
  readonly shuffle: boolean;
  /** Standard deviation of what is added to every coordinate; nothing is drawn when absent. */
  readonly noise: number | undefined;
}

/** The points as a dataset: first put in random order, then noise added row by row. */
export function pointsDataset<Names extends readonly string[]>(
  points: Points<Names>,
): Dataset<readonly number[], ClassesTarget<Names["length"]>> {
  const { name, values, dimensions, labels, classNames, random, shuffle, noise } = points;
  const size = labels.length;
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  if (shuffle) random.shuffle(order);
  const moved = new Float64Array(values.length);
  order.forEach((from, to) => {
    moved.set(values.subarray(from * dimensions, (from + 1) * dimensions), to * dimensions);
  });
  if (noise !== undefined) {
    const { data } = random.normal({ scale: noise, size: moved.length });
    for (let i = 0; i < moved.length; i++) moved[i]! += data[i]!;
  }
  return datasetFromArrays({
    name,
    inputs: new Tensor<readonly [number, number], "float64">([size, dimensions], "float64", { data: moved }),
    labels: Uint8Array.from(order, (from) => labels[from]!),
    classNames,
  }) as unknown as Dataset<readonly number[], ClassesTarget<Names["length"]>>;
}

/** Labels of classes of these sizes, one after the other. */
export function labelsOf(counts: readonly number[]): Uint8Array {
  return Uint8Array.from(counts.flatMap((count, label) => new Array<number>(count).fill(label)));
}
