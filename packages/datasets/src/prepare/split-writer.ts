/** The rows of one split, gathered into shards: each holds what became of the same number of rows of the source. */

import { sizeOf } from "@nn/tensor";
import type { ShardLayout, ShardMetadata } from "../arrow/schema.ts";
import { type InputData, inputArrays } from "../columns.ts";
import { DataError } from "../errors.ts";
import type { Fingerprint } from "../fingerprint.ts";
import type { SplitEntry } from "../manifest.ts";
import { plural } from "../plural.ts";
import { RowStatistics } from "../statistics.ts";
import type { DecodedBlock } from "./decode.ts";
import type { DuplicateCounter } from "./duplicates.ts";
import { mostListed } from "./refusals.ts";
import { restoreShardFile, type ShardBody, type ShardFile, writeShardFile } from "./shard-file.ts";
import type { Refusal } from "./source.ts";

export interface SplitOptions {
  readonly folder: string;
  readonly split: string;
  /** Rows of the source, as it announced. */
  readonly sourceRows: number;
  readonly shardSize: number;
  readonly layout: ShardLayout;
  readonly classCount: number;
  /** Room for the rows of a shard, which all writers of a run share. */
  readonly inputs: InputData;
  readonly labels: Uint8Array;
  /** Of this split, and of all. */
  readonly fingerprints: readonly [Fingerprint, Fingerprint];
  readonly duplicates: DuplicateCounter;
  /** Called when a shard's rows are written; `body` is undefined when every one of them was left out. */
  readonly onShard: (
    shard: number,
    body: ShardBody | undefined,
    skipped: number,
    skippedFiles: readonly Refusal[],
  ) => Promise<void>;
}

type Summary = "split" | "fingerprint" | "classCounts" | "mean" | "standardDeviation";

export class SplitWriter {
  readonly #options: SplitOptions;
  readonly #width: number;
  readonly #statistics: RowStatistics;
  readonly #shards: ShardFile[] = [];
  /** Rows of the source that were left out of the shard being filled, and the first of them. */
  #skipped = 0;
  #skippedFiles: Refusal[] = [];
  /** Rows in the shard being filled. */
  #filled = 0;
  /** Rows of the source in that shard, and in all. */
  #taken = 0;
  #total = 0;
  #rows = 0;

  constructor(options: SplitOptions) {
    this.#options = options;
    this.#width = sizeOf(options.layout.inputShape);
    this.#statistics = new RowStatistics(options.classCount);
  }

