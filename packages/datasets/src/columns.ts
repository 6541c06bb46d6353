/**
 * The rows of a dataset: chunks (one per Arrow record batch) of inputs and targets, in memory or read when they are wanted,
 * and the copying of chosen rows out of them. Knows nothing of shapes beyond the number of values in a row.
 */

import { bytesPerElement, type DType, type FloatDType } from "@nn/tensor";
import { copyRows } from "./copy-rows.ts";
import type { StoredRows } from "./labelled-rows.ts";
import {
  copyTarget,
  dtypeOf,
  type InputData,
  type InputDType,
  newRows,
  type RowFormat,
  type Rows,
  type RowTargets,
  setTargets,
  sliceTargets,
} from "./row-arrays.ts";

export type { Chunk, StoredChunk, StoredRows } from "./labelled-rows.ts";
export type { InputData, Rows } from "./row-arrays.ts";
export { inputArrays } from "./row-arrays.ts";

/** Rows by their numbers, wherever they come from. Some differ from epoch to epoch. */
export interface RowSource extends RowFormat {
  readonly rows: number;
  /** How many rows to shuffle among each other, so that no chunk is read twice in an epoch; undefined where all are kept. */
  readonly window: number | undefined;
  /** The rows of each chunk, by the number that `chunkOf` gives. */
  readonly chunkRows: readonly number[];
  /** The number of the chunk that a row lies in, or is a part of. */
  chunkOf(row: number): number;
  /** All targets and weights; inputs are not read for them. */
  targets(): RowTargets;
  /** All rows, as in epoch 0. */
  whole(): Rows;
  /** Rows `from` … `to` − 1: views where they lie in one chunk, else copies. */
  range(from: number, to: number, epoch: number): Rows;
  /** Copies of the rows that `indices` names, in that order: in new arrays, or in those of `into`, which are as long. */
  gather(indices: Uint32Array, epoch: number, into?: Rows): Rows;
}

/** How `Columns` are made. Defaults are those of rows that are labelled by class. */
export interface ColumnsOptions extends Pick<RowFormat, "width" | "dtype"> {
  /** Default 1. */
  readonly targetWidth?: number;
  /** Default `"uint8"`. */
  readonly targetDType?: DType;
  /** Default: rows have no weights. */
  readonly weightDType?: FloatDType | undefined;
  /** The most bytes of inputs that are kept, though never less than one chunk; default no limit. */
  readonly memory?: number;
}

export class Columns implements RowSource {
  readonly width: number;
  readonly rows: number;
  readonly dtype: InputDType;
  readonly targetWidth: number;
  readonly targetDType: DType;
  readonly weightDType: FloatDType | undefined;
  readonly window: number | undefined;
  /** The most bytes of inputs that are kept, though never less than one chunk. */
  readonly memory: number;
  readonly chunkRows: readonly number[];
  #chunks: readonly StoredRows[];
  /** Row number at which each chunk begins. */
  readonly #starts: Uint32Array;
  /** Chunks that were read, the one used longest ago first. */
  readonly #kept = new Map<number, Rows>();
  #keptBytes = 0;
  #joined: Rows | undefined;
  #targets: RowTargets | undefined;

