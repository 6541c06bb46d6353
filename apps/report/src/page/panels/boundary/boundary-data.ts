// A run's decision boundary in the form that is drawn. Nothing here draws.
import { boundary, type ClassNames, type Extent, type Point, points } from "@nn/train/records";
import type { RunLog } from "@nn/train/run-log";

interface Frame {
  readonly step: number;
  /** Probability of class 1, row-major, the first row lowest. */
  readonly values: ArrayLike<number>;
}

export interface Boundary {
  readonly rows: number;
  readonly columns: number;
  readonly extent: Extent;
  readonly frames: readonly Frame[];
  /** Names of the two classes. */
  readonly classes: ClassNames;
  readonly points: readonly Point[];
}

/** The decision boundary over the steps; undefined when the run kept none. */
export function boundaryOf(log: RunLog): Boundary | undefined {
  const kept = boundary.read(log);
  if (kept === undefined) return undefined;
  const { extent, classNames: classes } = kept.setting;
  const [{ rows, columns }] = kept.values as [(typeof kept.values)[number]];
  const frames = kept.values.filter((frame) => frame.rows === rows && frame.columns === columns);
  return { rows, columns, extent, frames, classes, points: points.read(log)?.values[0]?.points ?? [] };
}

/** The frame of that step, or the nearest before it; the last frame when no step is given. */
export function frameIndex(frames: readonly Frame[], step: number | undefined): number {
  if (step === undefined) return frames.length - 1;
  return Math.max(
    0,
    frames.findLastIndex((frame) => frame.step <= step),
  );
}
