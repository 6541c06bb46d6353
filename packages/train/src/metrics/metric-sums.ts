/** Several metrics at once: what the compiled program observes for them, and their states on the host. */

import type { Json } from "@nn/model";
import { ArgumentError, Tensor } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { Metric, Observed, Seen, SeenRows } from "./metric.ts";

/** Metrics by name. */
type NamedMetrics = { readonly [name: string]: Metric };

/** What each of `metrics` observes, inside the compiled program. @throws ArgumentError where it is no record of tensors. */
export function observeAll(
  metrics: NamedMetrics,
  rows: Observed,
): { readonly [metric: string]: { readonly [name: string]: Tensor } } {
  return Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, observed(metric, rows)]));
}

function observed(metric: Metric, rows: Observed): { readonly [name: string]: Tensor } {
  const seen: unknown = metric.observe(rows);
  if (typeof seen === "object" && seen !== null && !(seen instanceof Tensor)) return seen as never;
  const fix = "Give each a name: { worst: max(errors) }.";
  const received = `what observe gave ${formatValue(seen)}`;
  throw new ArgumentError({ operation: metric.call, received, expected: "a record of tensors", fix });
}

/** The values of what was observed. */
export function valuesOf(seen: ReturnType<typeof observeAll>): { readonly [metric: string]: Seen } {
  return Object.fromEntries(
    Object.entries(seen).map(([metric, tensors]) => [
      metric,
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data])),
    ]),
  );
}

/** The states of metrics over rows that come in batches. */
export class MetricSums {
  readonly #metrics: NamedMetrics;
  #states: { [name: string]: Json };

  constructor(metrics: NamedMetrics) {
    this.#metrics = metrics;
    this.#states = Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.initialize()]));
  }

  add(seen: { readonly [metric: string]: Seen }, rows: SeenRows): void {
    for (const [name, metric] of Object.entries(this.#metrics)) {
      this.#states[name] = metric.update(this.#states[name]!, seen[name]!, rows);
    }
  }

  /** The result of each metric; NaN over no rows. @throws ArgumentError for one that is no number. */
  results(): { readonly [name: string]: number } {
    return Object.fromEntries(
      Object.entries(this.#metrics).map(([name, metric]) => {
        const result: unknown = metric.result(this.#states[name]!);
        if (typeof result === "number") return [name, result];
        const received = `result ${formatValue(result)}`;
        throw new ArgumentError({ operation: metric.call, received, expected: "a number" });
      }),
    );
  }

  state(): { readonly [name: string]: Json } {
    return { ...this.#states };
  }

  restore(state: { readonly [name: string]: Json }): void {
    this.#states = { ...state };
  }
}
