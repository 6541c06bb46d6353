/** Counts, mean and standard deviation of the rows that pass by, in one pass and the same to the last bit each time. */

import type { InputData } from "./row-arrays.ts";

export class RowStatistics {
  readonly #classCounts: number[];
  readonly #byteCounts = new Float64Array(256);
  #values = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #spread = 0;

  constructor(classCount: number) {
    this.#classCounts = new Array<number>(classCount).fill(0);
  }

  update(inputs: InputData, labels: Iterable<number>): void {
    for (const label of labels) this.#classCounts[label]! += 1;
    if (inputs instanceof Uint8Array) this.#addBytes(inputs);
    else this.#addFloats(inputs);
  }

  /** `standardDeviation` is that of the values themselves (divisor n). */
  finish(): { classCounts: number[]; mean: number; standardDeviation: number } {
    const classCounts = [...this.#classCounts];
    const bytes = this.#byteCounts.reduce((sum, count) => sum + count, 0);
    if (bytes === 0)
      return { classCounts, mean: this.#mean, standardDeviation: Math.sqrt(this.#spread / this.#values) };
    const mean = this.#byteCounts.reduce((sum, count, value) => sum + count * value, 0) / bytes;
    const spread = this.#byteCounts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0);
    return { classCounts, mean, standardDeviation: Math.sqrt(spread / bytes) };
  }

  // Four counters a value: equal neighbours, such as paper, would wait for each other at one.
  #addBytes(inputs: Uint8Array): void {
    const counts = new Uint32Array(1024);
    const end = inputs.length & ~3;
    for (let i = 0; i < end; i += 4) {
      counts[inputs[i]!]! += 1;
      counts[inputs[i + 1]! + 256]! += 1;
      counts[inputs[i + 2]! + 512]! += 1;
      counts[inputs[i + 3]! + 768]! += 1;
    }
    for (let i = end; i < inputs.length; i++) counts[inputs[i]!]! += 1;
    for (const [i, count] of counts.entries()) this.#byteCounts[i & 255]! += count;
  }

  // Welford's recurrence.
  #addFloats(inputs: Float64Array | Float32Array): void {
    for (const value of inputs) {
      this.#values += 1;
      const distance = value - this.#mean;
      this.#mean += distance / this.#values;
      this.#spread += distance * (value - this.#mean);
    }
  }
}