  /** `chunks` hold at least one row between them, all in arrays of one class. */
  constructor(chunks: readonly StoredRows[], options: ColumnsOptions) {
    const { width, dtype, memory = Number.POSITIVE_INFINITY } = options;
    this.width = width;
    this.dtype = dtype;
    this.targetWidth = options.targetWidth ?? 1;
    this.targetDType = options.targetDType ?? "uint8";
    this.weightDType = options.weightDType;
    this.memory = memory;
    this.#chunks = chunks;
    this.#starts = new Uint32Array(chunks.length);
    const chunkRows: number[] = [];
    let rows = 0;
    chunks.forEach((chunk, i) => {
      this.#starts[i] = rows;
      rows += chunk.rows;
      chunkRows[chunk.partOf?.number ?? i] = chunk.partOf?.rows ?? chunk.rows;
    });
    this.rows = rows;
    // Where rows are parts of others' chunks, not every number may be among them.
    this.chunkRows = Array.from(chunkRows, (rows = 0) => rows);
    // Half of the memory, as a batch may lie in two windows; but of a chunk that is divided, every part would read it again.
    const largest = this.chunkRows.reduce((most, rows) => Math.max(most, rows), 1);
    const half = Math.floor(memory / this.#bytesOf(1) / 2);
    this.window = memory >= this.#bytesOf(rows) ? undefined : Math.max(largest, half);
  }

  /** Columns of what is in memory, of `width` values and `targetWidth` (default 1) numbers a row. */
  static of(chunks: readonly Rows[], width: number, targetWidth = 1): Columns {
    const { inputs, targets, weights } = chunks[0]!;
    const stored = chunks.map((rows) => ({
      rows: rows.targets.length / targetWidth,
      read: () => rows,
      readTargets: () => rows,
    }));
    return new Columns(stored, {
      width,
      dtype: dtypeOf(inputs),
      targetWidth,
      targetDType: dtypeOf(targets),
      weightDType: weights && (dtypeOf(weights) as FloatDType),
    });
  }

  get chunks(): readonly StoredRows[] {
    return this.#chunks;
  }

  chunkOf(row: number): number {
    const index = this.#indexOf(row);
    return this.#chunks[index]!.partOf?.number ?? index;
  }

  /** Several chunks are joined once, by copying, and stay joined where memory holds all. */
  whole(): Rows {
    if (this.#chunks.length === 1) return this.#read(0);
    if (this.#joined !== undefined) return this.#joined;
    const joined = this.#copy(0, this.rows);
    if (this.window !== undefined) return joined;
    this.#joined = joined;
    this.#kept.clear();
    this.#keptBytes = 0;
    // The same chunks, over the joined memory: an epoch's order depends on where they begin.
    this.#chunks = this.#chunks.map((chunk, i) => {
      const [from, to] = [this.#starts[i]!, this.#starts[i]! + chunk.rows];
      const part = this.#slice(joined, from, to);
      return { ...chunk, read: () => part, readTargets: () => part };
    });
    return joined;
  }

  targets(): RowTargets {
    if (this.#targets === undefined) {
      if (this.#chunks.length === 1) this.#targets = this.#chunks[0]!.readTargets();
      else {
        const { targetWidth, targetDType, weightDType } = this;
        const all = newRows({ width: 0, dtype: "uint8", targetWidth, targetDType, weightDType }, this.rows);
        this.#chunks.forEach((chunk, i) => {
          setTargets(this.#kept.get(i) ?? chunk.readTargets(), all, this.#starts[i]!, targetWidth);
        });
        this.#targets = all;
      }
    }
    return this.#targets;
  }

  range(from: number, to: number): Rows {
    if (this.#joined !== undefined) return this.#slice(this.#joined, from, to);
    const index = this.#indexOf(from);
    const start = this.#starts[index]!;
    if (to - start > this.#chunks[index]!.rows) return this.#copy(from, to);
    return this.#slice(this.#read(index), from - start, to - start);
  }

  gather(indices: Uint32Array, _epoch?: number, into?: Rows): Rows {
    const rows = into ?? newRows(this, indices.length);
    if (this.window === undefined) this.#gatherInto(rows, indices);
    // A chunk at a time, however the rows are mixed: all that they lie in may be more than memory holds.
    else {
      const byChunk = positionsBy(indices, (row) => this.#indexOf(row));
      for (const positions of byChunk.values()) this.#gatherInto(rows, indices, positions);
    }
    return rows;
  }

  #gatherInto(into: Rows, indices: Uint32Array, positions?: readonly number[]): void {
    const { width, targetWidth } = this;
    // Rows in random order change chunks all the time: each is looked up once.
    const chunks: (Rows | undefined)[] = [];
    const count = positions === undefined ? indices.length : positions.length;
    const arrays = new Array<InputData>(count);
    const starts = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      const position = positions === undefined ? i : positions[i]!;
      const index = this.#indexOf(indices[position]!);
      chunks[index] ??= this.#read(index);
      const chunk = chunks[index]!;
      const row = indices[position]! - this.#starts[index]!;
      copyTarget(chunk, row, into, position, targetWidth);
      arrays[i] = chunk.inputs;
      starts[i] = row * width;
    }
    copyRows({ arrays, starts, width }, into.inputs, positions);
  }

  #slice(rows: Rows, from: number, to: number): Rows {
    const inputs = rows.inputs.subarray(from * this.width, to * this.width);
    return { inputs, ...sliceTargets(rows, from, to, this.targetWidth) };
  }

  #copy(from: number, to: number): Rows {
    const copy = newRows(this, to - from);
    for (let row = from; row < to; ) {
      const index = this.#indexOf(row);
      const end = Math.min(to, this.#starts[index]! + this.#chunks[index]!.rows);
      const part = this.range(row, end);
      copy.inputs.set(part.inputs, (row - from) * this.width);
      setTargets(part, copy, row - from, this.targetWidth);
      row = end;
    }
    return copy;
  }

  #read(index: number): Rows {
    const kept = this.#kept.get(index);
    if (kept !== undefined) {
      this.#kept.delete(index);
      this.#kept.set(index, kept);
      return kept;
    }
    const { rows, read } = this.#chunks[index]!;
    const bytes = this.#bytesOf(rows);
    // Room is made before the chunk is read: afterwards both would be in memory.
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes + bytes <= this.memory) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= this.#bytesOf(this.#chunks[oldest]!.rows);
    }
    const chunk = read();
    this.#kept.set(index, chunk);
    this.#keptBytes += bytes;
    return chunk;
  }

  #bytesOf(rows: number): number {
    return rows * this.width * bytesPerElement[this.dtype];
  }

  #indexOf(row: number): number {
    // Shards are as long as the first, as a rule.
    const guess = Math.floor(row / this.#chunks[0]!.rows);
    const start = this.#starts[guess];
    if (start !== undefined && row >= start && row < start + this.#chunks[guess]!.rows) return guess;
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Positions in `indices` by the key of their row, keys in the order in which they first come. */
export function positionsBy(indices: Uint32Array, keyOf: (row: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  indices.forEach((row, position) => {
    const key = keyOf(row);
    const positions = groups.get(key);
    if (positions === undefined) groups.set(key, [position]);
    else positions.push(position);
  });
  return groups;
}
