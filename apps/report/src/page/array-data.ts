// The array records of a run log in the forms that the views draw. Nothing here draws.
import type { RunLog } from "@nn/train/run-log";

export interface BoundaryFrame {
  readonly step: number;
  /** Probability of class 1, row-major, the first row lowest. */
  readonly values: Float32Array;
}

export interface Boundary {
  readonly rows: number;
  readonly columns: number;
  readonly extent: { readonly xMin: number; readonly xMax: number; readonly yMin: number; readonly yMax: number };
  readonly frames: readonly BoundaryFrame[];
  readonly classes: readonly string[];
  readonly points: readonly { readonly x: number; readonly y: number; readonly label: number }[];
}

/** The decision boundary over the steps; undefined when the run kept none. */
export function boundaryOf(log: RunLog): Boundary | undefined {
  const records = log.arrays("decisionBoundary", "train");
  const [rows, columns] = records[0]?.shape ?? [];
  const extent = extentOf(log.header.config.decisionBoundary);
  if (rows === undefined || columns === undefined || extent === undefined) return undefined;
  const frames = records
    .filter(({ shape }) => shape[0] === rows && shape[1] === columns)
    .map(({ step, data }) => ({ step, values: data }));
  const table = log.arrays("points", "train")[0];
  const points = Array.from({ length: table?.shape[1] === 3 ? (table.shape[0] ?? 0) : 0 }, (_, i) => ({
    x: table?.data[3 * i] ?? 0,
    y: table?.data[3 * i + 1] ?? 0,
    label: table?.data[3 * i + 2] ?? 0,
  }));
  return { rows, columns, extent, frames, classes: classNames(log, 2), points };
}

function extentOf(value: unknown): Boundary["extent"] | undefined {
  const { xMin, xMax, yMin, yMax } = (value ?? {}) as Record<string, unknown>;
  const known = [xMin, xMax, yMin, yMax].every((side) => typeof side === "number" && Number.isFinite(side));
  return known ? ({ xMin, xMax, yMin, yMax } as Boundary["extent"]) : undefined;
}

/** The frame of that step, or the nearest before it; the last frame when no step is given. */
export function frameIndex(frames: readonly BoundaryFrame[], step: number | undefined): number {
  if (step === undefined) return frames.length - 1;
  return Math.max(
    0,
    frames.findLastIndex((frame) => frame.step <= step),
  );
}

export interface Confusion {
  readonly classes: readonly string[];
  /** counts[trueClass][predictedClass] */
  readonly counts: readonly (readonly number[])[];
  readonly total: number;
}

/** The last confusion matrix of the test split; undefined when there is none. */
export function confusionOf(log: RunLog): Confusion | undefined {
  const record = log.arrays("confusionMatrix", "test").at(-1);
  const [size, columns] = record?.shape ?? [];
  if (record === undefined || size === undefined || size !== columns) return undefined;
  const counts = Array.from({ length: size }, (_, row) => [...record.data.subarray(row * size, (row + 1) * size)]);
  return { classes: classNames(log, size), counts, total: record.data.reduce((sum, count) => sum + count, 0) };
}

/** `config.classNames` where the recipe gives them, else the class numbers. */
function classNames(log: RunLog, count: number): string[] {
  const given = log.header.config.classNames;
  return Array.from({ length: count }, (_, i) =>
    Array.isArray(given) && given[i] !== undefined ? `${given[i]}` : `${i}`,
  );
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

export interface Prediction {
  readonly label: number;
  readonly predicted: number;
  /** Probability that the model gave to the predicted class. */
  readonly probability: number;
  /** Brightness 0–255, row-major. */
  readonly pixels: Float32Array;
}

export interface Predictions {
  readonly width: number;
  readonly height: number;
  /** Wrong and right ones evenly mixed, so that any stretch of them looks like the whole. */
  readonly samples: readonly Prediction[];
}

/** The last sample of predictions of the test split; undefined when there is none. */
export function predictionsOf(log: RunLog): Predictions | undefined {
  const record = log.arrays("predictions", "test").at(-1);
  const [count, width] = record?.shape ?? [];
  const [imageHeight, imageWidth] = (log.header.config.imageShape ?? []) as number[];
  if (record === undefined || count === undefined || width === undefined) return undefined;
  if (imageHeight === undefined || imageWidth === undefined || width !== 3 + imageHeight * imageWidth) return undefined;
  const samples = Array.from({ length: count }, (_, i) => {
    const row = record.data.subarray(i * width, (i + 1) * width);
    const [label = 0, predicted = 0, probability = 0] = row;
    return { label, predicted, probability, pixels: row.subarray(3) };
  });
  return { width: imageWidth, height: imageHeight, samples: mixed(samples) };
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
