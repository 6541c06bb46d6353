// A run's predictions in the order in which they are shown. Nothing here draws.
import { type ClassNames, confusion, type Prediction, predictions } from "@nn/train/records";
import type { RunLog } from "@nn/train/run-log";

export interface Predictions {
  readonly width: number;
  readonly height: number;
  readonly classes: ClassNames;
  /** Wrong and right ones evenly mixed, so that any stretch of them looks like the whole. */
  readonly samples: readonly Prediction[];
  /** How many samples of the whole test part are in a confusion cell; undefined where the run does not say. */
  countOf(label: number, predicted: number): number | undefined;
}

/** The last sample of predictions of the test split; undefined when there is none. */
export function predictionsOf(log: RunLog): Predictions | undefined {
  const kept = predictions.read(log);
  const samples = kept?.values.at(-1)?.samples;
  if (kept === undefined || samples === undefined) return undefined;
  const { width, height, classNames: classes } = kept.setting;
  const counts = confusion.read(log)?.values.at(-1)?.counts;
  return {
    width,
    height,
    classes,
    samples: mixed(samples),
    countOf: (label, predicted) => counts?.[label]?.[predicted],
  };
}

function mixed(samples: readonly Prediction[]): Prediction[] {
  const groups = [true, false].map((wrong) => samples.filter((s) => (s.label !== s.predicted) === wrong));
  const placed = groups.flatMap((group) => group.map((sample, i) => ({ sample, place: (i + 0.5) / group.length })));
  return placed.toSorted((a, b) => a.place - b.place).map(({ sample }) => sample);
}

/** The samples of a confusion cell, of all cells when none is chosen, and of these the wrong ones on demand. */
export function choosePredictions(
  samples: readonly Prediction[],
  cell: readonly [number, number] | undefined,
  wrongOnly: boolean,
): Prediction[] {
  return samples.filter(
    ({ label, predicted }) =>
      (cell === undefined || (label === cell[0] && predicted === cell[1])) && (!wrongOnly || label !== predicted),
  );
}
