/**
 * Where the columns of a record batch lie in its body. Nothing of the body is read: a reader over a network asks for the
 * columns alone. Every count and size is held against the fields and the size of the body. The inverse is `encode/batch.ts`.
 */

import { ArrowError } from "../error.ts";
import { headers } from "../format.ts";
import { type ArrowType, arrayClasses, type Field } from "../types.ts";
import { type FlatTable, readSize } from "./flat-table.ts";

/** Bytes of a body or a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Where one column lies. The values of lists are those of `item`. */
export interface ColumnPlace {
  readonly name: string;
  readonly type: ArrowType;
  readonly rows: number;
  readonly nulls: number;
  readonly validity: ByteRange;
  /** Of text and lists. */
  readonly offsets?: ByteRange;
  /** Of numbers and text. */
  readonly values?: ByteRange;
  /** Of lists. */
  readonly item?: ColumnPlace;
}

export interface BatchPlace {
  readonly rows: number;
  readonly columns: readonly ColumnPlace[];
}

const nodeBytes = 16;
const bufferBytes = 16;

/** The record batch table of a message. @throws ArrowError for a message of another kind. */
export function batchHeader(message: FlatTable): FlatTable {
  if (message.int8(1) !== headers.recordBatch) throw new ArrowError("a message that is no record batch");
  return message.table(2);
}

/**
 * Places of the columns `fields` in a body of `bodyBytes`, relative to its beginning.
 * @throws ArrowError unless the batch has exactly these columns and all their buffers lie in the body, in order.
 */
export function locateColumns(header: FlatTable, bodyBytes: number, fields: readonly Field[]): BatchPlace {
  if (header.has(3) || header.structs(4, 8).count > 0) throw new ArrowError("compressed buffers");
  const cursor = new Cursor(header, bodyBytes);
  const rows = header.size(0);
  const columns = fields.map(({ name, type, nullable }) => cursor.column(name, type, nullable, rows));
  cursor.checkEnd();
  return { rows, columns };
}

/** Walks nodes and buffers in the order in which Arrow lists them: depth first. */
class Cursor {
  readonly #view: DataView;
  readonly #bodyBytes: number;
  readonly #nodes: { readonly count: number; readonly position: number };
  readonly #buffers: { readonly count: number; readonly position: number };
  #node = 0;
  #buffer = 0;
  #freeFrom = 0;

  constructor(header: FlatTable, bodyBytes: number) {
    this.#view = header.view;
    this.#bodyBytes = bodyBytes;
    this.#nodes = header.structs(1, nodeBytes);
    this.#buffers = header.structs(2, bufferBytes);
  }

  /** `expectedRows` is undefined for the items of lists, which only the offsets tell. */
  column(name: string, type: ArrowType, nullable: boolean, expectedRows: number | undefined): ColumnPlace {
    const { rows, nulls } = this.#nextNode(name);
    const place = { name, type, rows, nulls };
    if (rows !== (expectedRows ?? rows)) refuse(name, `${rows} rows where ${expectedRows} belong`);
    if (nulls > 0 && !nullable) refuse(name, `${nulls} nulls`);
    if (nulls > rows) refuse(name, `${nulls} nulls in ${rows} rows`);
    const validity = this.#nextBuffer(name, nulls === 0 ? 0 : Math.ceil(rows / 8), "rows' nulls");
    if (type === "utf8") {
      const offsets = this.#nextBuffer(name, offsetBytes(rows), "offsets");
      return { ...place, validity, offsets, values: this.#nextBuffer(name, 0, "text") };
    }
    if (typeof type === "string") {
      const bytes = rows * arrayClasses[type].BYTES_PER_ELEMENT;
      return { ...place, validity, values: this.#nextBuffer(name, bytes, `${rows} values of ${type}`) };
    }
    if (type.kind === "list") {
      const offsets = this.#nextBuffer(name, offsetBytes(rows), "offsets");
      return { ...place, validity, offsets, item: this.column(name, type.item, false, undefined) };
    }
    return { ...place, validity, item: this.column(name, type.item, false, rows * type.size) };
  }

  checkEnd(): void {
    const [nodes, buffers] = [this.#nodes.count, this.#buffers.count];
    if (this.#node === nodes && this.#buffer === buffers) return;
    throw new ArrowError(`a batch of ${nodes} nodes and ${buffers} buffers`);
  }

  #nextNode(name: string): { readonly rows: number; readonly nulls: number } {
    if (this.#node === this.#nodes.count) refuse(name, `no node: the batch has ${this.#nodes.count}`);
    const at = this.#nodes.position + nodeBytes * this.#node;
    this.#node++;
    return { rows: readSize(this.#view, at), nulls: readSize(this.#view, at + 8) };
  }

  /** The next buffer, which must hold `bytes` bytes of `what`. */
  #nextBuffer(name: string, bytes: number, what: string): ByteRange {
    if (this.#buffer === this.#buffers.count) refuse(name, `no buffer: the batch has ${this.#buffers.count}`);
    const at = this.#buffers.position + bufferBytes * this.#buffer;
    this.#buffer++;
    const offset = readSize(this.#view, at);
    const length = readSize(this.#view, at + 8);
    if (length < bytes) refuse(name, `${length} bytes for ${what}`);
    // Writers differ in where they put an empty buffer.
    if (length === 0) return { offset: 0, length: 0 };
    if (offset < this.#freeFrom || offset % 8 !== 0 || offset + length > this.#bodyBytes)
      refuse(name, `a buffer of ${length} bytes at ${offset} in a body of ${this.#bodyBytes}`);
    this.#freeFrom = offset + length;
    return { offset, length };
  }
}

/** Some writers leave the offsets of a column without rows empty. */
const offsetBytes = (rows: number): number => (rows === 0 ? 0 : 4 * (rows + 1));

function refuse(name: string, found: string): never {
  throw new ArrowError(`in column ${name.slice(0, 40)} ${found}`);
}
