/** One column of a record batch, and its cells. `encode/columns.ts` makes columns from values; `decode/columns.ts` from bytes. */

import type { NumberArray } from "./types.ts";

/** A column in memory. When it was read it shares memory with the bytes it was read from. */
export interface Column {
  readonly rows: number;
  /** One bit a row, the lowest first; 1 = has a value. Undefined when every row has one. */
  readonly validity: Uint8Array | undefined;
  /** Of text and lists: row i holds the values from offsets[i] to offsets[i + 1]. Empty when there are no rows. */
  readonly offsets: Int32Array | undefined;
  /** Numbers as such, text as UTF-8; of lists the numbers of all rows. */
  readonly values: NumberArray;
}

/** Whether the row has a value, that is, is not null. */
export function hasValue({ validity }: Column, row: number): boolean {
  return validity === undefined || (((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** The values of one row of a column of lists or text, as a view. */
export function listAt({ offsets, values }: Column, row: number): NumberArray {
  return values.subarray(offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0);
}

const decoder = new TextDecoder();

/** The text of one row of a column of text. */
export function textAt(column: Column, row: number): string {
  return decoder.decode(listAt(column, row));
}
