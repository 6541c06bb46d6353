import { confusion, predictions } from "@nn/train/records";
import { expect, test } from "vitest";
import { logOf, start } from "../../test-log.ts";
import { choosePredictions, predictionsOf } from "./prediction-data.ts";

const classNames = ["0", "1", "2"];
const samples = [
  { label: 1, predicted: 2, probability: 0.75, pixels: [1, 2] },
  { label: 1, predicted: 1, probability: 0.5, pixels: [0, 255] },
  { label: 2, predicted: 2, probability: 1, pixels: [3, 4] },
];

test("predictions: label, answer, confidence and pixels; filtered by cell and by being wrong", () => {
  const log = logOf(predictions.config({ height: 1, width: 2, classNames }), (writer) =>
    predictions.write(writer, start, { samples }),
  );
  const shown = predictionsOf(log)!;
  expect(shown).toMatchObject({ width: 2, height: 1, classes: classNames });
  // Right ones stand on both sides of the wrong one.
  expect(shown.samples[1]).toEqual({ ...samples[0], pixels: Float32Array.of(1, 2) });
  const chosen = (...choice: [[number, number] | undefined, boolean]): number[] =>
    choosePredictions(shown.samples, ...choice).map((sample) => shown.samples.indexOf(sample));
  expect(chosen(undefined, false)).toEqual([0, 1, 2]);
  expect(chosen(undefined, true)).toEqual([1]);
  expect(chosen([1, 2], false)).toEqual([1]);
  expect(chosen([2, 2], true)).toEqual([]);
  expect(shown.countOf(1, 2)).toBeUndefined();
});

test("how many samples a cell has comes from the confusion matrix", () => {
  const config = { ...predictions.config({ height: 1, width: 2, classNames }), ...confusion.config(classNames) };
  const log = logOf(config, (writer) => {
    predictions.write(writer, start, { samples });
    const counts = [
      [0, 0, 0],
      [0, 7, 5],
      [0, 0, 9],
    ];
    confusion.write(writer, start, { counts });
  });
  expect(predictionsOf(log)?.countOf(1, 2)).toBe(5);
});
