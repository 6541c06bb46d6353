import { expect, test } from "vitest";
import { configurationRows } from "./configuration-table.ts";

test("common settings first, missing ones undefined, prose left out", () => {
  const rows = configurationRows([
    { layers: [2, 5, 2], notes: "…", learningRate: 0.01 },
    { learningRate: 0.5, batchSize: 64 },
  ]);
  expect(rows).toEqual([
    { key: "learningRate", values: ["0.01", "0.5"] },
    { key: "layers", values: ["2, 5, 2", undefined] },
    { key: "batchSize", values: [undefined, "64"] },
  ]);
  expect(configurationRows([])).toEqual([]);
});
