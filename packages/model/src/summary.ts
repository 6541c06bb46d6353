/** A model as a table for people. */

import { sizeOf } from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import { formatShapes, isModel, type Model, type Shapes } from "./contract/model.ts";

interface Row {
  readonly layer: string;
  readonly output: string;
  readonly parameters: number;
}

/**
 * One line for each layer, with its output shape (N, the size of the batch, first) and number of parameters, and a total.
 * Models within the model are indented. Buffers, which are not trained, have a line of their own where there are any.
 * @example summary(sequential([2], dense(5), sigmoid(), dense(2)))
 * // layer          output   parameters
 * // input          [N, 2]            0
 * // 1  dense(5)    [N, 5]           15
 * // 2  sigmoid()   [N, 5]            0
 * // 3  dense(2)    [N, 2]           12
 * // total                           27
 */
export function summary(model: Model): string {
  checkMembers("summary", "model", model, ["places", "inputShape"], "a model, made by sequential for example");
  const declared = Object.values(model.variables());
  const count = (role: "parameter" | "buffer"): number =>
    declared.reduce((total, variable) => total + (variable.role === role ? sizeOf(variable.shape) : 0), 0);
  const buffers = count("buffer");
  const lines: Row[] = [
    { layer: "input", output: batched(model.inputShape), parameters: 0 },
    ...rowsOf(model, ""),
    ...(buffers > 0 ? [{ layer: "buffers, not trained", output: "", parameters: buffers }] : []),
    { layer: "total", output: "", parameters: count("parameter") },
  ];
  const rows = [
    ["layer", "output", "parameters"],
    ...lines.map(({ layer, output, parameters }) => [layer, output, parameters.toLocaleString("en-US")]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      ([layer, output, parameters]) =>
        `${layer!.padEnd(widths[0]!)}   ${output!.padEnd(widths[1]!)}   ${parameters!.padStart(widths[2]!)}`,
    )
    .join("\n");
}

function rowsOf({ places }: Model, indent: string): Row[] {
  return places.flatMap(({ layer, outputShape, variables }, i) => {
    const number = String(i + 1).padStart(String(places.length).length);
    const parameters = Object.values(variables).reduce(
      (total, { role, shape }) => total + (role === "parameter" ? sizeOf(shape) : 0),
      0,
    );
    const row = { layer: `${indent}${number}  ${layer.call}`, output: batched(outputShape), parameters };
    return isModel(layer) ? [row, ...rowsOf(layer, `${indent}   `)] : [row];
  });
}

function batched(shape: Shapes): string {
  return Array.isArray(shape) ? `[${["N", ...shape].join(", ")}]` : formatShapes(shape);
}
