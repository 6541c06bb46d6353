// A run's confusion matrix and the figures of its classes. Nothing here draws.
import { type ClassNames, type ConfusionCounts, confusion } from "@nn/train/records";
import type { RunLog } from "@nn/train/run-log";

export interface Confusion extends ConfusionCounts {
  readonly classes: ClassNames;
  readonly total: number;
}

/** The last confusion matrix of the test split; undefined when there is none. */
export function confusionOf(log: RunLog): Confusion | undefined {
  const kept = confusion.read(log);
  const counts = kept?.values.at(-1)?.counts;
  if (kept === undefined || counts === undefined) return undefined;
  return { classes: kept.setting, counts, total: counts.flat().reduce((sum, count) => sum + count, 0) };
}

export interface ClassFigures {
  readonly name: string;
  readonly count: number;
  /** Share of this class that was recognised; NaN for a class without samples. */
  readonly recall: number;
  /** Share of the predictions of this class that were right; NaN when it was never predicted. */
  readonly precision: number;
}

export function classFigures({ classes, counts }: Confusion): ClassFigures[] {
  return classes.map((name, k) => {
    const right = counts[k]?.[k] ?? 0;
    const count = (counts[k] ?? []).reduce((sum, value) => sum + value, 0);
    const predicted = counts.reduce((sum, row) => sum + (row[k] ?? 0), 0);
    return { name, count, recall: right / count, precision: right / predicted };
  });
}
