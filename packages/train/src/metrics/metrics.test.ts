import { tensor, zeros } from "@nn/tensor";
import { expect, test } from "vitest";
import { accuracyScore } from "./accuracy-score.ts";
import { confusionMatrix } from "./confusion-matrix.ts";

const bytes = (values: readonly number[]) => tensor(values, { dtype: "uint8" });

test.each([
  [[0], [0], 1],
  [[0], [1], 0],
  [[0, 1, 1, 2], [0, 1, 2, 2], 0.75],
  [[3, 3, 3], [0, 1, 3], 1 / 3],
])("accuracy of %j and %j is %d", (labels, predicted, expected) => {
  expect(accuracyScore(labels, predicted)).toBe(expected);
  expect(accuracyScore(bytes(labels), tensor(predicted, { dtype: "int32" }))).toBe(expected);
  expect(accuracyScore(Uint8Array.from(labels), Int32Array.from(predicted))).toBe(expected);
});

test("confusion matrix: rows are the true classes", () => {
  const matrix = confusionMatrix([0, 1, 1, 2, 2, 2], bytes([0, 1, 0, 2, 2, 1]), { classCount: 4 });
  expect(matrix.dtype).toBe("int32");
  expect(matrix.toArray()).toEqual([
    [1, 0, 0, 0],
    [1, 1, 0, 0],
    [0, 1, 2, 0],
    [0, 0, 0, 0],
  ]);
});

test("the diagonal of the confusion matrix counts what accuracy shares out", () => {
  const labels = Array.from({ length: 257 }, (_, i) => (i * 7) % 5);
  const predicted = labels.map((label, i) => (i % 3 === 0 ? (label + i) % 5 : label));
  const { data } = confusionMatrix(labels, predicted, { classCount: 5 });
  const diagonal = [0, 6, 12, 18, 24].reduce((total, at) => total + data[at]!, 0);
  expect(diagonal / labels.length).toBe(accuracyScore(labels, predicted));
  expect(data.reduce((total, count) => total + count)).toBe(labels.length);
});

test.each([
  [[0, 1], [0], { name: "ShapeError", received: "2 labels and 1 predictions" }],
  [[], [], { name: "ArgumentError", received: "no labels" }],
  [[0, -1], [0, 0], { name: "ArgumentError", received: "label -1 in row 1" }],
  [[0], [0.5], { name: "ArgumentError", received: "prediction 0.5 in row 0" }],
  [[0], [Number.NaN], { name: "ArgumentError", received: "prediction NaN in row 0" }],
  [[0, 1], zeros([2, 3]), { name: "ShapeError", received: "predictions of shape [2, 3]" }],
  [zeros([]), [0], { name: "ShapeError", received: "labels of shape []" }],
])("metrics refuse %j and %j", (labels, predicted, error) => {
  expect(() => accuracyScore(labels, predicted)).toThrow(
    expect.objectContaining({ ...error, operation: "accuracyScore" }),
  );
  expect(() => confusionMatrix(labels, predicted, { classCount: 2 })).toThrow(
    expect.objectContaining({ ...error, operation: "confusionMatrix" }),
  );
});

test.each([
  [[0, 2], [0, 0], 2, "label 2 in row 1"],
  [[0, 0], [0, 3], 2, "prediction 3 in row 1"],
  [[0], [0], 0, "classCount 0"],
  [[0], [0], 1.5, "classCount 1.5"],
])("confusionMatrix(%j, %j, %d classes) throws", (labels, predicted, classCount, received) => {
  expect(() => confusionMatrix(labels, predicted, { classCount })).toThrow(
    expect.objectContaining({ name: "ArgumentError", received }),
  );
});
