import type { RunLogRecord, Split } from "@nn/train/run-log";
import { expect, test } from "vitest";
import { type Curve, curveRows, curvesOf, epochScale, metricNames, positive, thin } from "./curve-data.ts";

function scalar(step: number, epoch: number, value: number, name = "loss", split: Split = "train"): RunLogRecord {
  return { step, epoch, elapsedMs: 500 * step, split, name, value };
}

const records: RunLogRecord[] = [
  scalar(1, 0, 4),
  scalar(2, 0, 2),
  scalar(4, 1, 1),
  scalar(4, 1, 3, "loss", "validation"),
  scalar(4, 1, 0.5, "accuracy", "validation"),
  scalar(6, 1, 0),
  { step: 4, epoch: 1, elapsedMs: 0, split: "test", name: "confusionMatrix", shape: [1], data: Float32Array.of(1) },
];

test("metrics: loss, accuracy, then by alphabet; arrays are none", () => {
  const more = { records: [scalar(1, 0, 1, "weightNorm"), scalar(1, 0, 1, "gradientNorm")] };
  expect(metricNames([more, { records }])).toEqual(["loss", "accuracy", "gradientNorm", "weightNorm"]);
  expect(metricNames([])).toEqual([]);
});

test.each([
  ["step", [1, 2, 4, 6]],
  ["epoch", [0.25, 0.5, 1, 1.5]],
  ["time", [0.5, 1, 2, 3]],
] as const)("by %s a point stands at %j", (x, expected) => {
  const [train, validation] = curvesOf("r", records, "loss", { x, smoothing: 0 });
  expect(train?.points.map((point) => point.x)).toEqual(expected);
  expect(train).toMatchObject({ recipe: "r", split: "train" });
  expect(validation?.points.map((point) => point.value)).toEqual([3]);
});

test("smoothing leaves the recorded values beside the smoothed ones", () => {
  const [train] = curvesOf("r", records, "loss", { x: "step", smoothing: 0.5 });
  expect(train?.points.map((point) => point.value)).toEqual([4, 2, 1, 0]);
  expect(train?.points[1]?.smoothed).toBeCloseTo(8 / 3, 12);
});

test("a log axis gets positive values only", () => {
  const [train] = curvesOf("r", records, "loss", { x: "step", smoothing: 0 });
  expect(train && positive(train).points.map((point) => point.value)).toEqual([4, 2, 1]);
});

test("without a finished epoch every step is at epoch 0", () => {
  const epochAt = epochScale([scalar(1, 0, 1), scalar(7, 0, 1)]);
  expect([0, 1, 7, 100].map(epochAt)).toEqual([0, 0, 0, 0]);
});

test("epochs of different lengths each keep their own pace", () => {
  const epochAt = epochScale([scalar(10, 1, 1), scalar(30, 2, 1)]);
  expect([0, 5, 10, 20, 30, 40].map(epochAt)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
});

test("thinning keeps both ends, every spike and the order", () => {
  const points = Array.from({ length: 10_000 }, (_, x) => ({ x, value: x === 7777 ? 99 : x === 1234 ? -99 : x % 3 }));
  const kept = thin(points, 200);
  expect(kept.length).toBeLessThanOrEqual(200);
  expect(kept.at(0)).toBe(points[0]);
  expect(kept.at(-1)).toBe(points.at(-1));
  expect(kept).toContain(points[7777]);
  expect(kept).toContain(points[1234]);
  expect(kept.map((point) => point.x)).toEqual(kept.map((point) => point.x).toSorted((a, b) => a - b));
  expect(thin(points.slice(0, 3), 3)).toEqual(points.slice(0, 3));
});

test("thinning keeps a spike wherever a NaN stands in its stretch", () => {
  const points = Array.from({ length: 10 }, (_, x) => ({ x, value: x }));
  for (let nan = 1; nan < 9; nan++) {
    const broken = points.map((point) => (point.x === nan ? { x: nan, value: Number.NaN } : point));
    const between = broken.slice(1, 9).filter(({ x }) => x !== nan);
    expect(thin(broken, 4)).toEqual([broken[0], between.at(0), between.at(-1), broken[9]]);
  }
});

test("table rows join the curves by x, at most so many", () => {
  const point = (x: number): Curve["points"][number] => ({ x, value: 10 * x, smoothed: 0 });
  const train: Curve = { recipe: "r", split: "train", points: [1, 2, 3, 4, 5].map(point) };
  const validation: Curve = { recipe: "r", split: "validation", points: [point(5), point(2)] };
  expect(curveRows([train, validation], 3)).toEqual([
    { x: 1, values: [10, undefined] },
    { x: 3, values: [30, undefined] },
    { x: 5, values: [50, 50] },
  ]);
  expect(curveRows([train, validation], 5)[1]).toEqual({ x: 2, values: [20, 20] });
  expect(curveRows([], 5)).toEqual([]);
});
