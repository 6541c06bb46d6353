/** Columns as a record batch: its message, then the buffers of its columns. The inverse is `decode/batch.ts`. */

import type { Column } from "../column.ts";
import { ArrowError } from "../error.ts";
import { headers, padded } from "../format.ts";
import { type ArrowType, arrayClasses, type Field, formatType, valueLayout } from "../types.ts";
import { FlatBuilder } from "./flat-builder.ts";
import { finishMessage } from "./message.ts";

export interface EncodedBatch {
  /** Message, buffers and padding, to be written one after another. Buffers are views of the columns. */
  readonly parts: readonly Uint8Array[];
  /** Of the message before the body. */
  readonly headerBytes: number;
  readonly bodyBytes: number;
  /** Where the values of each column begin, in bytes from the beginning of the batch. */
  readonly valuesAt: readonly number[];
}

/**
 * One record batch of `columns`, which all have the same number of rows.
 * @throws ArrowError when a column does not suit its field.
 */
export function encodeBatch(fields: readonly Field[], columns: readonly Column[]): EncodedBatch {
  const rows = columns[0]?.rows ?? 0;
  const body = new Body();
  if (columns.length !== fields.length) throw new ArrowError(`${columns.length} columns for ${fields.length} fields`);
  const valuesAt = columns.map((column, i) => {
    const field = fields[i] as Field;
    checkColumn(field, column, rows);
    return body.addColumn(field.type, column);
  });
  const builder = new FlatBuilder();
  const nodesAt = builder.structs(2, body.nodes);
  const buffersAt = builder.structs(2, body.buffers);
  const batchAt = builder.table([
    [0, "int64", rows],
    [1, "place", nodesAt],
    [2, "place", buffersAt],
  ]);
  const message = finishMessage(builder, headers.recordBatch, batchAt, body.bytes);
  return {
    parts: [message, ...body.parts],
    headerBytes: message.length,
    bodyBytes: body.bytes,
    valuesAt: valuesAt.map((at) => message.length + at),
  };
}

/** The buffers and nodes of columns, in Arrow's order: depth first. */
class Body {
  readonly parts: Uint8Array[] = [];
  /** Rows and nulls. */
  readonly nodes: [number, number][] = [];
  /** Position and size. */
  readonly buffers: [number, number][] = [];
  bytes = 0;

  /** @returns where the values begin. */
  addColumn(type: ArrowType, { rows, validity, offsets, values }: Column): number {
    const nulls = countNulls(validity, rows);
    this.nodes.push([rows, nulls]);
    this.#add(nulls === 0 || validity === undefined ? new Uint8Array() : validity.subarray(0, Math.ceil(rows / 8)));
    if (offsets !== undefined) this.#add(offsets);
    // Each level of a list has a node and a map of nulls, empty since items are never null.
    let level: ArrowType = type;
    for (let count = rows; typeof level !== "string"; level = level.item) {
      count = level.kind === "list" ? values.length : count * level.size;
      this.nodes.push([count, 0]);
      this.#add(new Uint8Array());
    }
    return this.#add(values);
  }

  #add(buffer: ArrayBufferView): number {
    const at = this.bytes;
    const { buffer: memory, byteOffset, byteLength } = buffer;
    const size = padded(byteLength);
    this.buffers.push([at, size]);
    if (byteLength > 0) this.parts.push(new Uint8Array(memory, byteOffset, byteLength));
    if (size > byteLength) this.parts.push(new Uint8Array(size - byteLength));
    this.bytes += size;
    return at;
  }
}

function countNulls(validity: Uint8Array | undefined, rows: number): number {
  let nulls = 0;
  if (validity !== undefined)
    for (let row = 0; row < rows; row++) nulls += 1 - (((validity[row >> 3] ?? 0) >> (row & 7)) & 1);
  return nulls;
}

function checkColumn({ name, type, nullable }: Field, column: Column, rows: number): void {
  const { offsets, values, validity } = column;
  const refuse = (found: string): never => {
    throw new ArrowError(`in column ${name} of ${formatType(type)} ${found}`);
  };
  const { item, perRow } = valueLayout(type);
  if (column.rows !== rows) refuse(`${column.rows} rows where ${rows} belong`);
  if (!nullable && countNulls(validity, rows) > 0) refuse("nulls");
  if (!(values instanceof arrayClasses[item])) refuse(`values in a ${values.constructor.name}`);
  if (perRow === undefined) {
    if (offsets?.length !== rows + 1) refuse(`${offsets?.length ?? 0} offsets for ${rows} rows`);
  } else if (offsets !== undefined || values.length !== rows * perRow) {
    refuse(offsets === undefined ? `${values.length} values in ${rows} rows` : "offsets");
  }
}
