/** The arithmetic of batches: which rows, in which order, from where. Copies nothing; `dataset.ts` does. */

import { ArgumentError, checkInteger, checkSeed, RandomState } from "@nn/tensor";

export interface BatchOptions {
  /** Rows in a batch, 1 … the dataset's size. The last batch of an epoch may hold fewer. */
  readonly batchSize: number;
  /** Whether rows come in the order of the epoch's permutation instead of their own; default false. */
  readonly shuffle?: boolean;
  /**
   * Rows that are shuffled among each other at a time, so that no more than about as many are in memory: chunks come in
   * random order, and rows are shuffled within as many of them as make a window. Default: all, or what the memory that the
   * dataset was opened with holds.
   */
  readonly window?: number;
  /** With `epoch` (and `window`), all that the permutation depends on: 0 … 2³² − 1, default 0. */
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

/**
 * What `batches` will give for a dataset of `size` rows.
 * @throws ArgumentError for a batch size that is not an integer from 1 to `size`, and for any other option out of range.
 */
export function planBatches(size: number, options: BatchOptions): BatchPlan {
  const { batchSize, seed = 0, epoch = 0, dropLast = false, from = 0, window = size } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > size) {
    throw new ArgumentError({
      operation: "batches",
      received: `batchSize ${String(batchSize)}`,
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
 * found again. It is NumPy's `RandomState(s).permutation(size)` with s = mix(seed xor mix(epoch)), where mix is the
 * finaliser of MurmurHash3; being a bijection, it gives the epochs of one seed different states.
 */
export function epochPermutation(size: number, seed: number, epoch: number): Uint32Array {
  checkSeed("epochPermutation", seed);
  checkInteger("epochPermutation", "epoch", epoch, 0, 0xffffffff);
  // A loop: this is done at every start of an epoch, and `Uint32Array.from` takes longer than the shuffling.
  const order = new Uint32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  new RandomState(mix(seed ^ mix(epoch))).shuffle(order);
  return order;
}

/**
 * The order of rows in an epoch that is shuffled window by window: a function of its arguments alone. `chunkStarts` are the
 * rows at which chunks begin. Chunks are put in random order and joined to windows of at most `window` rows (a larger chunk
 * is divided); rows are shuffled within each.
 */
export function windowPermutation(
  size: number,
  seed: number,
  epoch: number,
  window: number,
  chunkStarts: Uint32Array,
): Uint32Array {
  const random = new RandomState(mix(seed ^ mix(epoch)));
  const blocks: [from: number, to: number][] = [];
  chunkStarts.forEach((start, i) => {
    const end = chunkStarts[i + 1] ?? size;
    for (let from = start; from < end; from += window) blocks.push([from, Math.min(end, from + window)]);
  });
  const blockOrder = Uint32Array.from(blocks, (_, i) => i);
  random.shuffle(blockOrder);
  const order = new Uint32Array(size);
  let [begin, filled] = [0, 0];
  for (const block of blockOrder) {
    const [from, to] = blocks[block]!;
    if (filled + to - from - begin > window) {
      random.shuffle(order.subarray(begin, filled));
      begin = filled;
    }
    for (let row = from; row < to; row++) order[filled++] = row;
  }
  random.shuffle(order.subarray(begin, filled));
  return order;
}

function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
