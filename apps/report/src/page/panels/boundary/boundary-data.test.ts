import { boundary, points } from "@nn/train/records";
import { expect, test } from "vitest";
import { logOf, start } from "../../test-log.ts";
import { boundaryOf, frameIndex } from "./boundary-data.ts";

const extent = { xMin: -1, xMax: 2, yMin: 0, yMax: 1 };
const classNames = ["in", "out"];

test("a boundary has frames, points and an extent", () => {
  const config = { ...boundary.config({ extent, classNames }), ...points.config(classNames) };
  const log = logOf(config, (writer) => {
    const all = [
      { x: 1, y: 2, label: 0 },
      { x: 3, y: 4, label: 1 },
    ];
    points.write(writer, start, { points: all });
    for (const step of [0, 10]) boundary.write(writer, { ...start, step }, { rows: 1, columns: 2, values: [step, 1] });
    boundary.write(writer, { ...start, step: 20 }, { rows: 2, columns: 1, values: [0, 0] });
  });
  expect(boundaryOf(log)).toMatchObject({
    rows: 1,
    columns: 2,
    extent,
    frames: [
      { step: 0, values: Float32Array.of(0, 1) },
      { step: 10, values: Float32Array.of(10, 1) },
    ],
    classes: classNames,
    points: [
      { x: 1, y: 2, label: 0 },
      { x: 3, y: 4, label: 1 },
    ],
  });
});

test("without points there is a boundary, without frames none", () => {
  const config = boundary.config({ extent, classNames });
  const frame = { rows: 1, columns: 1, values: [1] };
  expect(boundaryOf(logOf(config, (writer) => boundary.write(writer, start, frame)))).toMatchObject({ points: [] });
  expect(boundaryOf(logOf(config, () => undefined))).toBeUndefined();
});

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
