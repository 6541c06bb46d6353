/** A model as a table for people. */

import { formatShape, sizeOf } from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import type { Sequential } from "./sequential.ts";

/**
 * One line for each layer, with its output shape (N, the size of the batch, first) and number of parameters, and a total.
 * @example summary(sequential([2], dense(5), sigmoid(), dense(2)))
 * // layer          output   parameters
 * // input          [N, 2]            0
 * // 1  dense(5)    [N, 5]           15
 * // 2  sigmoid()   [N, 5]            0
 * // 3  dense(2)    [N, 2]           12
 * // total                           27
 */
export function summary(model: Sequential): string {
  checkMembers("summary", "model", model, ["layers", "inputShape"], "a model made by sequential");
  const counts = model.layers.map(({ parameterShapes }) =>
    Object.values(parameterShapes).reduce((total, shape) => total + sizeOf(shape), 0),
  );
  const rows = [
    ["layer", "output", "parameters"],
    ["input", batched(model.inputShape), "0"],
    ...model.layers.map(({ layer, outputShape }, i) => [
      `${String(i + 1).padStart(String(model.layers.length).length)}  ${layer.call}`,
      batched(outputShape),
      counts[i]!.toLocaleString("en-US"),
    ]),
    ["total", "", counts.reduce((total, count) => total + count, 0).toLocaleString("en-US")],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      ([layer, output, parameters]) =>
        `${layer!.padEnd(widths[0]!)}   ${output!.padEnd(widths[1]!)}   ${parameters!.padStart(widths[2]!)}`,
    )
    .join("\n");
}

function batched(shape: readonly number[]): string {
  return formatShape(["N", ...shape] as unknown as number[]);
}
