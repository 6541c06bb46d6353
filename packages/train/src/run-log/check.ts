// Is a message what this version of the schema says? Answered from sizes and offsets alone, before apache-arrow
// decodes (and allocates for) anything. The layout is fixed, so counts are compared with constants.
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

type Column = "int32" | "float32" | "float64" | "utf8" | "list<int32>" | "list<float32>";
const COLUMNS: readonly (readonly [name: string, type: Column])[] = [
  ["step", "int32"],
  ["epoch", "int32"],
  ["elapsedMs", "float64"],
  ["split", "utf8"],
  ["name", "utf8"],
  ["value", "float64"],
  ["shape", "list<int32>"],
  ["data", "list<float32>"],
];
const NODE_COUNT = 10;
const BUFFER_COUNT = 22;

/** The schema's metadata. @throws RunLogError unless the columns are exactly those of the run log. */
export function checkSchema(frame: Frame): Map<string, string> {
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

interface Span {
  readonly offset: number;
  readonly bytes: number;
}

/** Checks one record batch: rows, null counts, buffers inside the body and in order, offsets ascending. */
export function checkBatch(frame: Frame): void {
  guard(frame.start, () => {
    const { header, start } = frame;
    if (has(header, 10) || vector(header, 12, 8).length > 0)
      throw corrupt(start, "a compressed batch or one with views");
    const nodes = vector(header, 6, 16);
    const buffers = vector(header, 8, 16);
    if (nodes.length !== NODE_COUNT || buffers.length !== BUFFER_COUNT)
      throw corrupt(start, `a batch of ${nodes.length} nodes and ${buffers.length} buffers`);
    const cursor = new BatchCursor(frame, nodes.start, buffers.start);
    const rows = int64(header, 4);
    for (const [name, type] of COLUMNS) cursor.column(name, type, rows);
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

  column(name: string, type: Column, rows: number): void {
    this.nextNode(name, rows);
    if (type === "utf8") this.offsets(name, rows, (last) => this.values(name, last, 1));
    else if (type === "list<int32>" || type === "list<float32>")
      this.offsets(name, rows, (last) => {
        this.nextNode(name, last);
        this.values(name, last, 4);
      });
    else this.values(name, rows, type === "float64" ? 8 : 4);
  }

  private nextNode(name: string, expectedRows: number): void {
    const { view } = this.frame.header;
    const rows = int64At(view, this.node);
    const nulls = int64At(view, this.node + 8);
    this.node += 16;
    if (rows !== expectedRows || rows < 0) this.refuse(name, `${rows} rows where ${expectedRows} belong`);
    if (nulls < 0 || nulls > rows) this.refuse(name, `${nulls} nulls in ${rows} rows`);
    const validity = this.nextBuffer(name);
    if (nulls > 0 && validity.bytes < Math.ceil(rows / 8)) this.refuse(name, `a null map of ${validity.bytes} bytes`);
  }

  private nextBuffer(name: string): Span {
    const { view } = this.frame.header;
    const offset = int64At(view, this.buffer);
    const bytes = int64At(view, this.buffer + 8);
    this.buffer += 16;
    const inside = offset >= this.freeFrom && offset % 8 === 0 && bytes >= 0;
    if (!inside || offset + bytes > this.frame.body.byteLength)
      this.refuse(name, `a buffer of ${bytes} bytes at ${offset} in a body of ${this.frame.body.byteLength}`);
    this.freeFrom = offset + bytes;
    return { offset, bytes };
  }

  private values(name: string, count: number, bytesPerValue: number): void {
    const { bytes } = this.nextBuffer(name);
    if (bytes < count * bytesPerValue) this.refuse(name, `${bytes} bytes for ${count} values`);
  }

  private offsets(name: string, rows: number, inner: (last: number) => void): void {
    const { offset, bytes } = this.nextBuffer(name);
    if (rows === 0) {
      inner(0);
      return;
    }
    if (bytes < 4 * (rows + 1)) this.refuse(name, `${bytes} bytes for ${rows + 1} offsets`);
    const { buffer, byteOffset } = this.frame.body;
    const offsets = new DataView(buffer, byteOffset + offset, 4 * (rows + 1));
    let previous = offsets.getInt32(0, true);
    if (previous !== 0) this.refuse(name, `a first offset of ${previous}`);
    for (let i = 1; i <= rows; i++) {
      const next = offsets.getInt32(4 * i, true);
      if (next < previous) this.refuse(name, `offset ${next} after ${previous}`);
      previous = next;
    }
    inner(previous);
  }

  private refuse(name: string, received: string): never {
    throw corrupt(this.frame.start, `in column ${name} ${received}`);
  }
}
