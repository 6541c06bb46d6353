// Opening the messages of a run log: each is held against this version of the schema, and every count, size and
// offset against the bytes that are there, before anything is allocated for it. Since the layout is fixed, counts are
// compared with constants, and a column is a view of the file. (A general Arrow reader would have to be fed checked
// bytes too, might read a crafted message differently from the check, and would weigh 180 kB in the report.)
import {
  child,
  type FlatTable,
  has,
  int16,
  int32,
  int64,
  int64At,
  tableAt,
  text,
  uint8,
  vector,
} from "./flatbuffer.ts";
import { corrupt, type Frame, guard } from "./frames.ts";

// Names of Arrow's Type union, by number, as far as the schema uses them.
const TYPE_NAMES: Readonly<Record<number, string>> = { 2: "Int", 3: "FloatingPoint", 5: "Utf8", 12: "List" };
const MAX_METADATA_ENTRIES = 64;

type ColumnType = "int32" | "float32" | "float64" | "utf8" | "list<int32>" | "list<float32>";
const COLUMNS: readonly (readonly [name: string, type: ColumnType])[] = [
  ["step", "int32"],
  ["epoch", "int32"],
  ["elapsedMs", "float64"],
  ["split", "utf8"],
  ["name", "utf8"],
  ["value", "float64"],
  ["shape", "list<int32>"],
  ["data", "list<float32>"],
];
const NULLABLE = ["value", "shape", "data"];
const NUMBERS: Readonly<Record<Exclude<ColumnType, "utf8">, NumbersOf<Int32Array | Float32Array | Float64Array>>> = {
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  "list<int32>": Int32Array,
  "list<float32>": Float32Array,
};
// A list counts twice: itself and its items.
const NODE_COUNT = 10;
const BUFFER_COUNT = 22;

/** The schema's metadata. @throws RunLogError unless the columns are exactly those of the run log. */
export function openSchema(frame: Frame): Map<string, string> {
  return guard(frame.start, () => {
    const { view } = frame.header;
    const fields = vector(frame.header, 6, 4);
    const received: string[] = [];
    for (let i = 0; i < Math.min(fields.length, COLUMNS.length + 1); i++) {
      const field = tableAt(view, fields.start + 4 * i);
      received.push(`${text(field, 4)}: ${typeName(field)}`);
    }
    const expected = COLUMNS.map(([name, type]) => `${name}: ${type}`);
    if (received.join() !== expected.join()) throw corrupt(frame.start, `columns {${received.join(", ")}}`);
    const entries = vector(frame.header, 8, 4);
    if (entries.length > MAX_METADATA_ENTRIES) throw corrupt(frame.start, `${entries.length} metadata entries`);
    const metadata = new Map<string, string>();
    for (let i = 0; i < entries.length; i++) {
      const entry = tableAt(view, entries.start + 4 * i);
      metadata.set(text(entry, 4), text(entry, 6));
    }
    return metadata;
  });
}

function typeName(field: FlatTable): string {
  if (has(field, 12)) return "dictionary";
  const kind = TYPE_NAMES[uint8(field, 8)];
  const children = vector(field, 14, 4);
  if (kind === "List" && children.length === 1) {
    const item = tableAt(field.view, children.start);
    // A list within a list is nothing of ours; not following it also bounds the recursion.
    return vector(item, 14, 4).length === 0 ? `list<${typeName(item)}>` : "list<…>";
  }
  if (children.length > 0) return "nested";
  if (kind === "Int") return `${uint8(child(field, 10), 6) ? "int" : "uint"}${int32(child(field, 10), 4)}`;
  if (kind === "FloatingPoint") return ["float16", "float32", "float64"][int16(child(field, 10), 4)] ?? "float";
  return kind?.toLowerCase() ?? "unknown";
}

/** A column as views of the message's body. */
export interface Column {
  readonly rows: number;
  /** One bit a row, 1 = has a value; undefined when every row has one. */
  readonly validity: Uint8Array | undefined;
  /** Text and lists: row i holds the values from offsets[i] to offsets[i + 1]. */
  readonly offsets: Int32Array | undefined;
  /** Numbers as such, text as UTF-8; of a list all rows' numbers. */
  readonly values: Int32Array | Float32Array | Float64Array | Uint8Array;
}

