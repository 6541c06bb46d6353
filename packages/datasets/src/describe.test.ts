import { expect, describe as suite, test } from "vitest";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { describe as card } from "./describe.ts";

suite("describe", () => {
  const weighted = {
    name: "d",
    inputs: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    weights: [0.5, 2, 1],
  };

  test("values", () => {
    expect(card(datasetFromArrays({ ...weighted, values: [1, 2, 4] }))).toMatchInlineSnapshot(`
      "d: 3 rows of [2] float32, values of shape [1]
      inputs 1 to 6, mean 3.5, deviation 1.70783
      targets 1 to 4, mean 2.33333, deviation 1.24722
      weights 0.5 to 2, sum 3.5
      sha256:089617f3386b1d6fd0bf2a6d18904fae358225c623da9839332c5aec82968dea
      "
    `);
  });

  test("flags", () => {
    const flags = [
      [1, 0],
      [1, 1],
      [0, 0],
    ];
    expect(card(datasetFromArrays({ ...weighted, flags, flagNames: ["red", "round"] }))).toMatchInlineSnapshot(`
      "d: 3 rows of [2] float32, 2 flags
      inputs 1 to 6, mean 3.5, deviation 1.70783
        red    2   66.7 %
        round  1   33.3 %
      weights 0.5 to 2, sum 3.5
      sha256:8a5503879fe8c8c91dbf8cb086a871cb85f6198c3c8b45e1776a3930ea380da3
      "
    `);
    const { weights: _, ...bare } = weighted;
    expect(card(datasetFromArrays({ ...bare, flags }))).toContain("  1  1   33.3 %");
  });
});
