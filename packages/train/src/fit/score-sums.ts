/** A score added up over batches. */

import type { Json } from "@nn/model";
import type { Metric, Seen, SeenRows } from "../metrics/metric.ts";
import { MetricSums } from "../metrics/metric-sums.ts";
import type { Score } from "./events.ts";

/** What a compiled program computes for one batch. */
export interface BatchResult {
  /** The loss of the batch, reduced. */
  readonly loss: number;
  /** By the name of the metric. */
  readonly seen: { readonly [name: string]: Seen };
  readonly rows: SeenRows;
}

/** What a checkpoint keeps of an epoch under way. */
export type ScoreState = {
  readonly loss: number;
  readonly weight: number;
  readonly metrics: { readonly [name: string]: Json };
};

/** The score over rows that come in batches. The loss is added up from the batches' reduced losses. */
export class ScoreSums {
  readonly #metrics: MetricSums;
  readonly #reduction: "mean" | "sum";
  #loss = 0;
  #weight = 0;

  constructor(metrics: { readonly [name: string]: Metric }, reduction: "mean" | "sum") {
    this.#metrics = new MetricSums(metrics);
    this.#reduction = reduction;
  }

  add({ loss, seen, rows }: BatchResult): void {
    const weight = this.#reduction === "sum" ? 1 : weightOf(rows);
    this.#loss += loss * weight;
    this.#weight += weight;
    this.#metrics.add(seen, rows);
  }

  /** NaN over no rows. */
  score(): Score {
    const loss = this.#reduction === "sum" ? this.#loss : this.#loss / this.#weight;
    return { loss, ...this.#metrics.results() };
  }

  state(): ScoreState {
    return { loss: this.#loss, weight: this.#weight, metrics: this.#metrics.state() };
  }

  restore(state: ScoreState): void {
    this.#loss = state.loss;
    this.#weight = state.weight;
    this.#metrics.restore(state.metrics);
  }
}

function weightOf({ size, weights }: SeenRows): number {
  if (weights === undefined) return size;
  let total = 0;
  for (let row = 0; row < size; row++) total += weights[row]!;
  return total;
}
