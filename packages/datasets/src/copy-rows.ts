/** Copying rows that lie apart. */

import type { InputData } from "./row-arrays.ts";

/** Rows of one length, each the values of an array from some element on. */
export interface ScatteredRows {
  readonly arrays: readonly InputData[];
  readonly starts: readonly number[];
  readonly width: number;
}

/** Copies rows into `out` one after the other, or each to its place in `positions`. */
export function copyRows(rows: ScatteredRows, out: InputData, positions?: readonly number[]): void {
  const { arrays, starts, width } = rows;
  const rowsAhead = Math.max(1, Math.floor(touchedBytes / (width * out.BYTES_PER_ELEMENT)));
  for (let from = 0; from < arrays.length; from += rowsAhead) {
    const to = Math.min(arrays.length, from + rowsAhead);
    if (rowsAhead > 1) touch(rows, from, to);
    for (let i = from; i < to; i++) {
      const row = arrays[i]!.subarray(starts[i]!, starts[i]! + width);
      out.set(row, (positions === undefined ? i : positions[i]!) * width);
    }
  }
}

/** Bytes of rows that are looked at before they are copied: they stay in the second cache until then. */
const touchedBytes = 65536;

const touched = new Float64Array(1);

/**
 * Looks at each cache line of rows `from` … `to` − 1 once. Rows in random order lie far apart: in a loop that does nothing
 * else the processor waits for many lines at the same time, while copying row after row it waits for one after the other.
 * It looks ahead so many instructions: with eight lines a turn there are more lines among these.
 */
function touch({ arrays, starts, width }: ScatteredRows, from: number, to: number): void {
  const line = 64 / arrays[from]!.BYTES_PER_ELEMENT;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const array = arrays[i]!;
    let at = starts[i]!;
    const end = at + width;
    for (; at + 7 * line < end; at += 8 * line) {
      sum += array[at]! + array[at + line]! + array[at + 2 * line]! + array[at + 3 * line]!;
      sum += array[at + 4 * line]! + array[at + 5 * line]! + array[at + 6 * line]! + array[at + 7 * line]!;
    }
    for (; at < end; at += line) sum += array[at]!;
  }
  // Kept, so that no compiler leaves the loop out.
  touched[0] = sum;
}
