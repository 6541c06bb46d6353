/** What the log keeps of a recipe on the plane: its points, and what the model answers everywhere, from time to time. */

import { datasetFromArrays } from "@nn/datasets";
import { fromArray } from "@nn/tensor";
import { boundary, type Extent, points } from "@nn/train/records";
import type { ClassData, Probabilities, Recorder } from "../recipe.ts";
import { namesOf } from "./test-predictions.ts";

export interface DecisionBoundaryOptions {
  /** The points that are learned from. */
  readonly data: ClassData<readonly [2]>;
  /** Epochs from one frame to the next; the last epoch has one too. */
  readonly every: number;
  readonly epochs: number;
  readonly rows: number;
  readonly columns: number;
  /** What the model answers now: (N, 2). */
  probabilities(data: ClassData): Probabilities;
}

/** What surrounds the points in the picture. */
const MARGIN = 0.3;

/** `points` once, and a `boundary` frame before the first step and every so many epochs. */
export function decisionBoundary({
  data,
  every,
  epochs,
  rows,
  columns,
  probabilities,
}: DecisionBoundaryOptions): Recorder {
  const extent = extentOf(data);
  const classNames = namesOf(data);
  const cells = datasetFromArrays({
    name: "cells",
    inputs: centres(extent, rows, columns),
    labels: new Uint8Array(rows * columns),
    classNames,
  });
  const frame = (): Float64Array => {
    // Column 1 of the probabilities (cells, 2), in steps that a picture shows: a report packs them in an eighth.
    const { data: answers } = probabilities(cells as unknown as ClassData);
    return Float64Array.from({ length: rows * columns }, (_, cell) => Math.round(answers[2 * cell + 1]! * 256) / 256);
  };
  return {
    config: { ...boundary.config({ extent, classNames }), ...points.config(classNames) },
    event(event, log, at) {
      const isDue = event.type === "epoch" && (event.epoch % every === 0 || event.epoch === epochs);
      if (event.type === "start") points.write(log, at, { points: pointsOf(data) });
      if (!isDue && event.type !== "start") return;
      boundary.write(log, at, { rows, columns, values: frame() });
    },
  };
}

function pointsOf({
  inputs: { data },
  targets,
}: ClassData): { readonly x: number; readonly y: number; readonly label: number }[] {
  return Array.from(targets.data, (label, row) => ({ x: data[2 * row]!, y: data[2 * row + 1]!, label }));
}

function extentOf({ inputs: { data } }: ClassData): Extent {
  const side = (axis: number): number[] => Array.from(data).filter((_, i) => i % 2 === axis);
  return {
    xMin: Math.min(...side(0)) - MARGIN,
    xMax: Math.max(...side(0)) + MARGIN,
    yMin: Math.min(...side(1)) - MARGIN,
    yMax: Math.max(...side(1)) + MARGIN,
  };
}

/** The centres of rows · columns equal cells, the lowest row first: (cells, 2). */
function centres({ xMin, xMax, yMin, yMax }: Extent, rows: number, columns: number) {
  const places = new Float64Array(2 * rows * columns);
  for (let cell = 0; cell < rows * columns; cell++) {
    places[2 * cell] = xMin + (((cell % columns) + 0.5) / columns) * (xMax - xMin);
    places[2 * cell + 1] = yMin + ((Math.floor(cell / columns) + 0.5) / rows) * (yMax - yMin);
  }
  return fromArray(places, [rows * columns, 2]);
}
