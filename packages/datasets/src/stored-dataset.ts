/**
 * The implementation behind every dataset here: columns in memory or on disk and, for a part of another dataset, the rows
 * it names.
 */

import { ArgumentError, type FloatDType, fromArray, type Shape, type Tensor } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import {
  type BatchOptions,
  type ChunkedRows,
  epochPermutation,
  groupByChunk,
  planBatches,
  windowPermutation,
} from "./batches.ts";
import type { RowSource } from "./columns.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { Fingerprint, type Hash } from "./fingerprint.ts";
import { copyTarget, type InputDType, newRows, type Rows, type RowTargets } from "./row-arrays.ts";
import { rowTensors, targetTensor } from "./row-tensors.ts";
import type { Target, TargetTensor } from "./target.ts";

export interface StoredFields<In extends Shape, T extends Target> {
  readonly name: string;
  readonly inputShape: In;
  readonly target: T;
  /** The pipeline's steps: part of the fingerprint. */
  readonly steps: readonly string[];
  readonly columns: RowSource;
  /** Rows of `columns`, in this order; all of them when absent. */
  readonly indices?: Uint32Array;
  /** Where it is already known. */
  readonly fingerprint?: string;
  /** A faster SHA-256 than the one in JavaScript, where there is one. */
  readonly createHash?: () => Hash;
}

/** For the package itself: values, targets and weights were checked by the maker of the columns. */
export class StoredDataset<In extends Shape, T extends Target> implements Dataset<In, T> {
  readonly name: string;
  readonly size: number;
  readonly inputShape: In;
  readonly target: T;
  readonly fields: StoredFields<In, T>;
  #fingerprint: string | undefined;
  #gathered: Rows | undefined;
  #targets: RowTargets | undefined;
  #order: { readonly key: string; readonly rows: Uint32Array } | undefined;

  constructor(fields: StoredFields<In, T>) {
    this.fields = fields;
    this.#fingerprint = fields.fingerprint;
    this.name = fields.name;
    this.size = fields.indices?.length ?? fields.columns.rows;
    this.inputShape = fields.inputShape;
    this.target = fields.target;
  }

