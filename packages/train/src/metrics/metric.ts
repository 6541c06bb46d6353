/**
 * The contract of a metric: values that the compiled program computes for a batch, added up on the host over all rows of an
 * epoch, so that the result does not depend on the batch size.
 */

import type { AnyTargetRule, Config, Json, Loss, LossCheck, LossRule, Model, Target } from "@nn/model";
import { ArgumentError, type DataOf, type FloatDType, type Shape, type Tensor } from "@nn/tensor";
import { checkChoice, checkMembers, formatValue } from "@nn/tensor/arguments";

/** Which way is better. */
export type Direction = "maximize" | "minimize";

/** The rows that a metric observes, inside the compiled program. */
export interface Observed {
  /** (N, …outputShape). */
  readonly outputs: Tensor<Shape, FloatDType>;
  readonly targets: Tensor;
  readonly model: Pick<Model, "probabilities">;
  readonly target: Target;
}

/** The same rows on the host. */
export interface SeenRows {
  readonly size: number;
  /** The weight of each row; undefined: 1 each. */
  readonly weights: ArrayLike<number> | undefined;
}

/** What was observed, as values. */
export type Seen = { readonly [name: string]: DataOf };

/** A metric: plain data. `State` is JSON, so that a checkpoint can hold it. */
export interface Metric<Call extends string = string, Rule extends LossRule = LossRule> {
  readonly kind: string;
  readonly call: Call;
  readonly config: Config;
  readonly direction: Direction;
  /** What is wrong with a model's outputs and the target; undefined where they suit. */
  readonly check: LossCheck<Rule>;
  /** What the compiled program gives for a batch, written with operations. */
  observe(rows: Observed): { readonly [name: string]: Tensor };
  initialize(): Json;
  /** The state with a batch added. Rows come in the order of the data. */
  update(state: Json, seen: Seen, rows: SeenRows): Json;
  /** NaN over no rows. */
  result(state: Json): number;
}

/** The parts of a metric that its author writes. */
export interface MetricDefinition<Call extends string, Rule extends LossRule, State extends Json> {
  readonly kind: string;
  readonly call: Call;
  readonly config?: Config;
  readonly direction: Direction;
  /** Default: any outputs and targets. */
  readonly check?: LossCheck<Rule>;
  observe(rows: Observed): { readonly [name: string]: Tensor };
  initialize(): State;
  update(state: Widened<State>, seen: Seen, rows: SeenRows): Widened<State>;
  result(state: Widened<State>): number;
}

/** `number` of a state that begins as `0`, and so on. */
type Widened<S> = S extends number ? number : S extends string ? string : S extends boolean ? boolean : S;

/**
 * A metric of a definition: the one way to write one.
 * @throws ArgumentError for a missing part, and for another direction than "minimize" and "maximize".
 * @example const largestError = () => defineMetric({ kind: "largestError", call: "largestError()", direction: "minimize",
 *   observe: ({ outputs, targets }) => ({ worst: max(abs(subtract(outputs, cast(targets, outputs.dtype)))) }),
 *   initialize: () => 0, update: (worst, seen) => Math.max(worst, seen.worst![0]!), result: (worst) => worst });
 */
export function defineMetric<const Call extends string, State extends Json, Rule extends LossRule = AnyTargetRule>(
  definition: MetricDefinition<Call, Rule, State>,
): Metric<Call, Rule> {
  const expected = "{ kind, call, direction, observe, initialize, update, result }";
  checkMembers("defineMetric", "definition", definition, ["kind", "call", "direction"], expected);
  checkChoice(definition.call, "direction", definition.direction, ["minimize", "maximize"]);
  for (const name of ["observe", "initialize", "update", "result"] as const) {
    if (typeof definition[name] === "function") continue;
    const received = `${name} ${formatValue(definition[name])}`;
    throw new ArgumentError({ operation: definition.call, received, expected: "a function" });
  }
  return { config: {}, check: () => undefined, ...definition } as unknown as Metric<Call, Rule>;
}

/** A metric, or a loss whose rows are averaged. */
export type MetricLike = Metric | Loss;

/** Metrics by the names that scores have. */
export type Metrics = { readonly [name: string]: MetricLike };

/** `value` as a metric: that of a loss is the weighted mean over the rows, or their sum. */
export function metricOf(value: MetricLike): Metric {
  if (!("perRow" in value)) return value;
  const { kind, call, config, check, perRow, reduction } = value;
  return defineMetric({
    kind,
    call,
    config,
    direction: "minimize",
    check,
    observe: ({ outputs, targets }) => ({ losses: perRow(outputs, targets) }),
    ...rowMean("losses", reduction),
  });
}

type RowSums = { readonly total: number; readonly weight: number };

/** A metric that is the weighted mean, or the sum, of one observed number a row. Sums are in float64, row after row. */
export function rowMean(
  name: string,
  reduction: "mean" | "sum" = "mean",
): {
  initialize(): RowSums;
  update(state: RowSums, seen: Seen, rows: SeenRows): RowSums;
  result(state: RowSums): number;
} {
  return {
    initialize: () => ({ total: 0, weight: 0 }),
    update({ total, weight }, seen, { size, weights }) {
      const values = seen[name]!;
      for (let row = 0; row < size; row++) {
        const w = weights?.[row] ?? 1;
        // A row without weight counts for nothing, whatever it holds.
        if (w !== 0) total += w * values[row]!;
        weight += w;
      }
      return { total, weight };
    },
    result: ({ total, weight }) => (reduction === "sum" ? total : total / weight),
  };
}
