/** The events of a run, and the scores that they carry. */

import type { ClassesTarget, Target, Variables } from "@nn/model";
import type { FloatDType } from "@nn/tensor";
import type { Metric, Metrics, Seen, SeenRows } from "../metrics/metric.ts";

/** The metrics where none are asked for: accuracy of classes, nothing otherwise. */
export type DefaultMetrics<T extends Target> = T extends ClassesTarget ? { readonly accuracy: Metric } : object;

/**
 * The loss and the metrics over some rows, independent of the batch size. The loss is a mean over the rows, weighted where they
 * have weights; with `reduction: "sum"` it is a sum.
 */
export type Score<M = Metrics> = { readonly loss: number } & { readonly [Name in keyof M]: number };

/** One epoch of a run. */
export interface EpochRecord<M = Metrics> {
  /** From 1. */
  readonly epoch: number;
  /** Steps done at its end. */
  readonly step: number;
  /** Over the batches of the epoch, each measured before its own update. */
  readonly train: Score<M>;
  /** Over the validation data at the end of the epoch, where there is any. */
  readonly validation?: Score<M>;
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
  /** The metrics of the run, by name. */
  readonly metrics: { readonly [name: string]: Metric };
  /** Where a checkpoint was found: what had been done. */
  readonly resumed?: { readonly step: number; readonly epoch: number; readonly attachments: Attachments };
}

/** After each step. */
export interface StepEvent<M = Metrics> {
  readonly type: "step";
  /** Steps done: 1 after the first. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Of the batch, before the update. */
  readonly loss: number;
  /** Of the batch: the loss and the metrics. Computed when it is read. */
  readonly score: Score<M>;
  /** Rows in the batch. */
  readonly size: number;
  /** What the metrics observed, to be added up over batches. */
  readonly seen: { readonly [name: string]: Seen };
  readonly rows: SeenRows;
  /** Wall time since the run began. */
  readonly elapsedMs: number;
}

/** After each epoch, validation included. */
export interface EpochEvent<D extends FloatDType = FloatDType, M = Metrics> extends EpochRecord<M> {
  readonly type: "epoch";
  readonly elapsedMs: number;
  /** Parameters and buffers at this point. */
  readonly variables: Variables<D>;
}

/** JSON that listeners put into a checkpoint, by their names. */
export type Attachments = { readonly [name: string]: unknown };

/** Before a checkpoint is written. A listener attaches the state that it needs to go on. */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  /** Steps done. */
  readonly step: number;
  /** Puts JSON into the checkpoint; `start` gives it back in `resumed.attachments`. */
  attach(name: string, value: unknown): void;
}

/** At the end. */
export interface EndEvent<R> {
  readonly type: "end";
  readonly run: R;
}

export type TrainingEvent<R = unknown, D extends FloatDType = FloatDType, M = Metrics> =
  | StartEvent
  | StepEvent<M>
  | EpochEvent<D, M>
  | CheckpointEvent
  | EndEvent<R>;

/** The events of a run, which can be asked to stop. */
export interface TrainingStream<E = TrainingEvent> extends AsyncGenerator<E, void, undefined> {
  /**
   * Ends the run after the step under way: no more steps, a last checkpoint where there are any, then `end` with the run so
   * far. Without effect on a run that is over.
   */
  stop(reason?: string): void;
}
