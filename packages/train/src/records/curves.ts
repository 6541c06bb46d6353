/** The learning curves: every scalar of a run, by metric and split. */

import type { RunLog } from "../run-log/read.ts";
import type { ScalarRecord, Split } from "../run-log/schema.ts";
import type { RunLogWriter } from "../run-log/write.ts";
import type { RecordedAt } from "./record.ts";

/** One metric of one split over a run. */
export interface CurveRecord {
  readonly metric: string;
  readonly split: Split;
  /** In the order in which the run made them, at least one. */
  readonly points: readonly Pick<ScalarRecord, "step" | "epoch" | "elapsedMs" | "value">[];
}

/** A score as scalars: one record for each metric. */
export const curves: {
  write(log: RunLogWriter, at: RecordedAt, split: Split, score: { readonly [metric: string]: number }): void;
  read(log: Pick<RunLog, "records">): readonly CurveRecord[];
} = {
  /** @throws RunLogError as `RunLogWriter.scalar`. */
  write(log, { step, epoch, elapsedMs }, split, score) {
    for (const [name, value] of Object.entries(score)) log.scalar({ step, epoch, elapsedMs, split, name, value });
  },
  /** Loss and accuracy first, then by alphabet; of each metric train, validation, test. */
  read({ records }) {
    const byMetric = new Map<string, Map<Split, ScalarRecord[]>>();
    for (const record of records) {
      if (!("value" in record)) continue;
      const bySplit = byMetric.get(record.name) ?? new Map<Split, ScalarRecord[]>();
      byMetric.set(record.name, bySplit);
      const points = bySplit.get(record.split) ?? [];
      bySplit.set(record.split, points);
      points.push(record);
    }
    return metricOrder([...byMetric.keys()]).flatMap((metric) =>
      SPLIT_ORDER.flatMap((split) => {
        const points = byMetric.get(metric)!.get(split);
        return points === undefined ? [] : [{ metric, split, points }];
      }),
    );
  },
};

const SPLIT_ORDER: readonly Split[] = ["train", "validation", "test"];

/** Loss and accuracy first, then by alphabet. */
export function metricOrder(names: readonly string[]): string[] {
  const first = ["loss", "accuracy"].filter((name) => names.includes(name));
  return [...first, ...names.filter((name) => !first.includes(name)).sort()];
}
