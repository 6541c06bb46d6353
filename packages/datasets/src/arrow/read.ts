/**
 * Reading a shard: an Arrow IPC file whose columns become typed arrays over its own bytes, without a copy. The file may be
 * cut, damaged or crafted: sizes and positions are checked before anything is allocated or followed, and whatever is wrong
 * ends in a DataError. Reads the layout of `schema.ts` alone, in a few kilobytes and with no library; what Arrow allows
 * beyond it (compression, dictionaries, nulls, other columns) is refused by name.
 */

import { sizeOf } from "@nn/tensor";
import type { Chunk, InputData } from "../columns.ts";
import type { InputDType } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { FlatTable, Malformed, readSize } from "./flatbuffer.ts";
import { decodeMetadata, type ShardLayout, type ShardMetadata } from "./schema.ts";

export interface Shard {
  readonly layout: ShardLayout;
  readonly metadata: ShardMetadata;
  /** One per record batch, over the file's bytes. */
  readonly chunks: readonly Chunk[];
  readonly rows: number;
}

/**
 * The rows of a shard, sharing memory with `bytes`. `name` stands for the file in errors.
 * @throws DataError when `bytes` is cut short, no Arrow file, or not a shard of a dataset.
 */
export function readShard(bytes: Uint8Array, name = "the bytes"): Shard {
  try {
    return decodeShard(bytes);
  } catch (error) {
    // DataView throws RangeError where an offset leads outside the bytes.
    if (!(error instanceof Malformed || error instanceof RangeError)) throw error;
    const reason = error instanceof Malformed ? error.message : "an offset outside the file";
    throw new DataError({
      operation: "readShard",
      received: `${name} (${bytes.byteLength} bytes) with ${reason}`,
      expected: "a whole Arrow IPC file with an input column and a label column",
      fix: "Prepare the dataset again.",
    });
  }
}

const magic = "ARROW1";
/** Footer length and magic at the end. */
const tailBytes = 4 + magic.length;

function decodeShard(bytes: Uint8Array): Shard {
  const footer = readFooter(bytes);
  const schema = footer.table(1);
  if (footer.structs(2, blockBytes).count > 0) throw new Malformed("dictionaries");
  const layout = readFields(schema);
  const metadata = decodeMetadata(readKeyValues(schema));
  const width = sizeOf(layout.inputShape);
  if (sizeOf(metadata.inputShape) !== width || width === 0 || width > 2 ** 31) {
    throw new Malformed(`rows of ${width} values for the input shape [${metadata.inputShape.join(", ")}]`);
  }
  if (metadata.classNames.length === 0 || metadata.classNames.length > 256) {
    throw new Malformed(`${metadata.classNames.length} class names`);
  }
  const chunks = readBlocks(footer, bytes).map((block) => readBatch(bytes, block, layout, width));
  let rows = 0;
  for (const { labels } of chunks) {
    checkLabels(labels, metadata.classNames.length, rows);
    rows += labels.length;
  }
  if (rows === 0) throw new Malformed("no rows");
  return { layout: { ...layout, inputShape: metadata.inputShape }, metadata, chunks, rows };
}

function readFooter(bytes: Uint8Array): FlatTable {
  const text = (start: number) => String.fromCharCode(...bytes.subarray(start, start + magic.length));
  if (bytes.byteLength < 8 + tailBytes || text(0) !== magic) throw new Malformed("no Arrow magic at its start");
  if (text(bytes.byteLength - magic.length) !== magic) throw new Malformed("no Arrow magic at its end");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength - tailBytes;
  const length = view.getInt32(end, true);
  if (length <= 0 || length > end - 8) throw new Malformed(`a footer of ${length} bytes`);
  return FlatTable.root(bytes.subarray(end - length, end));
}

// Arrow's Type union, and the precisions of FloatingPoint.
const typeInt = 2;
const typeFloat = 3;
const typeFixedSizeList = 16;
const floatDTypes: readonly (InputDType | undefined)[] = [undefined, "float32", "float64"];

function readFields(schema: FlatTable): ShardLayout {
  if (schema.int16(0) !== 0) throw new Malformed("big-endian values");
  const fields = schema.tables(1, 16);
  const names = fields.map((field) => field.string(0));
  const [input, label] = fields;
  if (fields.length !== 2 || input === undefined || label === undefined || names[1] !== "label") {
    throw new Malformed(`columns ${names.map((name) => name.slice(0, 40)).join(", ") || "none"}`);
  }
  if (primitiveType(label) !== "uint8") throw new Malformed("labels that are not uint8");
  // Nested lists of fixed size lie in memory as one flat list does.
  const inputShape: number[] = [];
  let value = input;
  while (value.int8(2) === typeFixedSizeList && inputShape.length < 8) {
    inputShape.push(value.table(3).int32(0));
    const [item] = value.tables(5, 1);
    if (item === undefined) throw new Malformed("a list without a type of item");
    value = item;
  }
  const dtype = primitiveType(value);
  if (dtype === undefined || inputShape.length === 0 || inputShape.some((size) => size <= 0)) {
    throw new Malformed("inputs that are not fixed-size lists of uint8, float32 or float64");
  }
  return { column: names[0] ?? "", dtype, inputShape };
}

