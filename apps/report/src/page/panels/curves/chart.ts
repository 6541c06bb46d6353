// One chart of one metric, with its name for screen readers and its table.

import { formatCount } from "@nn/command/format";
import * as Plot from "@observablehq/plot";
import { accessiblePlot } from "../../accessible-plot.ts";
import { element, lazyDetails } from "../../dom.ts";
import { formatNumber } from "../../format.ts";
import type { Run } from "../../run.ts";
import { runColour, runSymbol } from "../../run-mark.ts";
import type { XAxis } from "../../view-state.ts";
import { type Curve, type CurvePoint, curveRows } from "./curve-data.ts";

export interface ChartOptions {
  readonly metric: string;
  /** What the curves belong to, for the accessible name. */
  readonly title: string;
  readonly runs: readonly Run[];
  readonly curves: readonly Curve[];
  readonly x: XAxis;
  readonly scale: "linear" | "log";
  readonly smoothed: boolean;
}

const DASHES: Readonly<Record<Curve["split"], string | undefined>> = {
  train: undefined,
  validation: "7 4",
  test: "1.5 4",
};
const X_LABELS: Readonly<Record<XAxis, string>> = { step: "steps", epoch: "epochs", time: "seconds" };
const TABLE_ROWS = 50;
const SYMBOLS_PER_CURVE = 5;
/** A curve that goes up and down this many times its range is noise around a trend; drawn thin it hides no other. */
const NOISY = 8;

export function chartFigure(options: ChartOptions): HTMLElement {
  const holder = element("div", { class: "chart" });
  // Plot wants a width in pixels, so the chart is drawn again when its place changes size.
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === 0 || width === drawn) return;
    drawn = width;
    holder.replaceChildren(accessiblePlot(drawChart(options, width)));
  }).observe(holder);
  return element(
    "figure",
    {},
    element("figcaption", {}, caption(options)),
    holder,
    lazyDetails("Table of values", () => valueTable(options)),
  );
}

function caption({ metric, scale, smoothed }: ChartOptions): string {
  const name = metric.charAt(0).toUpperCase() + metric.slice(1);
  const remarks = [scale === "log" ? "logarithmic; values ≤ 0 are not drawn" : "", smoothed ? "smoothed" : ""];
  const text = remarks.filter((remark) => remark !== "").join("; ");
  return text === "" ? name : `${name} (${text})`;
}

function drawChart(options: ChartOptions, width: number): Element {
  const { metric, title, curves, x, scale, smoothed } = options;
  const percent = metric === "accuracy";
  const all = curves.flatMap((curve) => curve.points.map((point) => ({ ...point, curve })));
  const tip = (point: CurvePoint & { curve: Curve }): string =>
    `${point.curve.recipe} · ${point.curve.split}\n${X_LABELS[x]}: ${formatNumber(point.x)}\n${metric}: ${formatNumber(point.value)}`;
  return Plot.plot({
    width,
    height: Math.round(Math.min(300, Math.max(200, width * 0.6))),
    marginLeft: 46,
    marginRight: 22,
    marginBottom: 38,
    ariaLabel: `${metric} of ${title} by ${X_LABELS[x]}`,
    ariaDescription: describe(curves, metric),
    className: "plot",
    x: {
      label: X_LABELS[x],
      labelOffset: 34,
      domain: [0, Math.max(...all.map((point) => point.x), 1e-9)],
      ticks: Math.max(3, Math.floor(width / 90)),
    },
    y: { type: scale, label: null, grid: true, tickFormat: tickFormat(percent, scale), ticks: 5 },
    marks: [
      ...curves.flatMap((curve) => curveMarks(curve, options, smoothed)),
      Plot.tip(all, Plot.pointer({ x: "x", y: "smoothed", title: tip })),
    ],
  });
}

function tickFormat(percent: boolean, scale: "linear" | "log"): string | ((value: number) => string) {
  if (percent) return ".0%";
  return scale === "log" ? "~g" : formatNumber;
}

function curveMarks(curve: Curve, { runs, scale }: ChartOptions, smoothed: boolean): Plot.Markish[] {
  const run = runs.find((candidate) => candidate.recipe === curve.recipe);
  if (run === undefined) return [];
  const stroke = runColour(run);
  const { points } = curve;
  const dasharray = DASHES[curve.split];
  const line = { x: "x", stroke, ...(dasharray !== undefined && { strokeDasharray: dasharray }) };
  // A single value has no line; its symbol shows it.
  const symbols = points.length === 1 ? points : runs.length > 1 ? evenly(points, SYMBOLS_PER_CURVE) : [];
  const finite = scale === "log" || points.every((point) => Number.isFinite(point.value));
  return [
    ...(smoothed ? [Plot.line(points, { ...line, y: "value", strokeOpacity: 0.3, strokeWidth: 1 })] : []),
    Plot.line(points.length === 1 ? [] : points, {
      ...line,
      y: "smoothed",
      strokeWidth: wander(points) > NOISY ? 1.25 : 2,
      className: `curve ${curve.split}`,
    }),
    Plot.dot(symbols, { x: "x", y: "smoothed", symbol: runSymbol(run), fill: stroke, r: 5 }),
    ...(finite ? [] : [brokenMark(points, stroke)]),
  ];
}

/** Way up and down that the curve goes, in multiples of its range. */
function wander(points: readonly CurvePoint[]): number {
  const values = points.map((point) => point.smoothed);
  const way = values.reduce((sum, value, i) => sum + Math.abs(value - (values[i - 1] ?? value)), 0);
  return way / (Math.max(...values) - Math.min(...values));
}

/** Where a value stopped being a number. */
function brokenMark(points: readonly CurvePoint[], fill: string): Plot.Markish {
  const broken = points.filter((point) => !Number.isFinite(point.value));
  return Plot.text(broken.slice(0, 1), { x: "x", frameAnchor: "top", text: () => "not a number", fill, dy: 4 });
}

function evenly<T>(items: readonly T[], count: number): T[] {
  return items.filter(
    (_, i) => Math.floor((i * count) / items.length) !== Math.floor(((i - 1) * count) / items.length),
  );
}

/** The shape of each curve in words: where it starts and where it ends. */
function describe(curves: readonly Curve[], metric: string): string {
  const sentences = curves.map(({ recipe, split, points }) => {
    const first = points[0];
    const last = points.at(-1);
    if (first === undefined || last === undefined) return `${recipe} ${split}: nothing to draw.`;
    const values =
      first === last ? formatNumber(last.value) : `${formatNumber(first.value)} to ${formatNumber(last.value)}`;
    return `${recipe} ${split} ${metric}: ${values}.`;
  });
  return sentences.join(" ");
}

function valueTable({ curves, metric, x, title, runs }: ChartOptions): HTMLElement {
  const rows = curveRows(curves, TABLE_ROWS);
  const headings = curves.map(({ recipe, split }) => (runs.length > 1 ? `${recipe} ${split}` : split));
  const table = element(
    "table",
    {},
    element("caption", {}, `${metric} of ${title}; at most ${TABLE_ROWS} rows, as recorded`),
    element(
      "thead",
      {},
      element("tr", {}, ...[X_LABELS[x], ...headings].map((text) => element("th", { scope: "col" }, text))),
    ),
    element(
      "tbody",
      {},
      ...rows.map((row) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, x === "step" ? formatCount(row.x) : formatNumber(row.x)),
          ...row.values.map((value) => element("td", {}, value === undefined ? "–" : formatNumber(value))),
        ),
      ),
    ),
  );
  return element(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${metric} of ${title}` },
    table,
  );
}
