/**
 * Rows of several datasets, one after the other, as if they were one's. Nothing is read before it is wanted, and what a
 * part makes anew in every epoch stays so.
 */

import { ArgumentError, type Shape } from "@nn/tensor";
import { newRows, positionsBy, type RowSource, type Rows } from "./columns.ts";
import type { Dataset, InputDType } from "./dataset.ts";
import { MappedDataset } from "./map.ts";
import { StoredDataset } from "./stored-dataset.ts";

/** A dataset whose rows can be had by their numbers. */
export type Part = StoredDataset<Shape, number> | MappedDataset<Shape, number>;

export class JoinedColumns implements RowSource {
  readonly width: number;
  readonly rows: number;
  readonly dtype: InputDType;
  /** Of the part with the smallest: each keeps what its own memory holds. */
  readonly window: number | undefined;
  readonly chunkRows: readonly number[];
  readonly parts: readonly Part[];
  /** For each part, its first row and the number of its first chunk. */
  readonly #starts: readonly { readonly row: number; readonly chunk: number }[];
  #labels: Uint8Array | undefined;

  /** `parts` are at least one, all of rows of `width` values of one dtype. */
  constructor(parts: readonly Part[], { width, dtype }: { readonly width: number; readonly dtype: InputDType }) {
    this.width = width;
    this.dtype = dtype;
    this.parts = parts;
    const columns = parts.map((part) => storedOf(part).fields.columns);
    this.window = columns.reduce<number | undefined>(
      (least, { window }) => (least === undefined ? window : Math.min(least, window ?? least)),
      undefined,
    );
    this.chunkRows = columns.flatMap(({ chunkRows }) => chunkRows);
    let [row, chunk] = [0, 0];
    this.#starts = parts.map((part, i) => {
      const start = { row, chunk };
      row += part.size;
      chunk += columns[i]!.chunkRows.length;
      return start;
    });
    this.rows = row;
  }

  chunkOf(row: number): number {
    const part = this.#partOf(row);
    const start = this.#starts[part]!;
    return start.chunk + storedOf(this.parts[part]!).chunkOf(row - start.row);
  }

  labels(): Uint8Array {
    if (this.#labels === undefined) {
      const labels = new Uint8Array(this.rows);
      this.parts.forEach((part, i) => {
        labels.set(part.labels.data, this.#starts[i]!.row);
      });
      this.#labels = labels;
    }
    return this.#labels;
  }

  whole(): Rows {
    return this.range(0, this.rows, 0);
  }

  range(from: number, to: number, epoch: number): Rows {
    return this.gather(
      Uint32Array.from({ length: to - from }, (_, i) => from + i),
      epoch,
    );
  }

  gather(indices: Uint32Array, epoch: number, into: Rows = newRows(this, indices.length)): Rows {
    const { width } = this;
    const { inputs, labels } = into;
    for (const [part, positions] of positionsBy(indices, (row) => this.#partOf(row))) {
      const { row } = this.#starts[part]!;
      const rows = this.parts[part]!.gather(
        Uint32Array.from(positions, (position) => indices[position]! - row),
        epoch,
      );
      positions.forEach((position, i) => {
        inputs.set(rows.inputs.subarray(i * width, (i + 1) * width), position * width);
        labels[position] = rows.labels[i]!;
      });
    }
    return into;
  }

  #partOf(row: number): number {
    return this.#starts.findLastIndex((start) => start.row <= row);
  }
}

/** The dataset whose rows `data` maps, or `data` itself. @throws ArgumentError for a dataset that others made. */
export function storedOf(data: Dataset): StoredDataset<Shape, number> {
  let stored = data;
  while (stored instanceof MappedDataset) stored = stored.base as Dataset;
  if (stored instanceof StoredDataset) return stored;
  throw new ArgumentError({
    operation: "concatDatasets",
    received: `${data.name}, a dataset of another kind`,
    expected: "datasets of this package, mapped or not",
    fix: "Make one of its arrays with datasetFromArrays.",
  });
}
