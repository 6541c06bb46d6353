/**
 * What training needs of a dataset. Structural: the datasets of @nn/datasets have it, and so may anything else that gives
 * batches in an order that depends on (seed, epoch) alone.
 */

import type { InputsOf, Shapes, Target, TargetTensor } from "@nn/model";
import type { FloatDType, Tensor } from "@nn/tensor";

/**
 * Rows for one step. A batch is valid until the next is requested: its arrays may be overwritten then. Copy what you keep.
 */
export interface TrainingBatch<In extends Shapes = Shapes, T extends Target = Target> {
  /** (N, …In), or several by name. */
  readonly inputs: InputsOf<In>;
  readonly targets: TargetTensor<T>;
  /** How much each row counts (N): finite, at least 0, not all 0. Default: 1 each. */
  readonly weights?: Tensor<readonly [number], FloatDType>;
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
  /** The batch to begin with, from 0, to go on within an epoch; default 0. */
  readonly from?: number;
  /** How many batches the epoch has, those before `from` included; data may give more. Default: all. */
  readonly to?: number;
}

/** Inputs of shape `In`, each with a target `T`. */
export interface TrainingData<In extends Shapes = Shapes, T extends Target = Target> {
  /** Rows. */
  readonly size: number;
  readonly inputShape: In;
  readonly target: T;
  /** Identifies the content; a checkpoint is refused for other data. Default: not checked. */
  readonly fingerprint?: string;
  /** One epoch, or the rest of one; asynchronous where batches are prepared elsewhere. */
  batches(order: BatchOrder): Iterable<TrainingBatch<In, T>> | AsyncIterable<TrainingBatch<In, T>>;
}