  /** The row of the source that comes next. */
  get next(): number {
    return this.#total;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Takes over a shard of an earlier run. False, and nothing changed, when its file is not what it was. */
  async restore(body: ShardBody | undefined): Promise<boolean> {
    const { folder, sourceRows, shardSize, layout } = this.#options;
    const taken = Math.min(shardSize, sourceRows - this.#total);
    if (body !== undefined) {
      if (body.rows > taken || body.file !== this.#fileName()) return false;
      const rows = this.#first(body.rows);
      const shard = await restoreShardFile(folder, body, rows, layout);
      if (shard === undefined) return false;
      this.#account(rows.inputs, rows.labels, shard);
    }
    this.#total += taken;
    return true;
  }

  /** @throws DataError for more rows than announced, a label out of range or a value that is not finite. */
  async add({ inputs, labels, sourceRows, skipped }: DecodedBlock): Promise<void> {
    const { shardSize, sourceRows: due } = this.#options;
    const width = this.#width;
    this.#check(inputs, labels, sourceRows);
    this.#skipped += skipped.length;
    this.#skippedFiles.push(...skipped.slice(0, mostListed - this.#skippedFiles.length));
    const isComplete = sourceRows === labels.length;
    for (let row = 0, left = sourceRows; left > 0; ) {
      const room = shardSize - this.#taken;
      const end = isComplete ? Math.min(labels.length, row + room) : labels.length;
      this.#options.inputs.set(inputs.subarray(row * width, end * width), this.#filled * width);
      this.#options.labels.set(labels.subarray(row, end), this.#filled);
      const taken = isComplete ? end - row : sourceRows;
      this.#filled += end - row;
      this.#taken += taken;
      this.#total += taken;
      left -= taken;
      row = end;
      if (this.#taken === shardSize || this.#total === due) await this.#flush();
    }
  }

  /** @throws DataError for fewer rows than announced, or none left. */
  finish(): void {
    const { sourceRows } = this.#options;
    if (this.#total !== sourceRows) {
      throw this.#refuse(plural(this.#total, "row"), `the ${sourceRows} that the source announced`);
    }
    if (this.#rows === 0) throw this.#refuse("no row that can be used", "at least one");
  }

  /** Ends the shards' files. Call it once, after `finish`. */
  async seal(facts: Omit<ShardMetadata, Summary>): Promise<SplitEntry> {
    const { split, fingerprints } = this.#options;
    const summary = { fingerprint: fingerprints[0].finish(), ...this.#statistics.finish() };
    const shards = [];
    for (const shard of this.#shards) shards.push(await shard.seal({ ...facts, split, ...summary }));
    return { rows: this.#rows, ...summary, shards };
  }

  async #flush(): Promise<void> {
    const { folder, shardSize, layout, onShard } = this.#options;
    const number = Math.ceil(this.#total / shardSize) - 1;
    const rows = this.#first(this.#filled);
    let shard: ShardFile | undefined;
    if (this.#filled > 0) {
      shard = await writeShardFile(folder, this.#fileName(number), rows, layout);
      this.#account(rows.inputs, rows.labels, shard);
    }
    const [skipped, skippedFiles] = [this.#skipped, this.#skippedFiles];
    [this.#filled, this.#taken, this.#skipped, this.#skippedFiles] = [0, 0, 0, []];
    await onShard(number, shard?.body, skipped, skippedFiles);
  }

  #account(inputs: InputData, labels: Uint8Array, shard: ShardFile): void {
    this.#statistics.update(inputs, labels);
    this.#options.duplicates.add(inputs, labels);
    for (const fingerprint of this.#options.fingerprints) fingerprint.update(inputs, labels);
    this.#shards.push(shard);
    this.#rows += labels.length;
  }

  #first(rows: number): { inputs: InputData; labels: Uint8Array } {
    const { inputs, labels } = this.#options;
    return { inputs: inputs.subarray(0, rows * this.#width), labels: labels.subarray(0, rows) };
  }

  #fileName(shard: number = Math.ceil(this.#total / this.#options.shardSize)): string {
    const { split, sourceRows, shardSize } = this.#options;
    const pad = (number: number) => String(number).padStart(5, "0");
    return `${split}-${pad(shard)}-of-${pad(Math.ceil(sourceRows / shardSize))}.arrow`;
  }

  #check(inputs: InputData, labels: Uint8Array, sourceRows: number): void {
    const { sourceRows: due, classCount, layout } = this.#options;
    const isRightArray = inputs instanceof inputArrays[layout.dtype] && inputs.length === labels.length * this.#width;
    if (!isRightArray || this.#total + sourceRows > due) {
      const expected = `${plural(due, "row")} of ${this.#width} ${layout.dtype} ${this.#width === 1 ? "value" : "values"} in all`;
      throw this.#refuse(
        `${plural(labels.length, "label")} and ${plural(inputs.length, "value")} after ${plural(this.#total, "row")}`,
        expected,
      );
    }
    const bad = labels.findIndex((label) => label >= classCount);
    if (bad >= 0) {
      throw this.#refuse(`label ${labels[bad]} in row ${this.#total + bad}`, `labels 0 to ${classCount - 1}`);
    }
    if (inputs instanceof Uint8Array) return;
    const broken = inputs.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) return;
    const row = this.#total + Math.floor(broken / this.#width);
    throw this.#refuse(`${inputs[broken]} in row ${row}`, "values that are finite numbers");
  }

  #refuse(received: string, expected: string): DataError {
    return new DataError({ operation: "prepare", received: `${received} in split ${this.#options.split}`, expected });
  }
}