function primitiveType(field: FlatTable): InputDType | undefined {
  if (field.has(4)) return undefined; // dictionary-encoded
  const type = field.int8(2);
  if (type === typeFloat) return floatDTypes[field.table(3).int16(0)];
  if (type !== typeInt) return undefined;
  const { bits, isSigned } = { bits: field.table(3).int32(0), isSigned: field.table(3).int8(1) !== 0 };
  return bits === 8 && !isSigned ? "uint8" : undefined;
}

function readKeyValues(schema: FlatTable): Map<string, string> {
  return new Map(schema.tables(2, 64).map((entry) => [entry.string(0), entry.string(1)]));
}

interface Block {
  readonly offset: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

const blockBytes = 24;

/** Where the record batches lie: in order, apart from each other and inside the file. */
function readBlocks(footer: FlatTable, bytes: Uint8Array): Block[] {
  const { count, position } = footer.structs(3, blockBytes);
  const blocks: Block[] = [];
  let end = 8;
  for (let i = 0; i < count; i++) {
    const at = position + i * blockBytes;
    const offset = readSize(footer.view, at);
    const headerBytes = footer.view.getInt32(at + 8, true);
    const bodyBytes = readSize(footer.view, at + 16);
    if (offset < end || headerBytes < 8 || offset + headerBytes + bodyBytes > bytes.byteLength) {
      throw new Malformed(`record batch ${i} outside the file or over another`);
    }
    blocks.push({ offset, headerBytes, bodyBytes });
    end = offset + headerBytes + bodyBytes;
  }
  return blocks;
}

const headerRecordBatch = 3;

/** One record batch: nodes (length, null count) and buffers (offset, length) of input column, its items and label. */
function readBatch(bytes: Uint8Array, block: Block, layout: ShardLayout, width: number): Chunk {
  const header = bytes.subarray(block.offset, block.offset + block.headerBytes);
  const framing = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (framing.getInt32(0, true) !== -1) throw new Malformed("a message that does not begin with its marker");
  const message = FlatTable.root(header.subarray(8));
  if (message.int8(1) !== headerRecordBatch) throw new Malformed("a message that is no record batch");
  const batch = message.table(2);
  if (batch.has(3)) throw new Malformed("compressed buffers");
  const rows = batch.size(0);
  const lengths = [
    rows,
    ...layout.inputShape.map((_, axis) => rows * sizeOf(layout.inputShape.slice(0, axis + 1))),
    rows,
  ];
  checkNodes(batch, lengths);
  // Validity of each list level, validity and values of the items, validity and values of the labels.
  const lists = layout.inputShape.length;
  const buffers = readBuffers(batch, block.bodyBytes);
  if (buffers.length !== lists + 4) throw new Malformed(`${buffers.length} buffers`);
  const body = bytes.subarray(block.offset + block.headerBytes, block.offset + block.headerBytes + block.bodyBytes);
  return {
    inputs: valuesOf(body, buffers[lists + 1]!, layout.dtype, rows * width),
    labels: valuesOf(body, buffers[lists + 3]!, "uint8", rows) as Uint8Array,
  };
}

function checkNodes(batch: FlatTable, lengths: readonly number[]): void {
  const { count, position } = batch.structs(1, 16);
  if (count !== lengths.length) throw new Malformed(`${count} columns in a record batch`);
  lengths.forEach((expected, i) => {
    const length = readSize(batch.view, position + 16 * i);
    if (length !== expected) throw new Malformed(`a column of ${length} values where ${expected} are expected`);
    const nulls = readSize(batch.view, position + 16 * i + 8);
    if (nulls > 0) throw new Malformed(`${nulls} nulls`);
  });
}

interface Buffer {
  readonly offset: number;
  readonly length: number;
}

function readBuffers(batch: FlatTable, bodyBytes: number): Buffer[] {
  const { count, position } = batch.structs(2, 16);
  if (count > 32) throw new Malformed(`${count} buffers`);
  const buffers: Buffer[] = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const offset = readSize(batch.view, position + 16 * i);
    const length = readSize(batch.view, position + 16 * i + 8);
    if (length > 0 && (offset < end || offset + length > bodyBytes)) {
      throw new Malformed(`buffer ${i} outside its record batch or over another`);
    }
    if (length > 0) end = offset + length;
    buffers.push({ offset, length });
  }
  return buffers;
}

const arrays = { float64: Float64Array, float32: Float32Array, uint8: Uint8Array } as const;

/** `count` values over the body's bytes; copied only when they do not lie at a multiple of their size. */
function valuesOf(body: Uint8Array, { offset, length }: Buffer, dtype: InputDType, count: number): InputData {
  const ArrayClass = arrays[dtype];
  const byteLength = count * ArrayClass.BYTES_PER_ELEMENT;
  if (length < byteLength) throw new Malformed(`${length} bytes for ${count} values of ${dtype}`);
  const start = body.byteOffset + offset;
  if (start % ArrayClass.BYTES_PER_ELEMENT === 0) return new ArrayClass(body.buffer as ArrayBuffer, start, count);
  return new ArrayClass(body.slice(offset, offset + byteLength).buffer as ArrayBuffer);
}

function checkLabels(labels: Uint8Array, classCount: number, firstRow: number): void {
  const row = labels.findIndex((label) => label >= classCount);
  if (row >= 0) throw new Malformed(`label ${labels[row]} in row ${firstRow + row} for ${classCount} classes`);
}