  get inputs(): Tensor<readonly [number, ...In], InputDType> {
    return rowTensors(this.#whole(), this).inputs;
  }

  get targets(): TargetTensor<T> {
    return targetTensor(this.#allTargets().targets, this.target);
  }

  get weights(): Tensor<readonly [number], FloatDType> | undefined {
    const { weights } = this.#allTargets();
    return weights && fromArray(weights, [this.size]);
  }

  get fingerprint(): string {
    if (this.#fingerprint === undefined) {
      const { inputShape, target, steps, createHash, columns } = this.fields;
      const { dtype, targetDType, weightDType } = columns;
      const fingerprint = new Fingerprint({ dtype, inputShape, steps, target, targetDType, weightDType }, createHash);
      for (let row = 0; row < this.size; row += rowsAtATime) {
        const rows = this.#rows(row, Math.min(this.size, row + rowsAtATime), undefined, 0);
        fingerprint.update(rows.inputs, rows.targets, rows.weights);
      }
      this.#fingerprint = fingerprint.finish();
    }
    return this.#fingerprint;
  }

  batches(options: BatchOptions): Iterable<Batch<In, T>> {
    const { batchSize, first, end } = planBatches(this.size, options);
    const { epoch = 0, shuffle = false } = options;
    // Rows in the dataset's own order mostly are views of it.
    const isGathered = shuffle || this.fields.indices !== undefined;
    const self = this;
    return {
      *[Symbol.iterator]() {
        const order = self.#orderOf(options);
        let before: { readonly rows: Rows; readonly batch: Batch<In, T> } | undefined;
        for (let index = first; index < end; index++) {
          const start = index * batchSize;
          const size = Math.min(self.size - start, batchSize);
          const indices = order?.slice(start, start + size) ?? Uint32Array.from({ length: size }, (_, i) => start + i);
          // Arrays that were handed on to another thread are empty.
          const isFree = before?.batch.size === size && before.rows.inputs.length > 0;
          const into = isGathered && isFree ? before!.rows : undefined;
          const rows = self.#rows(start, start + size, order, epoch, into);
          const tensors = into === undefined ? rowTensors(rows, self) : before!.batch;
          const batch: Batch<In, T> = { ...tensors, size, indices };
          before = { rows, batch };
          yield batch;
        }
      },
    };
  }

  subset(indices: ArrayLike<number>): Dataset<In, T> {
    const base = this.fields.indices;
    const { size } = this;
    checkIndices(indices);
    if (indices.length === 0) throw emptySubset();
    const chosen = new Uint32Array(indices.length);
    for (let i = 0; i < chosen.length; i++) {
      const index = indices[i]!;
      if (!Number.isInteger(index) || index < 0 || index >= size) throw outside(index, i, size);
      chosen[i] = base === undefined ? index : base[index]!;
    }
    const { fingerprint: _, ...fields } = this.fields;
    return new StoredDataset<In, T>({ ...fields, indices: chosen });
  }

  take(count: number): Dataset<In, T> {
    if (!Number.isInteger(count) || count < 1 || count > this.size) {
      throw new ArgumentError({
        operation: "take",
        received: `count ${formatValue(count)}`,
        expected: `an integer from 1 to ${this.size}, the number of rows`,
      });
    }
    return this.subset(Uint32Array.from({ length: count }, (_, i) => i));
  }

  /** For `JoinedColumns`: copies of the rows with these numbers, in an epoch. */
  gather(rows: Uint32Array, epoch: number, into?: Rows): Rows {
    const { columns, indices } = this.fields;
    if (indices === undefined) return columns.gather(rows, epoch, into);
    const own = new Uint32Array(rows.length);
    for (let i = 0; i < own.length; i++) own[i] = indices[rows[i]!]!;
    return columns.gather(own, epoch, into);
  }

  /** The chunk of the columns in which a row lies. */
  chunkOf(row: number): number {
    const { columns, indices } = this.fields;
    return columns.chunkOf(indices === undefined ? row : indices[row]!);
  }

  /** The order of the last epoch that was asked for, so that resuming at many of its batches draws it once. */
  #orderOf(options: BatchOptions): Uint32Array | undefined {
    const { shuffle = false, seed = 0, epoch = 0, window = this.fields.columns.window } = options;
    if (!shuffle) return undefined;
    const key = `${seed} ${epoch} ${window}`;
    if (this.#order?.key !== key) {
      const isWhole = window === undefined || (window === options.window && window >= this.size);
      const rows = isWhole
        ? epochPermutation(this.size, seed, epoch)
        : windowPermutation(this.#byChunk(), seed, epoch, window);
      this.#order = { key, rows };
    }
    return this.#order.rows;
  }

  /** This dataset's rows, by the chunk in which they lie. */
  #byChunk(): ChunkedRows {
    const chunkOf = new Uint32Array(this.size);
    for (let row = 0; row < this.size; row++) chunkOf[row] = this.chunkOf(row);
    return groupByChunk(chunkOf, this.fields.columns.chunkRows);
  }

  #allTargets(): RowTargets {
    if (this.#targets === undefined) {
      const { columns, indices } = this.fields;
      const all = columns.targets();
      if (indices === undefined) this.#targets = all;
      else {
        const { targetWidth, targetDType, weightDType } = columns;
        const chosen = newRows({ width: 0, dtype: "uint8", targetWidth, targetDType, weightDType }, indices.length);
        for (let i = 0; i < indices.length; i++) copyTarget(all, indices[i]!, chosen, i, targetWidth);
        this.#targets = chosen;
      }
    }
    return this.#targets;
  }

  #whole(): Rows {
    const { columns, indices } = this.fields;
    const whole = this.#gathered ?? (indices === undefined ? columns.whole() : columns.gather(indices, 0));
    if (columns.window === undefined) this.#gathered = whole;
    return whole;
  }

  /** Rows `start` … `end` − 1 in `order`, which is the dataset's own when undefined. */
  #rows(start: number, end: number, order: Uint32Array | undefined, epoch: number, into?: Rows): Rows {
    const { columns, indices } = this.fields;
    const chosen = order?.subarray(start, end);
    if (chosen !== undefined) return this.gather(chosen, epoch, into);
    if (indices === undefined) return columns.range(start, end, epoch);
    return columns.gather(indices.subarray(start, end), epoch, into);
  }
}

/** Rows that are copied at a time where all are looked at once. */
const rowsAtATime = 4096;

function checkIndices(indices: unknown): void {
  if (typeof indices === "object" && Number.isInteger((indices as ArrayLike<number> | null)?.length)) return;
  throw new ArgumentError({
    operation: "subset",
    received: `indices ${formatValue(indices)}`,
    expected: "an array of row numbers",
  });
}

function emptySubset(): ArgumentError {
  return new ArgumentError({ operation: "subset", received: "no index", expected: "at least 1: no dataset is empty" });
}

function outside(index: number, position: number, size: number): ArgumentError {
  return new ArgumentError({
    operation: "subset",
    received: `index ${formatValue(index)} at position ${position}`,
    expected: `integers from 0 to ${size - 1}`,
  });
}
