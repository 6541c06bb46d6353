/** The contract of a recipe: one training run with everything decided, from the data to the figures it must reach. */

import type { Dataset } from "@nn/datasets";
import type { FloatDType, Shape, Tensor } from "@nn/tensor";
import type { RunLogWriter } from "@nn/train/run-log";

export interface Recipe {
  /** Unique; the folder of its results. */
  readonly name: string;
  /** One sentence for `--list`. */
  readonly description: string;
  readonly reaches: Reach;
  run(context: RecipeContext): Promise<RecipeResult>;
}

/** The least and the most, both included, that figures of a whole run must be; a run that misses one has failed. */
export type Reach = {
  readonly [Figure in "finalLoss" | "trainAccuracy" | "testAccuracy"]?: readonly [least: number, most: number];
};

/** All that a recipe touches outside itself. */
export interface RecipeContext {
  readonly data: RecipeData;
  /** Starts the run log; to be called once, before the first step. */
  startLog(header: RecipeLogHeader): RunLogWriter;
  /** One line of the recipe's own output, such as the workshop's. */
  print(line: string): void;
  /** How far it is: `done` of `total` steps, and a word on how it goes. */
  progress(done: number, total: number, text: string): void;
  /** Milliseconds since the recipe began. */
  elapsedMs(): number;
  /**
   * Aborted when the run is to end early. To be looked at between steps, several times a second, by `throwIfAborted` or by
   * `turn`; what it throws passes through the recipe.
   */
  readonly signal: AbortSignal;
}

/** The prepared datasets. */
export interface RecipeData {
  /** The canonical parts, 60,000 images to learn from and 10,000 to be measured on, or all in this order. */
  mnist(split: "train" | "test" | "all"): Promise<Dataset<readonly [28, 28, 1], 10>>;
  /** The workshop's 200 points, in float64. */
  moons(): Promise<Dataset<readonly [2], 2>>;
}

interface RecipeLogHeader {
  readonly config: Readonly<Record<string, unknown>>;
  readonly datasets: readonly { readonly name: string; readonly fingerprint: string }[];
}

/** What a recipe ends with. Accuracies are shares, 0 … 1. */
export interface RecipeResult {
  readonly parameters: { readonly [name: string]: Tensor<Shape, FloatDType> };
  readonly steps: number;
  readonly epochs: number;
  /** Rows trained on, counted each time. */
  readonly samples: number;
  /** Time spent in training itself: without reading data, validation and measuring at the end. */
  readonly trainingMs: number;
  readonly finalLoss: number;
  /** Of the final weights on the training part, all of it unless that takes longer than a second. */
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
}
