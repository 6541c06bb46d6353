import { expect, test } from "vitest";
import { checkClassLabel, classLabels } from "./class-labels.ts";
import { tensor, zeros } from "./tensor.ts";

test.each([[[0, 1]], [Uint8Array.of(0, 1)], [tensor([0, 1], { dtype: "uint8" })]])("%o are labels", (labels) => {
  expect(Array.from(classLabels("fit", "labels", labels))).toEqual([0, 1]);
});

test.each<[unknown, object]>([
  [undefined, { name: "ArgumentError", received: "labels undefined" }],
  [null, { name: "ArgumentError", received: "labels null" }],
  [3, { name: "ArgumentError", received: "labels 3" }],
  ["01", { name: "ArgumentError", received: 'labels "01" of type string' }],
  [new Set([0]), { name: "ArgumentError", received: "labels a value of class Set" }],
  [zeros([]), { name: "ShapeError", received: "labels of shape []" }],
  [
    zeros([4, 1]),
    { name: "ShapeError", received: "labels of shape [4, 1]", fix: "Drop the last axis: reshape(labels, [rows])." },
  ],
  [zeros([2, 2]), { name: "ShapeError", received: "labels of shape [2, 2]" }],
  [[[0], [1]], { name: "ShapeError", received: "labels of shape [2, 1]" }],
  [
    [
      [0, 1],
      [1, 0],
    ],
    { name: "ShapeError", received: "labels of shape [2, 2]" },
  ],
])("%o are none", (labels, error) => {
  expect(() => classLabels("fit", "labels", labels)).toThrow(expect.objectContaining({ operation: "fit", ...error }));
});

test.each<[unknown, string]>([
  ["0", 'label "0" of type string in row 3'],
  [1n, "label 1n of type bigint in row 3"],
  [true, "label true of type boolean in row 3"],
  [0.5, "label 0.5 in row 3"],
  [-1, "label -1 in row 3"],
  [2, "label 2 in row 3"],
  [Number.NaN, "label NaN in row 3"],
  [undefined, "label undefined in row 3"],
])("%o is no label of two classes", (value, received) => {
  expect(() => checkClassLabel("fit", "label", value, 3, 2)).toThrow(
    expect.objectContaining({ name: "ArgumentError", received, expected: "integers from 0 to 1" }),
  );
});
