/** Copying rows that lie apart. */

import type { InputData } from "./columns.ts";

/** Copies `rows`, all of one length, into `out` one after the other, or each to its place in `positions`. */
export function copyRows(rows: readonly InputData[], out: InputData, positions?: readonly number[]): void {
  const width = rows[0]?.length ?? 0;
  const rowsAhead = Math.max(1, Math.floor(touchedBytes / (width * out.BYTES_PER_ELEMENT)));
  for (let from = 0; from < rows.length; from += rowsAhead) {
    const to = Math.min(rows.length, from + rowsAhead);
    if (rowsAhead > 1) touch(rows, from, to);
    for (let i = from; i < to; i++) out.set(rows[i]!, (positions === undefined ? i : positions[i]!) * width);
  }
}

/** Bytes of rows that are looked at before they are copied: they stay in the second cache until then. */
const touchedBytes = 65536;

const touched = new Float64Array(1);

/**
 * Looks at each cache line of rows `from` … `to` − 1 once. Rows in random order lie far apart: in a loop that does nothing
 * else the processor waits for many lines at the same time, while copying row after row it waits for one after the other.
 * It looks ahead so many instructions: with four lines a turn there are more lines among these.
 */
function touch(rows: readonly InputData[], from: number, to: number): void {
  const line = 64 / rows[from]!.BYTES_PER_ELEMENT;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    let at = 0;
    for (; at + 3 * line < row.length; at += 4 * line)
      sum += row[at]! + row[at + line]! + row[at + 2 * line]! + row[at + 3 * line]!;
    for (; at < row.length; at += line) sum += row[at]!;
  }
  // Kept, so that no compiler leaves the loop out.
  touched[0] = sum;
}
