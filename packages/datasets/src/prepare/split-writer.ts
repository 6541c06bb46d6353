/** The rows of one split, gathered into shards of equal size. */

import { sizeOf } from "@nn/tensor";
import type { ShardLayout, ShardMetadata } from "../arrow/schema.ts";
import type { InputData } from "../columns.ts";
import { DataError } from "../errors.ts";
import type { Fingerprint } from "../fingerprint.ts";
import type { SplitEntry } from "../manifest.ts";
import { type ShardFile, writeShardFile } from "./shard-file.ts";
import type { ValueBlock } from "./source.ts";
import { RowStatistics } from "./statistics.ts";

export interface SplitOptions {
  readonly folder: string;
  readonly split: string;
  /** As the source announced. */
  readonly rows: number;
  readonly shardSize: number;
  readonly layout: ShardLayout;
  /** For the rows of this split. */
  readonly fingerprint: Fingerprint;
  readonly facts: Omit<ShardMetadata, "split" | "fingerprint" | "classCounts" | "mean" | "standardDeviation">;
}

const arrays = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array } as const;

export class SplitWriter {
  readonly #options: SplitOptions;
  readonly #width: number;
  readonly #statistics: RowStatistics;
  readonly #shards: ShardFile[] = [];
  readonly #inputs: InputData;
  readonly #labels: Uint8Array;
  /** Rows in the shard being filled, and in all of the split. */
  #filled = 0;
  #rows = 0;

  constructor(options: SplitOptions) {
    const { rows, shardSize, layout, facts } = options;
    this.#options = options;
    this.#width = sizeOf(layout.inputShape);
    this.#statistics = new RowStatistics(facts.classNames.length);
    const capacity = Math.min(rows, shardSize);
    this.#inputs = new arrays[layout.dtype](capacity * this.#width);
    this.#labels = new Uint8Array(capacity);
  }

  /** @throws DataError for more rows than announced, a label out of range or a value that is not finite. */
  async add({ inputs, labels }: ValueBlock): Promise<void> {
    const width = this.#width;
    this.#check(inputs, labels);
    this.#statistics.update(inputs, labels);
    this.#options.fingerprint.update(inputs, labels);
    for (let row = 0; row < labels.length; ) {
      const end = Math.min(labels.length, row + this.#labels.length - this.#filled);
      this.#inputs.set(inputs.subarray(row * width, end * width), this.#filled * width);
      this.#labels.set(labels.subarray(row, end), this.#filled);
      this.#filled += end - row;
      row = end;
      if (this.#filled === this.#labels.length) await this.#flush();
    }
    this.#rows += labels.length;
  }

  /** Seals the shards. @throws DataError for fewer rows than announced. */
  async finish(): Promise<SplitEntry> {
    const { split, rows, fingerprint, facts } = this.#options;
    await this.#flush();
    if (this.#rows !== rows) throw this.#refuse(`${this.#rows} rows`, `the ${rows} that the source announced`);
    const summary = { fingerprint: fingerprint.finish(), ...this.#statistics.finish() };
    const shards = [];
    for (const shard of this.#shards) shards.push(await shard.seal({ ...facts, split, ...summary }));
    return { rows, ...summary, shards };
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    const { folder, split, rows, shardSize, layout } = this.#options;
    const pad = (number: number) => String(number).padStart(5, "0");
    const file = `${split}-${pad(this.#shards.length)}-of-${pad(Math.ceil(rows / shardSize))}.arrow`;
    const inputs = this.#inputs.subarray(0, this.#filled * this.#width);
    const labels = this.#labels.subarray(0, this.#filled);
    this.#shards.push(await writeShardFile(folder, file, { inputs, labels }, layout));
    this.#filled = 0;
  }

  #check(inputs: InputData, labels: Uint8Array): void {
    const { rows, facts, layout } = this.#options;
    const classCount = facts.classNames.length;
    const isRightArray = inputs instanceof arrays[layout.dtype] && inputs.length === labels.length * this.#width;
    if (!isRightArray || this.#rows + labels.length > rows) {
      const expected = `${rows} rows of ${this.#width} ${layout.dtype} values in all`;
      throw this.#refuse(`${labels.length} labels and ${inputs.length} values after ${this.#rows} rows`, expected);
    }
    const bad = labels.findIndex((label) => label >= classCount);
    if (bad >= 0)
      throw this.#refuse(`label ${labels[bad]} in row ${this.#rows + bad}`, `labels 0 to ${classCount - 1}`);
    if (inputs instanceof Uint8Array) return;
    const broken = inputs.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) return;
    const row = this.#rows + Math.floor(broken / this.#width);
    throw this.#refuse(`${inputs[broken]} in row ${row}`, "values that are finite numbers");
  }

  #refuse(received: string, expected: string): DataError {
    return new DataError({ operation: "prepare", received: `${received} in split ${this.#options.split}`, expected });
  }
}
