/** Columns as views of the body of their record batch. The inverse is `encode/columns.ts`. */

import type { Column } from "../column.ts";
import { ArrowError } from "../error.ts";
import { arrayClasses, type NumberType, valueLayout } from "../types.ts";
import type { ByteRange, ColumnPlace } from "./batch.ts";

/**
 * The column at `place` of `body`, whose memory begins at a multiple of 8 bytes. Shares memory with it.
 * @throws ArrowError when offsets go back or lead outside the values.
 */
export function viewColumn(body: Uint8Array, place: ColumnPlace): Column {
  const { name, type, rows, nulls } = place;
  const validity = nulls === 0 ? undefined : view(body, place.validity, "uint8", Math.ceil(rows / 8));
  const { item, perRow } = valueLayout(type);
  let innermost = place;
  while (innermost.item !== undefined) innermost = innermost.item;
  const at = innermost.values ?? { offset: 0, length: 0 };
  if (perRow !== undefined) return { rows, validity, offsets: undefined, values: view(body, at, item, rows * perRow) };
  const offsets = view(body, place.offsets ?? at, "int32", rows === 0 ? 0 : rows + 1);
  const count = checkOffsets(name, offsets);
  const available = type === "utf8" ? at.length : innermost.rows;
  // The items of lists are counted, the bytes of text are padded.
  if (type === "utf8" ? count > available : count !== available)
    throw new ArrowError(`in column ${name} ${available} values where the offsets tell ${count}`);
  return { rows, validity, offsets, values: view(body, at, item, count) };
}

/** @returns the last offset, or 0. */
function checkOffsets(name: string, offsets: Int32Array): number {
  let previous = 0;
  for (const [i, offset] of offsets.entries()) {
    if (i === 0 ? offset !== 0 : offset < previous)
      throw new ArrowError(`in column ${name} offset ${offset} after ${previous}`);
    previous = offset;
  }
  return previous;
}

function view<Type extends NumberType>(body: Uint8Array, { offset }: ByteRange, type: Type, count: number) {
  return new (arrayClasses[type] as (typeof arrayClasses)[Type])(body.buffer, body.byteOffset + offset, count);
}
