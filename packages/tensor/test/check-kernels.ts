/**
 * Run by `kernels.test.ts` as a program of its own, so that V8 can be told how to compile: prints every row of the table
 * whose bits are not the reference's. Argument: `wide` for 256 bits.
 */

import { wasm } from "../src/index.ts";
import { checkRow, table } from "./kernel-table.ts";

const backend = wasm({ wide: process.argv[2] === "wide" });
const differing = Object.entries(table).flatMap(([name, row]) =>
  row.dtypes.flatMap((dtype) => checkRow(row, dtype, backend).differing.map((where) => `${name}, ${where}`)),
);
console.log(JSON.stringify({ rows: Object.keys(table).length, differing }));
