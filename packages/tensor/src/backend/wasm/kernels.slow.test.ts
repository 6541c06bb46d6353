/**
 * Which operations have kernels, each with the reference's bits. The listing beside this file is what the table gives:
 * `vitest -u` writes it anew.
 */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { type Any, checkRow, table } from "../../../test/kernel-table.ts";
import { add, type DType, greater, max, sum, tensor, trace } from "../../index.ts";
import { wasm } from "./wasm.ts";

const program = join(import.meta.dirname, "../../../test/check-kernels.ts");
const columns: readonly DType[] = ["float32", "int32", "uint8", "float64"];
const listing: string[] = [];

test.each(Object.entries(table))("%s", (name, row) => {
  const cells = columns.map((dtype) => {
    if (!row.dtypes.includes(dtype)) return "";
    const { differing, onLoops } = checkRow(row, dtype, wasm());
    expect(differing).toEqual([]);
    return onLoops.length === 0 ? "kernels" : `${onLoops.join(", ")} on loops`;
  });
  listing.push(`| ${[name, ...cells].join(" | ")} |`);
});

test("the listing is as committed", async () => {
  const head = `# Operations on the engine

What of each row of \`test/kernel-table.ts\` has kernels, and what runs on the reference loops inside a program.

| operation | ${columns.join(" | ")} |
|---|---|---|---|---|`;
  await expect(`${[head, ...listing].join("\n")}\n`).toMatchFileSnapshot("./OPERATIONS.md");
});

// Called once, a kernel runs as the quick compiler leaves it; what V8 packs is what the other one compiles.
test.each([
  ["narrow", []],
  ["wide", ["--experimental-wasm-revectorize"]],
])("all of it by the optimising compiler, %s", async (width, flags) => {
  const args = ["--conditions=@nn/source", "--no-liftoff", ...flags, program, width];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
  expect(JSON.parse(stdout)).toEqual({ rows: Object.keys(table).length, differing: [] });
});

test("no elements", () => {
  const f = (x: Any): Any => [sum(x), greater(x, 0), max(add(tensor([1, 2]), 1))];
  const { graph } = trace(f, [tensor([]) as Any]);
  const [total, none, largest] = wasm()
    .compile(graph, [])
    .run([new Float32Array(0)]);
  expect([total![0], none!.length, largest![0]]).toEqual([0, 0, 3]);
});
