import { confusion } from "@nn/train/records";
import { expect, test } from "vitest";
import { logOf, start } from "../../test-log.ts";
import { classFigures, confusionOf } from "./confusion-data.ts";

test("a confusion matrix: the last one, with figures by class", () => {
  const [first, last] = [
    [
      [1, 1],
      [1, 1],
    ],
    [
      [8, 2],
      [0, 0],
    ],
  ];
  const log = logOf(confusion.config(["cat", "dog"]), (writer) => {
    for (const counts of [first!, last!]) confusion.write(writer, start, { counts });
  });
  const shown = confusionOf(log);
  expect(shown).toEqual({ classes: ["cat", "dog"], counts: last, total: 10 });
  expect(shown && classFigures(shown)).toEqual([
    { name: "cat", count: 10, recall: 0.8, precision: 1 },
    { name: "dog", count: 0, recall: Number.NaN, precision: 0 },
  ]);
});
