import { createRunLog, type RunLog, type RunLogHeader, type RunLogWriter, readRunLog } from "@nn/train/run-log";
import { expect, test } from "vitest";
import { boundaryOf, choosePredictions, classFigures, confusionOf, frameIndex, predictionsOf } from "./array-data.ts";

const start = { step: 0, epoch: 0, elapsedMs: 0 };

function logOf(config: RunLogHeader["config"], record: (log: RunLogWriter) => void): RunLog {
  let bytes = new Uint8Array(0);
  const write = (part: Uint8Array): void => {
    bytes = new Uint8Array(Buffer.concat([bytes, part]));
  };
  const header = { recipe: "r", config, environment: {}, datasets: [] };
  const log = createRunLog({ write, replace: write }, header, { flushEvery: 1 });
  record(log);
  return readRunLog(bytes);
}

const extent = { xMin: -1, xMax: 2, yMin: 0, yMax: 1 };

test("a boundary has frames, points and an extent", () => {
  const log = logOf({ decisionBoundary: extent }, (writer) => {
    writer.array({ ...start, split: "train", name: "points", shape: [2, 3], data: [1, 2, 0, 3, 4, 1] });
    for (const step of [0, 10])
      writer.array({ ...start, step, split: "train", name: "decisionBoundary", shape: [1, 2], data: [step, 1] });
  });
  expect(boundaryOf(log)).toEqual({
    rows: 1,
    columns: 2,
    extent,
    frames: [
      { step: 0, values: Float32Array.of(0, 1) },
      { step: 10, values: Float32Array.of(10, 1) },
    ],
    classes: ["0", "1"],
    points: [
      { x: 1, y: 2, label: 0 },
      { x: 3, y: 4, label: 1 },
    ],
  });
});

test.each([{}, { decisionBoundary: null }, { decisionBoundary: { ...extent, xMax: "2" } }])(
  "without a place there is no boundary: %j",
  (config) => {
    const log = logOf(config, (writer) =>
      writer.array({ ...start, split: "train", name: "decisionBoundary", shape: [1, 1], data: [1] }),
    );
    expect(boundaryOf(log)).toBeUndefined();
  },
);

test.each([
  [undefined, 2],
  [0, 0],
  [10, 1],
  [19, 1],
  [99, 2],
])("step %s shows frame %d", (step, index) => {
  const frames = [5, 10, 20].map((at) => ({ step: at, values: new Float32Array(0) }));
  expect(frameIndex(frames, step)).toBe(index);
});

test("a confusion matrix: the last one, with figures by class", () => {
  const log = logOf({ classNames: ["cat", "dog"] }, (writer) => {
    for (const data of [
      [1, 1, 1, 1],
      [8, 2, 0, 0],
    ])
      writer.array({ ...start, split: "test", name: "confusionMatrix", shape: [2, 2], data });
  });
  const confusion = confusionOf(log);
  expect(confusion).toEqual({
    classes: ["cat", "dog"],
    counts: [
      [8, 2],
      [0, 0],
    ],
    total: 10,
  });
  expect(confusion && classFigures(confusion)).toEqual([
    { name: "cat", count: 10, recall: 0.8, precision: 1 },
    { name: "dog", count: 0, recall: Number.NaN, precision: 0 },
  ]);
});

test("predictions: label, answer, confidence and pixels; filtered by cell and by being wrong", () => {
  const log = logOf({ imageShape: [1, 2] }, (writer) =>
    writer.array({
      ...start,
      split: "test",
      name: "predictions",
      shape: [3, 5],
      data: [4, 9, 0.75, 1, 2, 4, 4, 0.5, 0, 255, 9, 9, 1, 3, 4],
    }),
  );
  const { samples = [], ...size } = predictionsOf(log) ?? {};
  expect(size).toEqual({ width: 2, height: 1 });
  expect(samples[1]).toEqual({ label: 4, predicted: 9, probability: 0.75, pixels: Float32Array.of(1, 2) });
  const labels = (...choice: [[number, number] | undefined, boolean]): number[] =>
    choosePredictions(samples, ...choice).map((sample) => samples.indexOf(sample));
  expect(labels(undefined, false)).toEqual([0, 1, 2]);
  expect(labels(undefined, true)).toEqual([1]);
  expect(labels([4, 9], false)).toEqual([1]);
  expect(labels([9, 9], true)).toEqual([]);
});

test("arrays of another shape are left out rather than drawn wrongly", () => {
  const log = logOf({ imageShape: [28, 28], decisionBoundary: extent }, (writer) => {
    writer.array({ ...start, split: "test", name: "predictions", shape: [1, 5], data: [1, 1, 1, 0, 0] });
    writer.array({ ...start, split: "test", name: "confusionMatrix", shape: [1, 2], data: [1, 1] });
  });
  expect(predictionsOf(log)).toBeUndefined();
  expect(confusionOf(log)).toBeUndefined();
  expect(boundaryOf(log)).toBeUndefined();
});
