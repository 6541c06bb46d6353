/**
 * The rows of a dataset: chunks (one per Arrow record batch) of inputs and labels, in memory or read when they are wanted,
 * and the copying of chosen rows out of them. Knows nothing of shapes beyond the number of values in a row.
 */

import { bytesPerElement } from "@nn/tensor";
import { copyRows } from "./copy-rows.ts";

/** The arrays that inputs come in. */
export type InputData = Float64Array | Float32Array | Uint8Array;

/** Rows that lie together: `inputs` is (rows, width) row-major, `labels` is (rows). */
export interface Chunk {
  readonly inputs: InputData;
  readonly labels: Uint8Array;
}

/** Rows that were copied, or views of rows that already lay together. */
export type Rows = Chunk;

/** Rows that lie somewhere else until they are read. */
export interface StoredChunk {
  readonly rows: number;
  readonly read: () => Chunk;
  /** The labels alone, where that is less work. */
  readonly readLabels: () => Uint8Array;
  /**
   * The chunk elsewhere that these rows are a part of: its number and its rows. Rows are shuffled in windows as if it were
   * here in full, so that their order is the same wherever it is.
   */
  readonly partOf?: { readonly number: number; readonly rows: number };
  /** Where another thread finds the rows, as data that can be sent there; absent for rows that are in memory. */
  readonly location?: object;
}

/** Rows by their numbers, wherever they come from. Some are made anew in every epoch. */
export interface RowSource {
  /** Values of inputs in a row. */
  readonly width: number;
  readonly rows: number;
  readonly dtype: ElementType;
  /** How many rows to shuffle among each other, so that no chunk is read twice in an epoch; undefined where all are kept. */
  readonly window: number | undefined;
  /** The rows of each chunk, by the number that `chunkOf` gives. */
  readonly chunkRows: readonly number[];
  /** The number of the chunk that a row lies in, or is a part of. */
  chunkOf(row: number): number;
  /** All labels; inputs are not read for them. */
  labels(): Uint8Array;
  /** All rows, as in epoch 0. */
  whole(): Rows;
  /** Rows `from` … `to` − 1: views where they lie in one chunk, else copies. */
  range(from: number, to: number, epoch: number): Rows;
  /** Copies of the rows that `indices` names, in that order: in new arrays, or in those of `into`, which are as long. */
  gather(indices: Uint32Array, epoch: number, into?: Rows): Rows;
}

type ElementType = "float64" | "float32" | "uint8";

/** The class of array for each dtype of inputs. */
export const inputArrays: {
  readonly float64: Float64ArrayConstructor;
  readonly float32: Float32ArrayConstructor;
  readonly uint8: Uint8ArrayConstructor;
} = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array };

/** Room for `count` rows. */
export function newRows({ dtype, width }: Pick<RowSource, "dtype" | "width">, count: number): Rows {
  return { inputs: new inputArrays[dtype](count * width) as InputData, labels: new Uint8Array(count) };
}

export class Columns implements RowSource {
  readonly width: number;
  readonly rows: number;
  readonly dtype: ElementType;
  readonly window: number | undefined;
  /** The most bytes of inputs that are kept, though never less than one chunk. */
  readonly memory: number;
  readonly chunkRows: readonly number[];
  #chunks: readonly StoredChunk[];
  /** Row number at which each chunk begins. */
  readonly #starts: Uint32Array;
  /** Chunks that were read, the one used longest ago first. */
  readonly #kept = new Map<number, Chunk>();
  #keptBytes = 0;
  #joined: Chunk | undefined;
  #labels: Uint8Array | undefined;

  /** `chunks` hold at least one row between them, all in arrays of one class. */
  constructor(
    chunks: readonly StoredChunk[],
    options: { readonly width: number; readonly dtype: ElementType; readonly memory?: number },
  ) {
    const { width, dtype, memory = Number.POSITIVE_INFINITY } = options;
    this.width = width;
    this.dtype = dtype;
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

  /** Columns of what is in memory. */
  static of(chunks: readonly Chunk[], width: number): Columns {
    const dtype = dtypeOf(chunks[0]!.inputs);
    const stored = chunks.map((chunk) => ({
      rows: chunk.labels.length,
      read: () => chunk,
      readLabels: () => chunk.labels,
    }));
    return new Columns(stored, { width, dtype });
  }

  get chunks(): readonly StoredChunk[] {
    return this.#chunks;
  }

  chunkOf(row: number): number {
    const index = this.#indexOf(row);
    return this.#chunks[index]!.partOf?.number ?? index;
  }

  /** Several chunks are joined once, by copying, and stay joined where memory holds all. */
  whole(): Chunk {
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
      return { ...chunk, read: () => part, readLabels: () => part.labels };
    });
    return joined;
  }

  labels(): Uint8Array {
    if (this.#labels === undefined) {
      if (this.#chunks.length === 1) this.#labels = this.#chunks[0]!.readLabels();
      else {
        const labels = new Uint8Array(this.rows);
        this.#chunks.forEach((chunk, i) => {
          labels.set(this.#kept.get(i)?.labels ?? chunk.readLabels(), this.#starts[i]!);
        });
        this.#labels = labels;
      }
    }
    return this.#labels;
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

  #gatherInto({ inputs, labels }: Rows, indices: Uint32Array, positions?: readonly number[]): void {
    const { width } = this;
    // Rows in random order change chunks all the time: each is looked up once.
    const chunks: (Chunk | undefined)[] = [];
    const count = positions === undefined ? indices.length : positions.length;
    const arrays = new Array<InputData>(count);
    const starts = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      const position = positions === undefined ? i : positions[i]!;
      const index = this.#indexOf(indices[position]!);
      chunks[index] ??= this.#read(index);
      const chunk = chunks[index]!;
      const row = indices[position]! - this.#starts[index]!;
      labels[position] = chunk.labels[row]!;
      arrays[i] = chunk.inputs;
      starts[i] = row * width;
    }
    copyRows({ arrays, starts, width }, inputs, positions);
  }

  #slice({ inputs, labels }: Chunk, from: number, to: number): Rows {
    return { inputs: inputs.subarray(from * this.width, to * this.width), labels: labels.subarray(from, to) };
  }

  #copy(from: number, to: number): Rows {
    const { inputs, labels } = newRows(this, to - from);
    for (let row = from; row < to; ) {
      const index = this.#indexOf(row);
      const end = Math.min(to, this.#starts[index]! + this.#chunks[index]!.rows);
      const part = this.range(row, end);
      inputs.set(part.inputs, (row - from) * this.width);
      labels.set(part.labels, row - from);
      row = end;
    }
    return { inputs, labels };
  }

  #read(index: number): Chunk {
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

/** The values of `array` in memory of their own. */
export function copyOf(array: InputData): InputData {
  const copy = new inputArrays[dtypeOf(array)](array.length);
  copy.set(array);
  return copy;
}

/** The dtype of what an array holds. */
export const dtypeOf = (array: InputData): ElementType =>
  array instanceof Uint8Array ? "uint8" : array instanceof Float32Array ? "float32" : "float64";
