/**
 * What training needs of a dataset. Structural: the datasets of @nn/datasets have it, and so may anything else that gives
 * batches in an order that depends on (seed, epoch) alone.
 */

import type { DType, Shape, Tensor } from "@nn/tensor";

/** Rows for one step. */
export interface TrainingBatch<In extends Shape = Shape> {
  readonly inputs: Tensor<readonly [number, ...In], DType>;
  /** Class numbers, 0 … classCount − 1. */
  readonly labels: Tensor<readonly [number], "uint8">;
  /** Rows in the batch. */
  readonly size: number;
}

export interface BatchOrder {
  /** Rows in a batch; the last one of an epoch may hold fewer. */
  readonly batchSize: number;
  /** Default false: the data's own order. */
  readonly shuffle?: boolean;
  readonly seed?: number;
  /** Number of the epoch, from 0. */
  readonly epoch?: number;
  /** How many batches will be taken; data may give more. Default: all. */
  readonly to?: number;
  /** Whether a batch may take the arrays of the one before: who asks for the next is done with it. Only with `mayReuse`. */
  readonly reuse?: boolean;
}

/** Inputs of shape `In`, each with a label 0 … `K` − 1. */
export interface TrainingData<In extends Shape = Shape, K extends number = number> {
  /** Rows. */
  readonly size: number;
  readonly inputShape: In;
  readonly classCount: K;
  /** The classes in the order of their labels. Where training and validation data both have them, they must be the same. */
  readonly classNames?: readonly string[];
  /**
   * Whether `batches` heeds `reuse`. Default false, which is right for whoever wraps other data and holds a batch after asking for
   * the next.
   */
  readonly mayReuse?: boolean;
  /** One epoch; asynchronous where batches are prepared elsewhere. */
  batches(order: BatchOrder): Iterable<TrainingBatch<In>> | AsyncIterable<TrainingBatch<In>>;
}
