/** Rows that lie in files until they are read, and shards as such rows: their labels are the targets. */

import type { InputData, Rows, RowTargets } from "./row-arrays.ts";

interface ChunkPlace {
  readonly rows: number;
  /**
   * The chunk elsewhere that these rows are a part of: its number and its rows. Rows are shuffled in windows as if it were
   * here in full, so that their order is the same wherever it is.
   */
  readonly partOf?: { readonly number: number; readonly rows: number };
  /** Where another thread finds the rows, as data that can be sent there; absent for rows that are in memory. */
  readonly location?: object;
}

/** Rows that lie somewhere else until they are read. */
export interface StoredRows extends ChunkPlace {
  readonly read: () => Rows;
  /** The targets and weights alone, where that is less work. */
  readonly readTargets: () => RowTargets;
}

/** Rows as a shard holds them, labelled by class: `inputs` is (rows, width) row-major, `labels` is (rows). */
export interface Chunk {
  readonly inputs: InputData;
  readonly labels: Uint8Array;
}

/** Rows of a shard that are read when they are wanted. */
export interface StoredChunk extends ChunkPlace {
  readonly read: () => Chunk;
  /** The labels alone, where that is less work. */
  readonly readLabels: () => Uint8Array;
}

/** The rows of a shard, with its labels as targets. */
export function labelledRows({ read, readLabels, ...place }: StoredChunk): StoredRows {
  return {
    ...place,
    read: () => {
      const { inputs, labels } = read();
      return { inputs, targets: labels };
    },
    readTargets: () => ({ targets: readLabels() }),
  };
}
