/** The metrics of a run or of an evaluation: those asked for, or those of the target. */

import { checkFits, type Model, type Target } from "@nn/model";
import { ArgumentError, type Shape } from "@nn/tensor";
import { checkMembers, formatValue } from "@nn/tensor/arguments";
import { accuracy } from "../metrics/accuracy.ts";
import { type Metric, type Metrics, metricOf } from "../metrics/metric.ts";

/** The metrics asked for, or those of the target. @throws ShapeError for one that does not suit outputs and target. */
export function resolveMetrics(
  operation: string,
  model: Model,
  target: Target,
  asked: Metrics | undefined,
): { readonly [name: string]: Metric } {
  if (asked !== undefined && (typeof asked !== "object" || asked === null || Array.isArray(asked))) {
    throw new ArgumentError({
      operation,
      received: `metrics ${formatValue(asked)}`,
      expected: "metrics by name",
      fix: "Name each: { accuracy: accuracy() }.",
    });
  }
  const metrics: Metrics = asked ?? defaultMetrics(model, target);
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      checkMembers(operation, `metric ${name}`, value, ["check"], "a metric such as accuracy(), or a loss");
      if (name === "loss") {
        throw new ArgumentError({
          operation,
          received: "a metric named loss",
          expected: "another name: every score has the loss",
        });
      }
      const metric = metricOf(value);
      checkFits(metric, model, target);
      return [name, metric];
    }),
  );
}

/** The accuracy of classes, where the outputs say one: a loss of the user's may take other outputs. */
function defaultMetrics({ outputShape }: Model, target: Target): Metrics {
  if (target.kind !== "classes" || !Array.isArray(outputShape)) return {};
  const metric = accuracy();
  return metric.check(outputShape as Shape, target) === undefined ? { accuracy: metric } : {};
}
