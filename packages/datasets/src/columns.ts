/**
 * The rows of a dataset: chunks (one per Arrow record batch) of inputs and labels, in memory or read when they are wanted,
 * and the copying of chosen rows out of them. Knows nothing of shapes beyond the number of values in a row.
 */

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
  /** Where another thread finds the rows, as data that can be sent there; absent for rows that are in memory. */
  readonly location?: object;
}

type ElementType = "float64" | "float32" | "uint8";

const arrays = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array } as const;

export class Columns {
  readonly width: number;
  readonly rows: number;
  readonly dtype: ElementType;
  /** The most bytes of inputs that are kept. */
  readonly memory: number;
  #chunks: readonly StoredChunk[];
  /** Row number at which each chunk begins. */
  #starts: Uint32Array;
  /** Chunks that were read, the one used longest ago first. */
  readonly #kept = new Map<number, Chunk>();
  #keptBytes = 0;
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
    let rows = 0;
    chunks.forEach((chunk, i) => {
      this.#starts[i] = rows;
      rows += chunk.rows;
    });
    this.rows = rows;
  }

  /** Columns of what is in memory. */
  static of(chunks: readonly Chunk[], width: number): Columns {
    const { inputs } = chunks[0]!;
    const dtype = inputs instanceof Uint8Array ? "uint8" : inputs instanceof Float32Array ? "float32" : "float64";
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

  /** Row numbers at which chunks begin. */
  get starts(): Uint32Array {
    return this.#starts;
  }

  /** All rows as one chunk. Several chunks are joined once, by copying, and stay joined where memory has no limit. */
  whole(): Chunk {
    if (this.#chunks.length === 1) return this.#read(0);
    const chunk = this.#copy(0, this.rows);
    if (this.memory < Number.POSITIVE_INFINITY) return chunk;
    this.#chunks = [{ rows: this.rows, read: () => chunk, readLabels: () => chunk.labels }];
    this.#starts = new Uint32Array(1);
    this.#kept.clear();
    return chunk;
  }

  /** All labels; inputs are not read for them. */
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

  /** Rows `from` … `to` − 1: views where they lie in one chunk, else copies. */
  range(from: number, to: number): Rows {
    const { width } = this;
    const index = this.#chunkOf(from);
    const start = this.#starts[index]!;
    if (to - start > this.#chunks[index]!.rows) return this.#copy(from, to);
    const { inputs, labels } = this.#read(index);
    return {
      inputs: inputs.subarray((from - start) * width, (to - start) * width),
      labels: labels.subarray(from - start, to - start),
    };
  }

  /** Copies of the rows that `indices` names, in that order. */
  gather(indices: Uint32Array): Rows {
    const { width } = this;
    const inputs = new arrays[this.dtype](indices.length * width) as InputData;
    const labels = new Uint8Array(indices.length);
    // Rows in random order change chunks all the time: each is looked up once.
    const chunks: (Chunk | undefined)[] = [];
    const rows: InputData[] = [];
    for (let i = 0; i < indices.length; i++) {
      const index = this.#chunkOf(indices[i]!);
      chunks[index] ??= this.#read(index);
      const chunk = chunks[index]!;
      const row = indices[i]! - this.#starts[index]!;
      labels[i] = chunk.labels[row]!;
      rows.push(chunk.inputs.subarray(row * width, (row + 1) * width));
    }
    const rowsAhead = Math.max(1, Math.floor(touchedBytes / (width * inputs.BYTES_PER_ELEMENT)));
    for (let from = 0; from < rows.length; from += rowsAhead) {
      const to = Math.min(rows.length, from + rowsAhead);
      if (rowsAhead > 1) touch(rows, from, to);
      for (let i = from; i < to; i++) inputs.set(rows[i]!, i * width);
    }
    return { inputs, labels };
  }

  #copy(from: number, to: number): Rows {
    const inputs = new arrays[this.dtype]((to - from) * this.width) as InputData;
    const labels = new Uint8Array(to - from);
    for (let row = from; row < to; ) {
      const index = this.#chunkOf(row);
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
    const chunk = this.#chunks[index]!.read();
    this.#kept.set(index, chunk);
    this.#keptBytes += chunk.inputs.byteLength;
    for (const [oldest, { inputs }] of this.#kept) {
      if (this.#keptBytes <= this.memory || oldest === index) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= inputs.byteLength;
    }
    return chunk;
  }

  #chunkOf(row: number): number {
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

/** The values of `array` in memory of their own. */
export function copyOf(array: InputData): InputData {
  const copy = new (
    array instanceof Uint8Array ? Uint8Array : array instanceof Float32Array ? Float32Array : Float64Array
  )(array.length);
  copy.set(array);
  return copy;
}

/** Bytes of rows that are looked at before they are copied: they stay in the second cache until then. */
const touchedBytes = 65536;

const touched = new Float64Array(1);

/**
 * Looks at each cache line of rows `from` … `to` − 1 once. Rows in random order lie far apart: in a loop that does nothing
 * else the processor waits for many lines at the same time, while copying row after row it waits for one after the other.
 */
function touch(rows: readonly InputData[], from: number, to: number): void {
  const step = 64 / rows[from]!.BYTES_PER_ELEMENT;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    for (let at = 0; at < row.length; at += step) sum += row[at]!;
  }
  // Kept, so that no compiler leaves the loop out.
  touched[0] = sum;
}
