// Drawing one frame of a decision boundary.
import * as Plot from "@observablehq/plot";
import type { Boundary } from "./array-data.ts";
import { isoLine } from "./iso-line.ts";

/** Shades for probability 0, ½ and 1, in the light and the dark theme: pale enough for the points to stand out. */
const SHADES = {
  light: ["#9cc7ee", "#fbfaf7", "#f2bb8c"],
  dark: ["#1f4f7d", "#1b1d20", "#7d4a1c"],
};
/** Sides of the picture are never further apart than this, whatever the units of the two axes. */
const MAX_ASPECT = 1.2;

export function drawBoundary(
  { rows, columns, extent, frames, points }: Boundary,
  index: number,
  { width, name }: { readonly width: number; readonly name: string },
): Element {
  const { xMin, xMax, yMin, yMax } = extent;
  const values = frames[index]?.values ?? new Float32Array(rows * columns);
  // Values belong to places, the first and last of a row to its ends; a pixel of the raster reaches half a step around.
  const stepX = (xMax - xMin) / (columns - 1);
  const stepY = (yMax - yMin) / (rows - 1);
  const place = { x1: xMin - stepX / 2, x2: xMax + stepX / 2, y1: yMin - stepY / 2, y2: yMax + stepY / 2 };
  const line = isoLine(values, rows, columns, 0.5).map(({ x1, y1, x2, y2 }) => ({
    x1: xMin + x1 * stepX,
    x2: xMin + x2 * stepX,
    y1: yMin + y1 * stepY,
    y2: yMin + y2 * stepY,
  }));
  const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, (yMax - yMin) / (xMax - xMin)));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return Plot.plot({
    width,
    height: Math.round(width * aspect * 0.8),
    marginLeft: 40,
    className: "plot",
    ariaLabel: `Decision boundary of ${name}`,
    x: { domain: [xMin, xMax], label: null },
    y: { domain: [yMin, yMax], label: null },
    color: { type: "linear", domain: [0, 0.5, 1], range: dark ? SHADES.dark : SHADES.light, clamp: true },
    symbol: { domain: [0, 1], range: ["circle", "triangle"] },
    marks: [
      Plot.raster(values, {
        ...place,
        width: columns,
        height: rows,
        fill: Plot.identity,
        imageRendering: "auto",
        clip: true,
      }),
      Plot.link(line, {
        x1: "x1",
        y1: "y1",
        x2: "x2",
        y2: "y2",
        strokeWidth: 2,
        strokeLinecap: "round",
        className: "half",
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
