/**
 * The rows of a dataset as they lie in memory: chunks (one per Arrow record batch) of inputs and labels, and the copying
 * of chosen rows out of them. Knows nothing of shapes beyond the number of values in a row.
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

export class Columns {
  readonly width: number;
  readonly rows: number;
  #chunks: readonly Chunk[];
  /** Row number at which each chunk begins. */
  #starts: Uint32Array;

  /** `chunks` hold at least one row between them, all in arrays of one class. */
  constructor(chunks: readonly Chunk[], width: number) {
    this.width = width;
    this.#chunks = chunks;
    this.#starts = Uint32Array.from(chunks, (_, i) => countRows(chunks.slice(0, i)));
    this.rows = countRows(chunks);
  }

  /** All rows as one chunk. Several chunks are joined once, by copying, and stay joined. */
  whole(): Chunk {
    if (this.#chunks.length > 1) {
      this.#chunks = [this.#copy(0, this.rows)];
      this.#starts = new Uint32Array(1);
    }
    return this.#chunks[0]!;
  }

  /** Rows `from` … `to` − 1: views where they lie in one chunk, else copies. */
  range(from: number, to: number): Rows {
    const { width } = this;
    const index = this.#chunkOf(from);
    const { inputs, labels } = this.#chunks[index]!;
    const start = this.#starts[index]!;
    if (to - start > labels.length) return this.#copy(from, to);
    return {
      inputs: inputs.subarray((from - start) * width, (to - start) * width),
      labels: labels.subarray(from - start, to - start),
    };
  }

  /** Copies of the rows that `indices` names, in that order. */
  gather(indices: Uint32Array): Rows {
    const { width } = this;
    const inputs = this.#allocate(indices.length);
    const labels = new Uint8Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!;
      const index = this.#chunkOf(row);
      const chunk = this.#chunks[index]!;
      const local = row - this.#starts[index]!;
      inputs.set(chunk.inputs.subarray(local * width, (local + 1) * width), i * width);
      labels[i] = chunk.labels[local]!;
    }
    return { inputs, labels };
  }

  #copy(from: number, to: number): Rows {
    const inputs = this.#allocate(to - from);
    const labels = new Uint8Array(to - from);
    for (let row = from; row < to; ) {
      const index = this.#chunkOf(row);
      const end = Math.min(to, this.#starts[index]! + this.#chunks[index]!.labels.length);
      const part = this.range(row, end);
      inputs.set(part.inputs, (row - from) * this.width);
      labels.set(part.labels, row - from);
      row = end;
    }
    return { inputs, labels };
  }

  #allocate(rows: number): InputData {
    const { inputs } = this.#chunks[0]!;
    const ArrayClass = inputs.constructor as new (size: number) => InputData;
    return new ArrayClass(rows * this.width);
  }

  #chunkOf(row: number): number {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function countRows(chunks: readonly Chunk[]): number {
  return chunks.reduce((rows, chunk) => rows + chunk.labels.length, 0);
}