/** The columns of one record batch, by name. @throws RunLogError unless everything lies in the body, in order. */
export function openBatch(frame: Frame): ReadonlyMap<string, Column> {
  return guard(frame.start, () => {
    const { header, start } = frame;
    if (has(header, 10) || vector(header, 12, 8).length > 0) throw corrupt(start, "a compressed batch");
    const nodes = vector(header, 6, 16);
    const buffers = vector(header, 8, 16);
    if (nodes.length !== NODE_COUNT || buffers.length !== BUFFER_COUNT)
      throw corrupt(start, `a batch of ${nodes.length} nodes and ${buffers.length} buffers`);
    const cursor = new BatchCursor(frame, nodes.start, buffers.start);
    const rows = int64(header, 4);
    return new Map(COLUMNS.map(([name, type]) => [name, cursor.column(name, type, rows)]));
  });
}

/** Walks nodes and buffers in the order in which Arrow lists them: depth first. */
class BatchCursor {
  private readonly frame: Frame;
  private node: number;
  private buffer: number;
  private freeFrom = 0;

  constructor(frame: Frame, node: number, buffer: number) {
    this.frame = frame;
    this.node = node;
    this.buffer = buffer;
  }

  column(name: string, type: ColumnType, rows: number): Column {
    const validity = this.validity(name, rows);
    if (type === "utf8") {
      const offsets = this.offsets(name, rows);
      const values = this.numbers(name, Uint8Array, offsets.at(-1) ?? 0);
      return { rows, validity, offsets, values };
    }
    if (type === "list<int32>" || type === "list<float32>") {
      const offsets = this.offsets(name, rows);
      const count = offsets.at(-1) ?? 0;
      if (this.validity(name, count) !== undefined) this.refuse(name, "nulls within a list");
      return { rows, validity, offsets, values: this.numbers(name, NUMBERS[type], count) };
    }
    return { rows, validity, offsets: undefined, values: this.numbers(name, NUMBERS[type], rows) };
  }

  /** Takes the next node; the map of its nulls is undefined when it has none. */
  private validity(name: string, expectedRows: number): Uint8Array | undefined {
    const { view } = this.frame.header;
    const rows = int64At(view, this.node);
    const nulls = int64At(view, this.node + 8);
    this.node += 16;
    if (rows !== expectedRows || rows < 0) this.refuse(name, `${rows} rows where ${expectedRows} belong`);
    if (nulls < 0 || nulls > rows) this.refuse(name, `${nulls} nulls in ${rows} rows`);
    const bytes = this.next(name);
    if (nulls === 0) return undefined;
    if (!NULLABLE.includes(name)) this.refuse(name, `${nulls} nulls`);
    if (bytes.length < Math.ceil(rows / 8)) this.refuse(name, `a null map of ${bytes.length} bytes`);
    return bytes;
  }

  private offsets(name: string, rows: number): Int32Array {
    const offsets = this.numbers(name, Int32Array, rows === 0 ? 0 : rows + 1);
    let previous = 0;
    for (const [i, offset] of offsets.entries()) {
      if (i === 0 ? offset !== 0 : offset < previous) this.refuse(name, `offset ${offset} after ${previous}`);
      previous = offset;
    }
    return offsets;
  }

  /** Views the next buffer as `count` values. */
  private numbers<A>(name: string, type: NumbersOf<A>, count: number): A {
    const bytes = this.next(name);
    if (bytes.length < count * type.BYTES_PER_ELEMENT) this.refuse(name, `${bytes.length} bytes for ${count} values`);
    return new type(bytes.buffer, bytes.byteOffset, count);
  }

  /** Takes the next buffer. */
  private next(name: string): Uint8Array {
    const { view } = this.frame.header;
    const { body } = this.frame;
    const offset = int64At(view, this.buffer);
    const length = int64At(view, this.buffer + 8);
    this.buffer += 16;
    const inside = offset >= this.freeFrom && offset % 8 === 0 && length >= 0 && offset + length <= body.length;
    if (!inside) this.refuse(name, `a buffer of ${length} bytes at ${offset} in a body of ${body.length}`);
    this.freeFrom = offset + length;
    return body.subarray(offset, offset + length);
  }

  private refuse(name: string, received: string): never {
    throw corrupt(this.frame.start, `in column ${name} ${received}`);
  }
}

interface NumbersOf<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
}
