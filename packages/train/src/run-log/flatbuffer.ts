// The few FlatBuffers reads that opening an Arrow message needs, each bounded by the view it reads from:
// DataView refuses an offset beyond its end (RangeError), `vector` a count that does not fit.
// Deliberately no writing: encode.ts leaves that to apache-arrow.

/** A table at `position` of `view`. A field is named by its vtable slot: 4, 6, 8 … in the order of Arrow's .fbs. */
export interface FlatTable {
  readonly view: DataView;
  readonly position: number;
}

export interface FlatVector {
  readonly start: number;
  readonly length: number;
}

export function rootTable(view: DataView): FlatTable {
  return { view, position: view.getInt32(0, true) };
}

/** Where the field is, or undefined when the table leaves it at its default. */
function locate({ view, position }: FlatTable, slot: number): number | undefined {
  const vtable = position - view.getInt32(position, true);
  if (slot >= view.getInt16(vtable, true)) return undefined;
  const offset = view.getInt16(vtable + slot, true);
  return offset === 0 ? undefined : position + offset;
}

export function uint8(table: FlatTable, slot: number): number {
  const at = locate(table, slot);
  return at === undefined ? 0 : table.view.getUint8(at);
}

export function int16(table: FlatTable, slot: number): number {
  const at = locate(table, slot);
  return at === undefined ? 0 : table.view.getInt16(at, true);
}

export function int32(table: FlatTable, slot: number): number {
  const at = locate(table, slot);
  return at === undefined ? 0 : table.view.getInt32(at, true);
}

/** A 64-bit field as a number; beyond 2^53 it is rounded, which every caller refuses as too large anyway. */
export function int64(table: FlatTable, slot: number): number {
  const at = locate(table, slot);
  return at === undefined ? 0 : int64At(table.view, at);
}

export function int64At(view: DataView, position: number): number {
  return Number(view.getBigInt64(position, true));
}

export function has(table: FlatTable, slot: number): boolean {
  return locate(table, slot) !== undefined;
}

/** The table that the field points to. @throws RangeError when the field is absent. */
export function child(table: FlatTable, slot: number): FlatTable {
  const at = locate(table, slot);
  if (at === undefined) throw new RangeError(`slot ${slot} is absent`);
  return tableAt(table.view, at);
}

/** The table behind the offset stored at `position`, as in a vector of tables. */
export function tableAt(view: DataView, position: number): FlatTable {
  return { view, position: position + view.getInt32(position, true) };
}

/** @throws RangeError when the elements do not fit in the view. */
export function vector(table: FlatTable, slot: number, bytesPerElement: number): FlatVector {
  const at = locate(table, slot);
  if (at === undefined) return { start: 0, length: 0 };
  const position = at + table.view.getInt32(at, true);
  const length = table.view.getInt32(position, true);
  const start = position + 4;
  if (length < 0 || start + length * bytesPerElement > table.view.byteLength)
    throw new RangeError(`${length} elements do not fit`);
  return { start, length };
}

export function text(table: FlatTable, slot: number): string {
  const { view } = table;
  const { start, length } = vector(table, slot, 1);
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length));
}
