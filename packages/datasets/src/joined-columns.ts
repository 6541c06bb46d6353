/**
 * Rows of several datasets, one after the other, as one. Nothing is read before it is needed; rows that differ from epoch to epoch
 * still do.
 */

import { ArgumentError, type DType, type FloatDType, type Shape } from "@nn/tensor";
import { positionsBy, type RowSource } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { MappedDataset } from "./map.ts";
import {
  copyTarget,
  type InputDType,
  newRows,
  type RowFormat,
  type Rows,
  type RowTargets,
  setTargets,
} from "./row-arrays.ts";
import { StoredDataset } from "./stored-dataset.ts";
import type { Target } from "./target.ts";

/** A dataset whose rows can be had by their numbers. */
export type Part = StoredDataset<Shape, Target> | MappedDataset<Shape, Target>;

export class JoinedColumns implements RowSource {
  readonly width: number;
  readonly rows: number;
  readonly dtype: InputDType;
  readonly targetWidth: number;
  readonly targetDType: DType;
  /** Where a part has weights; each row of one without counts 1. */
  readonly weightDType: FloatDType | undefined;
  /** Of the part with the smallest: each keeps what its own memory holds. */
  readonly window: number | undefined;
  readonly chunkRows: readonly number[];
  readonly parts: readonly Part[];
  /** For each part, its first row and the number of its first chunk. */
  readonly #starts: readonly { readonly row: number; readonly chunk: number }[];
  #targets: RowTargets | undefined;

  /** `parts` are at least one, all of rows of `width` values of one dtype and of one target. */
  constructor(parts: readonly Part[], { width, dtype }: Pick<RowFormat, "width" | "dtype">) {
    this.width = width;
    this.dtype = dtype;
    this.parts = parts;
    const columns = parts.map((part) => storedOf(part).fields.columns);
    this.targetWidth = columns[0]!.targetWidth;
    this.targetDType = columns[0]!.targetDType;
    this.weightDType = (["float64", "float32"] as const).find((dtype) =>
      columns.some(({ weightDType }) => weightDType === dtype),
    );
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

  targets(): RowTargets {
    if (this.#targets === undefined) {
      const { targetWidth, targetDType, weightDType } = this;
      const all = newRows({ width: 0, dtype: "uint8", targetWidth, targetDType, weightDType }, this.rows);
      this.parts.forEach((part, i) => {
        const { targets, weights } = part;
        const own = { targets: targets.data, ...(weights && { weights: weights.data }) };
        setTargets(own, all, this.#starts[i]!.row, targetWidth);
      });
      this.#targets = all;
    }
    return this.#targets;
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
    const { width, targetWidth } = this;
    for (const [part, positions] of positionsBy(indices, (row) => this.#partOf(row))) {
      const { row } = this.#starts[part]!;
      const rows = this.parts[part]!.gather(
        Uint32Array.from(positions, (position) => indices[position]! - row),
        epoch,
      );
      positions.forEach((position, i) => {
        into.inputs.set(rows.inputs.subarray(i * width, (i + 1) * width), position * width);
        copyTarget(rows, i, into, position, targetWidth);
      });
    }
    return into;
  }

  #partOf(row: number): number {
    return this.#starts.findLastIndex((start) => start.row <= row);
  }
}

/** The dataset whose rows `data` maps, or `data` itself. @throws ArgumentError for a dataset that others made. */
export function storedOf(data: Dataset): StoredDataset<Shape, Target> {
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
