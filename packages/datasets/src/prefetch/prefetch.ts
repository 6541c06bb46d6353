/** Batches that are prepared on other threads, ahead of those who train on them. */

import type { Shape } from "@nn/tensor";
import { checkInteger, checkOptions } from "@nn/tensor/arguments";
import { type BatchOptions, planBatches } from "../batches.ts";
import type { Batch, Dataset } from "../dataset.ts";
import { type InputData, sliceTargets } from "../row-arrays.ts";
import { rowTensors } from "../row-tensors.ts";
import { checkDataset, type Target, targetWidth } from "../target.ts";
import type { BatchRows, StartWorker } from "./protocol.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface PrefetchOptions {
  /** Workers that prepare batches, each with the dataset open; 0 prepares them on the calling thread. Default 1. */
  readonly workers?: number;
  /**
   * The most batches that are prepared or under way and not yet taken, at least 1; default 48 for each worker: a message
   * costs as much as many a batch, and brings a third of them.
   */
  readonly bufferSize?: number;
}

/** What training needs of a dataset, with batches from other threads. */
export interface PrefetchedDataset<In extends Shape = Shape, T extends Target = Target> {
  readonly size: number;
  readonly inputShape: In;
  readonly target: T;
  /** That of the dataset. */
  readonly fingerprint: string;
  /**
   * The batches of `Dataset.batches`, bit for bit. Options are checked at the call; preparing begins when the first batch
   * is asked for, and fails with the error that the dataset itself would throw. Leaving the loop early ends the workers, as does
   * dropping an iterator in the middle, once it is collected. A batch is valid until the next is requested: `copyBatch` keeps it.
   */
  batches(options: BatchOptions): AsyncIterable<Batch<In, T>>;
  /**
   * Ends the workers, which otherwise wait for the next epoch until nobody holds this object any more. Another call of
   * `batches` starts new ones.
   */
  close(): void;
}

/** For the package itself: `prefetch` with the workers of the host. */
export function prefetchWith<In extends Shape, T extends Target>(
  start: StartWorker,
  data: Dataset<In, T>,
  options: PrefetchOptions,
): PrefetchedDataset<In, T> {
  checkDataset("prefetch", data);
  checkOptions("prefetch", options, { workers: true, bufferSize: true });
  const { workers = 1, bufferSize = 48 * Math.max(1, workers) } = options;
  checkInteger("prefetch", "workers", workers, 0, 64);
  checkInteger("prefetch", "bufferSize", bufferSize, 1);
  return new Prefetched(start, data, workers, bufferSize);
}

/** Workers of datasets that nobody holds any more. */
const abandoned = new FinalizationRegistry<WorkerPool>((pool) => pool.close("nobody held it any more"));

/** Ends of loops that nobody goes on with any more. */
const abandonedLoops = new FinalizationRegistry<() => void>((leave) => leave());

class Prefetched<In extends Shape, T extends Target> implements PrefetchedDataset<In, T> {
  readonly size: number;
  readonly inputShape: In;
  readonly target: T;
  readonly #start: StartWorker;
  readonly #data: Dataset<In, T>;
  readonly #workers: number;
  readonly #bufferSize: number;
  #pool: WorkerPool | undefined;
  /** Loops under way, each as the function that ends it. */
  readonly #loops = new Set<() => void>();

  constructor(start: StartWorker, data: Dataset<In, T>, workers: number, bufferSize: number) {
    this.#start = start;
    this.#data = data;
    this.#workers = workers;
    this.#bufferSize = bufferSize;
    this.size = data.size;
    this.inputShape = data.inputShape;
    this.target = data.target;
  }

  get fingerprint(): string {
    return this.#data.fingerprint;
  }

  batches(options: BatchOptions): AsyncIterable<Batch<In, T>> {
    const { first, end } = planBatches(this.size, options);
    return {
      [Symbol.asyncIterator]: () => {
        const leave = (): void => {
          if (this.#loops.delete(leave) && this.#loops.size === 0) this.#end("the loop over its batches was left");
        };
        const loop = this.#read(options, first, end, leave);
        abandonedLoops.register(loop, leave, leave);
        return loop;
      },
    };
  }

  close(): void {
    this.#end("it was closed");
  }

  /** Calls `leave` when it is left before the last batch. */
  async *#read(
    options: BatchOptions,
    first: number,
    end: number,
    leave: () => void,
  ): AsyncGenerator<Batch<In, T>, void, undefined> {
    if (this.#workers === 0) return yield* this.#data.batches(options);
    // A message costs as much as many a batch: several come with each, and each worker has the next one before it.
    const together = Math.max(1, Math.floor(this.#bufferSize / (2 * this.#workers + 1)));
    const requests = Math.floor((this.#bufferSize - together + 1) / together);
    const pool = this.#open();
    const ahead: Promise<BatchRows>[] = [];
    /** Memory of batches that were taken and are done with. */
    const spare: ArrayBuffer[] = [];
    let asked = first;
    const ask = (): void => {
      while (asked < end && ahead.length < requests) {
        const to = Math.min(end, asked + together);
        ahead.push(pool.read({ ...options, from: asked, to }, spare.pop()));
        asked = to;
      }
    };
    let left = end - first;
    this.#loops.add(leave);
    try {
      for (ask(); ahead.length > 0; ) {
        const rows = await ahead.shift()!;
        ask();
        const count = rows.indices.length;
        for (let row = 0; row < count; row += options.batchSize) {
          left--;
          yield this.#batch(rows, row, Math.min(count, row + options.batchSize));
        }
        const memory = rows.inputs.buffer as ArrayBuffer;
        // Empty where the loop has handed it on to another thread.
        if (memory.byteLength > 0) spare.push(memory);
      }
    } finally {
      abandonedLoops.unregister(leave);
      if (left > 0) leave();
      else this.#loops.delete(leave);
    }
  }

  #open(): WorkerPool {
    if (this.#pool === undefined) {
      this.#pool = new WorkerPool(this.#workers, this.#data, this.#start);
      abandoned.register(this, this.#pool, this);
    }
    return this.#pool;
  }

  #end(why: string): void {
    abandoned.unregister(this);
    this.#pool?.close(why);
    this.#pool = undefined;
  }

  #batch(rows: BatchRows, from: number, to: number): Batch<In, T> {
    const width = rows.inputs.length / rows.indices.length;
    const inputs = rows.inputs.subarray(from * width, to * width) as InputData;
    const own = { inputs, ...sliceTargets(rows, from, to, targetWidth(this.target)) };
    return { ...rowTensors(own, this), size: to - from, indices: rows.indices.subarray(from, to) };
  }
}
