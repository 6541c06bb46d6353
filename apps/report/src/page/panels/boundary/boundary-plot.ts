// Drawing one frame of a decision boundary.
import * as Plot from "@observablehq/plot";
import type { Boundary } from "./boundary-data.ts";
import { isoLine } from "./iso-line.ts";

/** Shades for probability 0, ½ and 1, in the light and the dark theme: pale enough for the points to stand out. */
const SHADES = {
  light: ["#9cc7ee", "#fbfaf7", "#f2bb8c"],
  dark: ["#1f4f7d", "#1b1d20", "#7d4a1c"],
};
/** Both axes have one scale unless that would make the picture longer than this. */
const MAX_ASPECT = 1.2;
const [MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM, MARGIN_LEFT] = [8, 16, 28, 40];

export function drawBoundary(
  { rows, columns, extent, frames, points }: Boundary,
  index: number,
  { width, name }: { readonly width: number; readonly name: string },
): Element {
  const { xMin, xMax, yMin, yMax } = extent;
  const values = Float32Array.from(frames[index]?.values ?? { length: rows * columns });
  const cellWidth = (xMax - xMin) / columns;
  const cellHeight = (yMax - yMin) / rows;
  // A value stands for the middle of its cell. The grid is continued by one cell on every side, so that the line
  // reaches the frame; what lies beyond is clipped.
  const line = isoLine(continued(values, rows, columns), rows + 2, columns + 2, 0.5).map(({ x1, y1, x2, y2 }) => ({
    x1: xMin + (x1 - 0.5) * cellWidth,
    x2: xMin + (x2 - 0.5) * cellWidth,
    y1: yMin + (y1 - 0.5) * cellHeight,
    y2: yMin + (y2 - 0.5) * cellHeight,
  }));
  const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, (yMax - yMin) / (xMax - xMin)));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return Plot.plot({
    width,
    height: Math.round((width - MARGIN_LEFT - MARGIN_RIGHT) * aspect + MARGIN_TOP + MARGIN_BOTTOM),
    marginLeft: MARGIN_LEFT,
    marginRight: MARGIN_RIGHT,
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    className: "plot",
    ariaLabel: `Decision boundary of ${name}`,
    x: { domain: [xMin, xMax], label: null },
    y: { domain: [yMin, yMax], label: null },
    color: { type: "linear", domain: [0, 0.5, 1], range: dark ? SHADES.dark : SHADES.light, clamp: true },
    symbol: { domain: [0, 1], range: ["circle", "triangle"] },
    marks: [
      Plot.raster(values, {
        x1: xMin,
        x2: xMax,
        y1: yMin,
        y2: yMax,
        width: columns,
        height: rows,
        fill: Plot.identity,
        imageRendering: "auto",
      }),
      Plot.link(line, {
        x1: "x1",
        y1: "y1",
        x2: "x2",
        y2: "y2",
        strokeWidth: 2,
        strokeLinecap: "round",
        className: "half",
        clip: true,
      }),
      ...[0, 1].map((label) =>
        Plot.dot(
          points.filter((point) => point.label === label),
          {
            x: "x",
            y: "y",
            symbol: label === 0 ? "circle" : "triangle",
            fill: `var(--class-${label})`,
            stroke: "var(--surface)",
            strokeWidth: 0.75,
            r: 3.5,
          },
        ),
      ),
      Plot.frame({ strokeOpacity: 0.4 }),
    ],
  });
}

/** The grid with its outermost values repeated once around it. */
function continued(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const clamp = (index: number, count: number): number => Math.min(Math.max(index, 0), count - 1);
  const width = columns + 2;
  return Float32Array.from({ length: (rows + 2) * width }, (_, i) => {
    const row = clamp(Math.floor(i / width) - 1, rows);
    const column = clamp((i % width) - 1, columns);
    return values[row * columns + column] ?? Number.NaN;
  });
}
