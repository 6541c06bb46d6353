/**
 * Reading FlatBuffers, the encoding of Arrow's headers, from bytes that may be damaged or crafted. Every offset and length is
 * checked against the bytes before it is followed, and nothing is allocated for a length that the bytes cannot hold. Only what
 * Arrow's headers need. Fields are numbered as in Arrow's .fbs files. The inverse is `encode/flat-builder.ts`.
 */

import { ArrowError } from "../error.ts";

/** A vector of structs that lie one after another from `position` on. */
export interface Structs {
  readonly count: number;
  readonly position: number;
}

/** One table. Absent fields are 0, Arrow's default for all that is read here. */
export class FlatTable {
  readonly view: DataView;
  readonly #position: number;
  readonly #layout: number;
  readonly #layoutBytes: number;

  /** The table at `position` of `view`. @throws ArrowError, as every method, where an offset leads outside the view. */
  constructor(view: DataView, position: number) {
    this.view = view;
    this.#position = inside(view, position, 4);
    this.#layout = inside(view, position - view.getInt32(position, true), 4);
    this.#layoutBytes = view.getUint16(this.#layout, true);
    inside(view, this.#layout, this.#layoutBytes);
  }

  /** The table that a buffer begins with. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new FlatTable(view, view.getUint32(inside(view, 0, 4), true));
  }

  int8(field: number): number {
    const at = this.#find(field, 1);
    return at === undefined ? 0 : this.view.getInt8(at);
  }

  int16(field: number): number {
    const at = this.#find(field, 2);
    return at === undefined ? 0 : this.view.getInt16(at, true);
  }

  int32(field: number): number {
    const at = this.#find(field, 4);
    return at === undefined ? 0 : this.view.getInt32(at, true);
  }

  /** An int64 that stands for a size or a position: an exact integer of at least 0. */
  size(field: number): number {
    const at = this.#find(field, 8);
    return at === undefined ? 0 : readSize(this.view, at);
  }

  has(field: number): boolean {
    return this.#find(field, 1) !== undefined;
  }

  table(field: number): FlatTable {
    const at = this.#find(field, 4);
    if (at === undefined) throw new ArrowError(`no table in field ${field}`);
    return new FlatTable(this.view, this.#follow(at));
  }

  /** A text; "" when it is absent. Bytes that are no UTF-8 become U+FFFD. */
  string(field: number): string {
    const { count, position } = this.structs(field, 1);
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.view.byteOffset + position, count));
  }

  /** A vector of at most `most` tables. */
  tables(field: number, most: number): FlatTable[] {
    const { count, position } = this.structs(field, 4);
    if (count > most) throw new ArrowError(`a list of ${count} entries where at most ${most} are expected`);
    return Array.from({ length: count }, (_, i) => new FlatTable(this.view, this.#follow(position + 4 * i)));
  }

  /** A vector of structs of `stride` bytes each. */
  structs(field: number, stride: number): Structs {
    const at = this.#find(field, 4);
    if (at === undefined) return { count: 0, position: 0 };
    const start = inside(this.view, this.#follow(at), 4);
    const count = this.view.getUint32(start, true);
    if (start + 4 + count * stride > this.view.byteLength) throw new ArrowError(`a list of ${count} entries`);
    return { count, position: start + 4 };
  }

  /** Where the `bytes` of a field's value begin; undefined when the field is absent. */
  #find(field: number, bytes: number): number | undefined {
    const slot = 4 + 2 * field;
    if (slot + 2 > this.#layoutBytes) return undefined;
    const offset = this.view.getUint16(this.#layout + slot, true);
    return offset === 0 ? undefined : inside(this.view, this.#position + offset, bytes);
  }

  #follow(position: number): number {
    return position + this.view.getUint32(position, true);
  }
}

/** The int64 at `position`, which must be an exact integer of at least 0. */
export function readSize(view: DataView, position: number): number {
  const value = Number(view.getBigInt64(inside(view, position, 8), true));
  if (!Number.isSafeInteger(value) || value < 0) throw new ArrowError(`a size of ${value}`);
  return value;
}

/** `position`, when `bytes` bytes lie there. */
function inside(view: DataView, position: number, bytes: number): number {
  if (position >= 0 && position + bytes <= view.byteLength) return position;
  throw new ArrowError("an offset outside the message");
}
