/** The contract of a recipe: one training run with everything decided, from the data to the figures it must reach. */

import type { ClassesTarget, Dataset } from "@nn/datasets";
import type { NamedTensors } from "@nn/model";
import type { FloatDType, Shape, Tensor } from "@nn/tensor";
import type { CheckpointOptions, LogRunOptions, TrainingEvent, TrainingStream } from "@nn/train";
import type { RecordedAt } from "@nn/train/records";
import type { RunLogWriter } from "@nn/train/run-log";

export interface Recipe {
  /** Unique; the folder of its results. */
  readonly name: string;
  /** One sentence for `--list`. */
  readonly description: string;
  readonly reaches: Reach;
  /** Reads the data and makes the model; nothing is trained yet. */
  prepare(data: RecipeData): Promise<PreparedRun>;
}

/** The least and the most, both included, that figures of a whole run must be; a run that misses one has failed. */
export type Reach = {
  readonly [Figure in "finalLoss" | "trainAccuracy" | "testAccuracy"]?: readonly [least: number, most: number];
};

/** The prepared datasets. */
export interface RecipeData {
  /** The canonical parts, 60,000 images to learn from and 10,000 to be measured on, or all in this order. */
  mnist(split: "train" | "test" | "all"): Promise<Dataset<readonly [28, 28, 1], ClassesTarget<10>>>;
  /** The workshop's 200 points, in float64. */
  moons(): Promise<Dataset<readonly [2], ClassesTarget<2>>>;
}

/** Rows that each are of one class. */
export type ClassData<In extends Shape = Shape> = Dataset<In, ClassesTarget>;

/** A run that is ready to begin. */
export interface PreparedRun {
  readonly training: Training;
  readonly recorders: readonly Recorder[];
  /** Steps from one checkpoint to the next. */
  readonly checkpointEvery: number;
  /** How the learning curves are recorded. */
  readonly curves: LogRunOptions;
  /** For the run log: what was decided, and the data. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly datasets: readonly { readonly name: string; readonly fingerprint: string }[];
  /** Measured at the end. */
  readonly measured: { readonly train: ClassData; readonly test: ClassData };
  /** A line of the recipe's own output, such as the workshop's; undefined after most events. */
  line(event: TrainingEvent<Trained>): string | undefined;
}

/** A way to train: `byFit`, or `byLoop` where the loop is the recipe's own. */
export interface Training {
  /** If nothing ends it early. */
  readonly totalSteps: number;
  /** Its part of the run's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The run as events, from the checkpoint where there is one. */
  events(checkpoint: CheckpointOptions | undefined): TrainingStream<TrainingEvent<Trained>>;
}

/** A trained model, whatever trained it. */
export interface Trained {
  readonly variables: NamedTensors;
  readonly steps: number;
  /** Whole epochs. */
  readonly epochs: number;
  /** Over the last epoch. */
  readonly finalLoss: number;
  /** Why the run ended early at somebody's request; undefined where it is whole. */
  readonly stopped: string | undefined;
  evaluate(
    data: ClassData,
    signal: AbortSignal,
  ): Promise<{ readonly accuracy: number; readonly predictions: Tensor<readonly [number], "int32"> }>;
  /** (N, K). */
  probabilities(data: ClassData, signal: AbortSignal): Promise<Probabilities>;
}

export type Probabilities = Tensor<readonly [number, number], FloatDType>;

/** Writes records of one kind or more as a run goes, or at its end. */
export interface Recorder {
  /** Its part of the run's configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** After each event. Not called again for what a log holds already when its run goes on. */
  event?(event: TrainingEvent<Trained>, log: RunLogWriter, at: RecordedAt): void;
  /** Once the model is trained and tested. */
  tested?(result: TestResult, log: RunLogWriter, at: RecordedAt): void;
}

export interface TestResult {
  readonly data: ClassData;
  readonly probabilities: Probabilities;
  readonly predictions: Tensor<readonly [number], "int32">;
}

/** What a recipe ends with. Accuracies are shares, 0 … 1. */
export interface RecipeResult {
  readonly variables: NamedTensors;
  readonly steps: number;
  readonly epochs: number;
  /** Rows trained on by this process, counted each time. */
  readonly samples: number;
  /** Time spent in training itself by this process: without reading data, validation and measuring at the end. */
  readonly trainingMs: number;
  readonly finalLoss: number;
  /** Of the final weights on the training part, all of it unless that takes longer than a second. */
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}
