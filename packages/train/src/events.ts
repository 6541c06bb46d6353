/** What training says as it goes, and what it leaves. */

import type { Parameters } from "@nn/model";
import type { FloatDType } from "@nn/tensor";

/**
 * The loss and the share of right answers, 0 … 1, over some rows. Losses of batches are averaged with their rows as weights,
 * which for a loss with `reduction: "sum"` is the mean of the batches' sums.
 */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** One epoch of a run. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps done at its end. */
  readonly step: number;
  /** Over the batches of the epoch, each measured before its own update. */
  readonly train: Score;
  /** Over the validation data at the end of the epoch, where there is any. */
  readonly validation?: Score;
  /** Wall time of its steps, validation excluded. */
  readonly durationMs: number;
}

/** Before the first step. */
export interface StartEvent {
  readonly type: "start";
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Rows trained on in one epoch. */
  readonly samplesPerEpoch: number;
}

/** After each step. */
export interface StepEvent extends Score {
  readonly type: "step";
  /** Steps done: 1 after the first. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Rows in the batch. */
  readonly size: number;
  /** Wall time since the run began. */
  readonly elapsedMs: number;
}

/** After each epoch, validation included. */
export interface EpochEvent<D extends FloatDType = FloatDType> extends EpochRecord {
  readonly type: "epoch";
  readonly elapsedMs: number;
  /** The parameters at this point. */
  readonly parameters: Parameters<D>;
}

/** After the last epoch. */
export interface EndEvent<R> {
  readonly type: "end";
  readonly run: R;
}

export type TrainingEvent<R = unknown, D extends FloatDType = FloatDType> =
  | StartEvent
  | StepEvent
  | EpochEvent<D>
  | EndEvent<R>;
