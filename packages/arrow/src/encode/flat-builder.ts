/**
 * Building FlatBuffers, the encoding of Arrow's headers. A buffer grows from its end to its beginning: what is pointed to is
 * written before what points to it. Places are counted from the end. The bytes are those of the `flatbuffers` package for
 * the same calls in the same order. The inverse is `decode/flat-table.ts`.
 */

type Kind = "int8" | "int16" | "int32" | "int64" | "place";

/** A field of a table: its number in Arrow's .fbs file, its kind, its value. A value of 0 is Arrow's default and left out. */
export type TableField = readonly [field: number, kind: Kind, value: number];

const sizes: Readonly<Record<Kind, number>> = { int8: 1, int16: 2, int32: 4, int64: 8, place: 4 };

export class FlatBuilder {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  /** Bytes still free, before those written. */
  #free = 1024;
  #largestAlignment = 1;
  readonly #layouts: number[] = [];

  /** A table with these fields, written in the order given. @returns its place. */
  table(fields: readonly TableField[]): number {
    const start = this.#place();
    const places: number[] = [];
    for (const [field, kind, value] of fields) {
      if (value === 0) continue;
      this.#add(kind, value);
      places[field] = this.#place();
    }
    this.#add("int32", 0);
    const table = this.#place();
    this.#layout(table, start, places);
    return table;
  }

  /** A text as UTF-8, with a zero after it. @returns its place. */
  text(text: string): number {
    const utf8 = new TextEncoder().encode(text);
    this.#add("int8", 0);
    this.#align(4, utf8.length);
    this.#free -= utf8.length;
    this.#bytes.set(utf8, this.#free);
    this.#write("int32", utf8.length);
    return this.#place();
  }

  /** A vector of tables or texts. @returns its place. */
  places(places: readonly number[]): number {
    this.#align(4, 4 * places.length);
    for (const place of places.toReversed()) this.#add("place", place);
    this.#write("int32", places.length);
    return this.#place();
  }

  /** A vector of structs of int64, one row each; `width` values in a row. @returns its place. */
  structs(width: number, rows: readonly (readonly number[])[]): number {
    this.#align(4, 8 * width * rows.length);
    this.#align(8, 8 * width * rows.length);
    for (const row of rows.toReversed()) for (const value of row.toReversed()) this.#write("int64", value);
    this.#write("int32", rows.length);
    return this.#place();
  }

  /** The bytes of the buffer whose root is `table`. */
  finish(table: number): Uint8Array {
    this.#align(this.#largestAlignment, 4);
    this.#add("place", table);
    return this.#bytes.subarray(this.#free);
  }

  /** The layout of a table (FlatBuffers' vtable), once for all tables that have the same. */
  #layout(table: number, start: number, places: readonly number[]): void {
    const entries = Array.from(places, (place) => (place === undefined ? 0 : table - place));
    for (const entry of entries.toReversed()) this.#add("int16", entry);
    this.#add("int16", table - start);
    this.#add("int16", 4 + 2 * entries.length);
    const equal = this.#layouts.find((place) => this.#isSameLayout(place));
    if (equal === undefined) this.#layouts.push(this.#place());
    const layout = equal ?? this.#place();
    if (equal !== undefined) this.#free = this.#bytes.length - table;
    this.#view.setInt32(this.#bytes.length - table, layout - table, true);
  }

  /** Whether the layout at `place` equals the one just written. */
  #isSameLayout(place: number): boolean {
    const other = this.#bytes.length - place;
    const length = this.#view.getInt16(this.#free, true);
    for (let at = 0; at < length; at++) if (this.#bytes[this.#free + at] !== this.#bytes[other + at]) return false;
    return true;
  }

  #place(): number {
    return this.#bytes.length - this.#free;
  }

  #add(kind: Kind, value: number): void {
    this.#align(sizes[kind], 0);
    this.#write(kind, kind === "place" ? this.#place() - value + 4 : value);
  }

  #write(kind: Kind, value: number): void {
    this.#free -= sizes[kind];
    if (kind === "int8") this.#view.setInt8(this.#free, value);
    else if (kind === "int16") this.#view.setInt16(this.#free, value, true);
    else if (kind === "int64") this.#view.setBigInt64(this.#free, BigInt(value), true);
    else this.#view.setInt32(this.#free, value, true);
  }

  /** Pads so that after `following` more bytes the place is a multiple of `alignment`, and makes room for both. */
  #align(alignment: number, following: number): void {
    this.#largestAlignment = Math.max(this.#largestAlignment, alignment);
    const padding = -(this.#place() + following) & (alignment - 1);
    while (this.#free < padding + alignment + following) this.#grow();
    // The bytes below #free may hold a layout that was taken back.
    this.#bytes.fill(0, this.#free - padding, this.#free);
    this.#free -= padding;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes, this.#bytes.length);
    this.#free += this.#bytes.length;
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
