/**
 * Reading FlatBuffers (the encoding of Arrow's headers) from bytes that may be damaged or crafted: every offset and length
 * is checked against the bytes before it is followed, and nothing is allocated for a length that the bytes cannot hold.
 * Only reading, only what Arrow's headers need. Fields are numbered as in Arrow's .fbs files.
 */

/** Damaged bytes, without the name of the file: `read.ts` turns it into a DataError. */
export class Malformed extends Error {}

/** A vector of structs: `count` of them, `stride` bytes apart. */
export interface Structs {
  readonly count: number;
  readonly position: number;
}

/** Strings longer than this are refused: Arrow's headers have none. */
const longestString = 2 ** 20;

/** One table. Absent fields give their default. */
export class FlatTable {
  readonly view: DataView;
  readonly #position: number;
  readonly #fields: number;
  readonly #fieldBytes: number;

  constructor(view: DataView, position: number) {
    this.view = view;
    this.#position = position;
    this.#fields = position - view.getInt32(position, true);
    this.#fieldBytes = view.getUint16(this.#fields, true);
  }

  /** The table that a buffer begins with. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(0, true));
  }

  int8(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === 0 ? absent : this.view.getInt8(at);
  }

  int16(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === 0 ? absent : this.view.getInt16(at, true);
  }

  int32(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === 0 ? absent : this.view.getInt32(at, true);
  }

  /** An int64 that stands for a size or a position: an exact integer of at least 0. */
  size(field: number): number {
    const at = this.#find(field);
    return at === 0 ? 0 : readSize(this.view, at);
  }

  has(field: number): boolean {
    return this.#find(field) !== 0;
  }

  table(field: number): FlatTable {
    const at = this.#find(field);
    if (at === 0) throw new Malformed(`no table in field ${field}`);
    return new FlatTable(this.view, follow(this.view, at));
  }

  string(field: number): string {
    const at = this.#find(field);
    if (at === 0) return "";
    const start = follow(this.view, at);
    const length = this.view.getUint32(start, true);
    if (length > longestString || start + 4 + length > this.view.byteLength) {
      throw new Malformed(`a string of ${length} bytes`);
    }
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + start + 4, length));
  }

  /** A vector of at most `most` tables. */
  tables(field: number, most: number): FlatTable[] {
    const { count, position } = this.structs(field, 4);
    if (count > most) throw new Malformed(`a list of ${count} entries where at most ${most} are expected`);
    return Array.from({ length: count }, (_, i) => {
      return new FlatTable(this.view, follow(this.view, position + 4 * i));
    });
  }

  /** A vector of structs of `stride` bytes each. */
  structs(field: number, stride: number): Structs {
    const at = this.#find(field);
    if (at === 0) return { count: 0, position: 0 };
    const start = follow(this.view, at);
    const count = this.view.getUint32(start, true);
    if (start + 4 + count * stride > this.view.byteLength) throw new Malformed(`a list of ${count} entries`);
    return { count, position: start + 4 };
  }

  /** Where a field's value stands; 0 when it is absent. */
  #find(field: number): number {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#fieldBytes) return 0;
    const offset = this.view.getUint16(this.#fields + slot, true);
    return offset === 0 ? 0 : this.#position + offset;
  }
}

/** An int64 at `position` that must be an exact integer of at least 0. */
export function readSize(view: DataView, position: number): number {
  const value = Number(view.getBigInt64(position, true));
  if (!Number.isSafeInteger(value) || value < 0) throw new Malformed(`a size of ${value}`);
  return value;
}

function follow(view: DataView, position: number): number {
  return position + view.getUint32(position, true);
}
