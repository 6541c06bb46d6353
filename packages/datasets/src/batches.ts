/** The arithmetic of batches: which rows, in which order, from where. Copies nothing; `stored-dataset.ts` does. */

import { ArgumentError, RandomState } from "@nn/tensor";
import { checkBoolean, checkInteger, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import { hashSeed } from "./hash-seed.ts";

export interface BatchOptions {
  /** Rows in a batch, 1 … the dataset's size. The last batch of an epoch may hold fewer. */
  readonly batchSize: number;
  /** Whether rows come in the order of the epoch's permutation instead of their own; default false. */
  readonly shuffle?: boolean;
  /**
   * Rows that are shuffled among each other at a time: chunks (shards, where rows lie in files) come in random order, and
   * rows are shuffled within as many of them as have so many rows, whether or not the dataset holds all of those. A chunk
   * with more is divided. Default: all, or half of what the memory that the dataset was opened with holds, but at least one
   * chunk.
   */
  readonly window?: number;
  /**
   * With `epoch`, all that the permutation of so many rows depends on; with a window also on that and on the chunks that the
   * rows lie in, as they were prepared, wherever they are read from. 0 … 2³² − 1, default 0.
   */
  readonly seed?: number;
  /** Epoch number, from 0; default 0. */
  readonly epoch?: number;
  /** Whether a last batch with fewer rows is left out; default false. */
  readonly dropLast?: boolean;
  /** The batch to begin with, to resume an epoch: 0 … the number of batches; default 0. */
  readonly from?: number;
  /** The batch before which to end: 0 … the number of batches, which is the default. */
  readonly to?: number;
}

/** The numbers of the batches that are wanted: `first` … `end` − 1. */
export interface BatchPlan {
  readonly batchSize: number;
  readonly first: number;
  readonly end: number;
}

const optionNames = {
  batchSize: true,
  shuffle: true,
  window: true,
  seed: true,
  epoch: true,
  dropLast: true,
  from: true,
  to: true,
} as const;

/**
 * What `batches` will give for a dataset of `size` rows.
 * @throws ArgumentError for a batch size that is not an integer from 1 to `size`, and for any other option out of range.
 */
export function planBatches(size: number, options: BatchOptions): BatchPlan {
  checkOptions("batches", options, optionNames);
  const { batchSize, seed = 0, epoch = 0, dropLast = false, from = 0, window = size } = options;
  const { shuffle = false } = options;
  for (const [name, value] of Object.entries({ shuffle, dropLast })) checkBoolean("batches", name, value);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > size) {
    throw new ArgumentError({
      operation: "batches",
      received: `batchSize ${formatValue(batchSize)}`,
      expected: `an integer from 1 to ${size}, the number of rows in the dataset`,
      ...(batchSize > size ? { fix: `For one batch of all rows pass ${size}.` } : {}),
    });
  }
  checkSeed("batches", seed);
  checkInteger("batches", "epoch", epoch, 0, 0xffffffff);
  const count = dropLast ? Math.floor(size / batchSize) : Math.ceil(size / batchSize);
  const { to = count } = options;
  checkInteger("batches", "from", from, 0, count);
  checkInteger("batches", "to", to, 0, count);
  checkInteger("batches", "window", window, 1);
  return { batchSize, first: from, end: to };
}

/**
 * The order of rows in an epoch: a function of `size`, `seed` and `epoch` alone, so that any batch of any epoch can be
 * found again. It is NumPy's `RandomState(s).permutation(size)` with s = hashSeed(seed xor hashSeed(epoch)), where hashSeed is the
 * finaliser of MurmurHash3; being a bijection, it gives the epochs of one seed different states.
 */
export function epochPermutation(size: number, seed: number, epoch: number): Uint32Array {
  checkInteger("epochPermutation", "size", size, 0, 0xffffffff);
  checkSeed("epochPermutation", seed);
  checkInteger("epochPermutation", "epoch", epoch, 0, 0xffffffff);
  // A loop: this is done at every start of an epoch, and `Uint32Array.from` takes longer than the shuffling.
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  new RandomState(hashSeed(seed ^ hashSeed(epoch))).shuffle(order);
  return order;
}

/** Rows grouped by the chunk in which they lie. */
export interface ChunkedRows {
  /** Group after group, ascending in each. */
  readonly rows: Uint32Array;
  /** Where in `rows` each group begins. */
  readonly starts: readonly number[];
  /** Rows of the chunk that a group comes from, which may be more than are in the group. */
  readonly chunkRows: readonly number[];
}

/** Groups rows 0, 1, …, which lie in the chunks `chunkOf` and of which chunk i has `chunkRows[i]`. */
export function groupByChunk(chunkOf: Uint32Array, chunkRows: readonly number[]): ChunkedRows {
  const counts = new Uint32Array(chunkRows.length);
  for (const chunk of chunkOf) counts[chunk]! += 1;
  const next = new Uint32Array(chunkRows.length);
  const groups: { readonly starts: number[]; readonly chunkRows: number[] } = { starts: [], chunkRows: [] };
  let start = 0;
  counts.forEach((count, chunk) => {
    next[chunk] = start;
    if (count > 0) {
      groups.starts.push(start);
      groups.chunkRows.push(chunkRows[chunk]!);
    }
    start += count;
  });
  const rows = new Uint32Array(chunkOf.length);
  chunkOf.forEach((chunk, row) => {
    rows[next[chunk]!++] = row;
  });
  return { rows, ...groups };
}

/**
 * The order of rows in an epoch that is shuffled window by window: a function of its arguments alone. Groups are put in
 * random order and joined to windows, within which rows are shuffled. A window's chunks have at most `window` rows between
 * them, counted in full, as they lie in memory; a group that is larger is divided, and each part is a window.
 */
export function windowPermutation(
  { rows, starts, chunkRows }: ChunkedRows,
  seed: number,
  epoch: number,
  window: number,
): Uint32Array {
  const random = new RandomState(hashSeed(seed ^ hashSeed(epoch)));
  const blocks: [from: number, to: number, chunkRows: number][] = [];
  starts.forEach((start, i) => {
    const end = starts[i + 1] ?? rows.length;
    for (let from = start; from < end; from += window) blocks.push([from, Math.min(end, from + window), chunkRows[i]!]);
  });
  const blockOrder = Uint32Array.from(blocks, (_, i) => i);
  random.shuffle(blockOrder);
  const order = new Uint32Array(rows.length);
  let [begin, filled, inMemory] = [0, 0, 0];
  for (const block of blockOrder) {
    const [from, to, chunk] = blocks[block]!;
    if (inMemory + chunk > window) {
      random.shuffle(order.subarray(begin, filled));
      [begin, inMemory] = [filled, 0];
    }
    inMemory += chunk;
    order.set(rows.subarray(from, to), filled);
    filled += to - from;
  }
  random.shuffle(order.subarray(begin, filled));
  return order;
}
