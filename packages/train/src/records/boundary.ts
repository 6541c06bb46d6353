/** A decision boundary over the plane, and the points that it was learned from. */

import { type ClassNames, parseClassNames } from "./class-names.ts";
import { defineRecord, type RecordKind } from "./record.ts";

/** The part of the plane that a boundary covers, xMin < xMax and yMin < yMax. */
export interface Extent {
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin: number;
  readonly yMax: number;
}

export interface BoundarySetting {
  readonly extent: Extent;
  /** Two. */
  readonly classNames: ClassNames;
}

/** What a model answers on a grid of equal cells. */
export interface BoundaryFrame {
  readonly rows: number;
  readonly columns: number;
  /** Probability of class 1 in the centre of each cell: row after row, row 0 at `yMin`. */
  readonly values: ArrayLike<number>;
}

/** One array a frame: `[rows, columns]`. */
export const boundary: RecordKind<BoundaryFrame, BoundarySetting> = defineRecord({
  name: "boundary",
  split: "train",
  shape: "[rows, columns]",
  parseSetting(value) {
    const { extent, classNames } = (value ?? {}) as Record<string, unknown>;
    const names = parseClassNames(classNames);
    return isExtent(extent) && names?.length === 2 ? { extent, classNames: names } : undefined;
  },
  encode: ({ rows, columns, values }) => ({ shape: [rows, columns], data: values }),
  decode({ shape: [rows, columns, ...more], data }) {
    if (rows === undefined || columns === undefined || more.length > 0) return undefined;
    return { rows, columns, values: data };
  },
});

function isExtent(value: unknown): value is Extent {
  const { xMin, xMax, yMin, yMax } = (value ?? {}) as { readonly [side: string]: unknown };
  return [xMin, xMax, yMin, yMax].every((side) => typeof side === "number" && Number.isFinite(side));
}

/** A labelled point of the plane. */
export interface Point {
  readonly x: number;
  readonly y: number;
  /** Number of its class. */
  readonly label: number;
}

/** The rows of a data set on the plane: `[n, 3]` of x, y, label. Its setting is the classes' names. */
export const points: RecordKind<{ readonly points: readonly Point[] }, ClassNames> = defineRecord({
  name: "points",
  split: "train",
  shape: "[n, 3]",
  parseSetting: parseClassNames,
  encode: ({ points: all }: { readonly points: readonly Point[] }) => ({
    shape: [all.length, 3],
    data: all.flatMap(({ x, y, label }) => [x, y, label]),
  }),
  decode({ shape: [count, width, ...more], data }) {
    if (count === undefined || width !== 3 || more.length > 0) return undefined;
    const pointAt = (i: number): Point => ({ x: data[3 * i]!, y: data[3 * i + 1]!, label: data[3 * i + 2]! });
    return { points: Array.from({ length: count }, (_, i) => pointAt(i)) };
  },
});
