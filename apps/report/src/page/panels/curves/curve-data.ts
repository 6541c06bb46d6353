// From run logs to points on a chart; nothing here draws.
import { type CurveRecord, curves, metricOrder } from "@nn/train/records";
import type { RunLogRecord, Split } from "@nn/train/run-log";
import type { XAxis } from "../../view-state.ts";
import { smooth } from "./smoothing.ts";

export interface CurvePoint {
  readonly x: number;
  /** As recorded. */
  readonly value: number;
  /** After smoothing. */
  readonly smoothed: number;
}

export interface Curve {
  readonly recipe: string;
  readonly split: Split;
  readonly points: readonly CurvePoint[];
}

/** More points than a chart has pixels only cost time. */
const MAX_POINTS = 800;

/** Names of everything recorded as scalars: loss and accuracy first, then by alphabet. */
export function metricNames(logs: readonly { readonly records: readonly RunLogRecord[] }[]): string[] {
  return metricOrder([...new Set(logs.flatMap((log) => curves.read(log).map(({ metric }) => metric)))]);
}

/** One curve for each split that has the metric. */
export function curvesOf(
  recipe: string,
  records: readonly RunLogRecord[],
  metric: string,
  options: { readonly x: XAxis; readonly smoothing: number },
): Curve[] {
  const position = positionOn(options.x, records);
  return curves.read({ records }).flatMap(({ metric: name, split, points: recorded }) => {
    if (name !== metric) return [];
    const smoothed = smooth(
      recorded.map(({ value }) => value),
      options.smoothing,
    );
    const points = recorded.map((point, i) => ({
      x: position(point),
      value: point.value,
      smoothed: smoothed[i] ?? point.value,
    }));
    return [{ recipe, split, points: thin(points, MAX_POINTS) }];
  });
}

/** Points that a log axis can show. */
export function positive(curve: Curve): Curve {
  return { ...curve, points: curve.points.filter((point) => point.value > 0 && point.smoothed > 0) };
}

function positionOn(x: XAxis, records: readonly RunLogRecord[]): (record: CurveRecord["points"][number]) => number {
  if (x === "time") return (record) => record.elapsedMs / 1000;
  if (x === "step") return (record) => record.step;
  const epochAt = epochScale(records);
  return (record) => epochAt(record.step);
}

/**
 * Step → epoch with fractions, so that the steps of one epoch do not stand on top of each other. A line between the
 * steps at which epochs ended; beyond the last end it keeps its slope. Without any end: 0.
 */
export function epochScale(records: readonly RunLogRecord[]): (step: number) => number {
  const ends = [{ step: 0, epoch: 0 }];
  for (const { step, epoch } of records) {
    const last = ends.at(-1);
    if (last !== undefined && epoch > last.epoch && step > last.step) ends.push({ step, epoch });
  }
  return (step) => {
    const after = Math.max(
      1,
      ends.findIndex((end, i) => i > 0 && end.step >= step),
    );
    const [from, to] = step > (ends.at(-1)?.step ?? 0) ? [ends.at(-2), ends.at(-1)] : [ends[after - 1], ends[after]];
    if (from === undefined || to === undefined) return 0;
    return from.epoch + ((step - from.step) * (to.epoch - from.epoch)) / (to.step - from.step);
  };
}

/**
 * At most about `limit` points: the ends, and of every stretch between them the lowest and the highest, so that no
 * spike disappears; NaN is neither while there are numbers. Fewer points are returned as they are.
 */
export function thin<P extends { readonly value: number }>(points: readonly P[], limit: number): P[] {
  if (points.length <= limit) return [...points];
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const inner = points.length - 2;
  const kept = new Set([0, points.length - 1]);
  for (let s = 0; s < stretches; s++) {
    const from = 1 + Math.floor((s * inner) / stretches);
    const to = 1 + Math.floor(((s + 1) * inner) / stretches);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      const { value } = at(points, i);
      if (value < at(points, low).value || Number.isNaN(at(points, low).value)) low = i;
      if (value > at(points, high).value || Number.isNaN(at(points, high).value)) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b).map((i) => at(points, i));
}

export interface CurveRow {
  readonly x: number;
  /** One value per curve, undefined where that curve has no record. */
  readonly values: readonly (number | undefined)[];
}

/** Recorded values as table rows, at most `limit` of them: evenly chosen positions, first and last included. */
export function curveRows(curves: readonly Curve[], limit: number): CurveRow[] {
  const byX = new Map<number, (number | undefined)[]>();
  for (const [c, { points }] of curves.entries())
    for (const { x, value } of points) {
      const row = byX.get(x) ?? curves.map(() => undefined);
      row[c] = value;
      byX.set(x, row);
    }
  const rows = [...byX].sort(([a], [b]) => a - b).map(([x, values]) => ({ x, values }));
  if (rows.length <= limit) return rows;
  return Array.from({ length: limit }, (_, i) => at(rows, Math.round((i * (rows.length - 1)) / (limit - 1))));
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`index ${index} of ${items.length}`);
  return item;
}
