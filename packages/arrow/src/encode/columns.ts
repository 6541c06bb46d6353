/** Columns from values. The types of the schema must suit: `encodeBatch` checks it. */

import type { Column } from "../column.ts";
import { joinBytes } from "../join-bytes.ts";
import type { NumberArray } from "../types.ts";

/** A column of numbers without nulls, over `values`. */
export function numberColumn(values: NumberArray): Column {
  return { rows: values.length, validity: undefined, offsets: undefined, values };
}

/** A column of float64; null is no value. */
export function nullableNumberColumn(values: readonly (number | null)[]): Column {
  const numbers = Float64Array.from(values, (value) => value ?? 0);
  return { rows: values.length, validity: validityOf(values), offsets: undefined, values: numbers };
}

/** A column of text. */
export function textColumn(texts: readonly string[]): Column {
  const encoder = new TextEncoder();
  const parts = texts.map((text) => encoder.encode(text));
  return { rows: texts.length, validity: undefined, offsets: offsetsOf(parts), values: joinBytes(parts) };
}

/** A column of lists; null is no list. `arrayClass` holds the numbers of all of them. */
export function listColumn(
  rows: readonly (ArrayLike<number> | null)[],
  arrayClass: new (length: number) => Int32Array | Float32Array | Float64Array,
): Column {
  const offsets = offsetsOf(rows);
  const values = new arrayClass(offsets.at(-1) ?? 0);
  for (const [i, row] of rows.entries()) if (row !== null) values.set(row, offsets[i] ?? 0);
  return { rows: rows.length, validity: validityOf(rows), offsets, values };
}

/** A column of `rows` lists of the same size without nulls, over `values`: all numbers, row by row. */
export function fixedSizeListColumn(values: NumberArray, rows: number): Column {
  return { rows, validity: undefined, offsets: undefined, values };
}

function offsetsOf(rows: readonly ({ readonly length: number } | null)[]): Int32Array {
  const offsets = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) offsets[i + 1] = (offsets[i] ?? 0) + (row?.length ?? 0);
  return offsets;
}

function validityOf(rows: readonly unknown[]): Uint8Array | undefined {
  if (!rows.includes(null)) return undefined;
  const validity = new Uint8Array(Math.ceil(rows.length / 8));
  for (const [i, row] of rows.entries()) {
    if (row !== null) validity[i >> 3] = (validity[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return validity;
}
