// Records → Arrow IPC messages. The inverse is decode.ts.
import {
  type Data,
  type DataType,
  Float64,
  type List,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchStreamWriter,
  type Schema,
  Struct,
  Utf8,
} from "apache-arrow";
import { listOfFloat32, listOfInt32 } from "./arrow-schema.ts";
import { cutFrames, type Frame } from "./frames.ts";
import type { RunLogRecord } from "./schema.ts";

// A batch ends at either: few batches read fast, and no offset comes near the 32-bit limit.
const BATCH_RECORDS = 65_536;
const BATCH_VALUES = 1 << 22;

/** The stream up to its first batch. */
export function encodeStart(schema: Schema): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  writer.finish();
  return framesOfKind(writer.toUint8Array(true), "schema");
}

/** All records, as few batches. */
export function* encodeBatches(schema: Schema, records: readonly RunLogRecord[]): Generator<Uint8Array> {
  let from = 0;
  let values = 0;
  for (const [i, record] of records.entries()) {
    values += "data" in record ? record.data.length : 1;
    if (i + 1 - from < BATCH_RECORDS && values < BATCH_VALUES && i + 1 < records.length) continue;
    yield encodeBatch(schema, records.slice(from, i + 1));
    from = i + 1;
    values = 0;
  }
}

/** One record batch message, without the schema before it and the end mark after it. */
export function encodeBatch(schema: Schema, records: readonly RunLogRecord[]): Uint8Array {
  const shapes = records.map((record) => ("shape" in record ? record.shape : null));
  const arrays = records.map((record) => ("data" in record ? record.data : null));
  const children = [
    numbers(Int32Array.from(records, (record) => record.step)),
    numbers(Int32Array.from(records, (record) => record.epoch)),
    numbers(Float64Array.from(records, (record) => record.elapsedMs)),
    texts(records.map((record) => record.split)),
    texts(records.map((record) => record.name)),
    nullableNumbers(records.map((record) => ("value" in record ? record.value : null))),
    lists(listOfInt32, shapes, numbers(flatten(Int32Array, shapes))),
    lists(listOfFloat32, arrays, numbers(flatten(Float32Array, arrays))),
  ];
  const type = new Struct(schema.fields);
  const writer = new RecordBatchStreamWriter();
  writer.write(new RecordBatch(schema, makeData({ type, length: records.length, nullCount: 0, children })));
  writer.finish();
  return framesOfKind(writer.toUint8Array(true), "batch");
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function framesOfKind(stream: Uint8Array, kind: Frame["kind"]): Uint8Array {
  const frames = cutFrames(stream).frames.filter((frame) => frame.kind === kind);
  return joinBytes(frames.map((frame) => stream.subarray(frame.start, frame.end)));
}

/** A column without nulls; its type follows from the array's. */
function numbers(values: Int32Array | Float32Array | Float64Array): Data {
  return makeVector(values).data[0] as Data;
}

function nullableNumbers(values: readonly (number | null)[]): Data<Float64> {
  const data = Float64Array.from(values, (value) => value ?? 0);
  return makeData({ type: new Float64(), length: values.length, data, ...nulls(values) });
}

function texts(values: readonly string[]): Data<Utf8> {
  const encoder = new TextEncoder();
  const parts = values.map((value) => encoder.encode(value));
  const valueOffsets = offsets(parts);
  return makeData({ type: new Utf8(), length: parts.length, nullCount: 0, valueOffsets, data: joinBytes(parts) });
}

function lists<T extends DataType>(type: List<T>, rows: readonly (Lengthy | null)[], child: Data<T>): Data<List<T>> {
  return makeData({ type, length: rows.length, valueOffsets: offsets(rows), child, ...nulls(rows) });
}

type Lengthy = { readonly length: number };

function offsets(rows: readonly (Lengthy | null)[]): Int32Array {
  const result = new Int32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) result[i + 1] = (result[i] ?? 0) + (row?.length ?? 0);
  return result;
}

function nulls(rows: readonly unknown[]): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(rows.length / 8));
  let nullCount = 0;
  for (const [i, row] of rows.entries()) {
    if (row === null) nullCount++;
    else nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return { nullCount, nullBitmap };
}

function flatten<A extends Int32Array | Float32Array>(
  arrayType: new (length: number) => A,
  rows: readonly (ArrayLike<number> | null)[],
): A {
  const result = new arrayType(rows.reduce((total, row) => total + (row?.length ?? 0), 0));
  let at = 0;
  for (const row of rows) {
    if (row === null) continue;
    result.set(row, at);
    at += row.length;
  }
  return result;
}
