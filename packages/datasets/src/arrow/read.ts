/**
 * Reading a shard: an Arrow IPC file whose columns become typed arrays over its own bytes, without a copy. The file may be
 * cut, damaged or crafted: sizes and positions are checked before anything is allocated or followed, and whatever is wrong
 * ends in a DataError. Reads the layout of `schema.ts` alone, in a few kilobytes and with no library; what Arrow allows
 * beyond it (compression, dictionaries, nulls, other columns) is refused by name.
 */

import { bytesPerElement, sizeOf } from "@nn/tensor";
import { type Chunk, type InputData, inputArrays } from "../columns.ts";
import type { InputDType } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { plural } from "../plural.ts";
import { FlatTable, Malformed, readSize } from "./flatbuffer.ts";
import { decodeMetadata, type ShardLayout, type ShardMetadata } from "./schema.ts";

export interface Shard {
  readonly layout: ShardLayout;
  readonly metadata: ShardMetadata;
  /** One per record batch, over the file's bytes. */
  readonly chunks: readonly Chunk[];
  readonly rows: number;
}

/** Where the columns of a record batch lie in the file. */
interface Part {
  readonly rows: number;
  readonly inputsAt: number;
  readonly labelsAt: number;
}

/** A shard without its rows. */
export interface ShardMap {
  readonly layout: ShardLayout;
  readonly metadata: ShardMetadata;
  readonly parts: readonly Part[];
  readonly rows: number;
}

/** Bytes of a file that are asked for. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The rows of a shard, sharing memory with `bytes`. `name` stands for the file in errors.
 * @throws DataError when `bytes` is cut short, no Arrow file, or not a shard of a dataset.
 */
export function readShard(bytes: Uint8Array, name = "the bytes"): Shard {
  return guarded(name, bytes.byteLength, () => {
    const steps = mapShard(bytes.byteLength);
    let step = steps.next();
    while (!step.done) step = steps.next(bytes.subarray(step.value.offset, step.value.offset + step.value.length));
    const { layout, metadata, parts, rows } = step.value;
    const width = sizeOf(layout.inputShape);
    let row = 0;
    const chunks = parts.map((part): Chunk => {
      const labels = checkLabels(bytes.subarray(part.labelsAt, part.labelsAt + part.rows), metadata, row);
      row += part.rows;
      const byteLength = part.rows * width * bytesPerElement[layout.dtype];
      return { inputs: readInputs(bytes.subarray(part.inputsAt, part.inputsAt + byteLength), layout.dtype), labels };
    });
    return { layout, metadata, chunks, rows };
  });
}

/**
 * Where the rows of a shard of `size` bytes lie: yields the parts of the file that it wants to see (a few kilobytes), takes
 * their bytes and returns the map. So the same code reads from memory, from disk and over a network. Run it in `guarded`.
 */
export function* mapShard(size: number): Generator<ByteRange, ShardMap, Uint8Array> {
  if (size < 8 + tailBytes) throw new Malformed("no Arrow magic at its start");
  const start = yield { offset: 0, length: magic.length };
  if (asText(start) !== magic) throw new Malformed("no Arrow magic at its start");
  const footer = yield* readFooter(size);
  const schema = footer.table(1);
  if (footer.structs(2, blockBytes).count > 0) throw new Malformed("dictionaries");
  const layout = readFields(schema);
  const metadata = decodeMetadata(readKeyValues(schema));
  const width = sizeOf(layout.inputShape);
  if (sizeOf(metadata.inputShape) !== width || width === 0 || width > 2 ** 31) {
    throw new Malformed(`rows of ${width} values for the input shape [${metadata.inputShape.join(", ")}]`);
  }
  if (metadata.classNames.length === 0 || metadata.classNames.length > 256) {
    throw new Malformed(plural(metadata.classNames.length, "class name"));
  }
  const parts: Part[] = [];
  for (const block of readBlocks(footer, size)) {
    const header = yield { offset: block.offset, length: block.headerBytes };
    parts.push(locateColumns(header, block, layout, width));
  }
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0) throw new Malformed("no rows");
  return { layout: { ...layout, inputShape: metadata.inputShape }, metadata, parts, rows };
}

/** What `run` returns; what is wrong with the bytes becomes a DataError that names the file. */
export function guarded<T>(name: string, size: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    // DataView throws RangeError where an offset leads outside the bytes.
    if (!(error instanceof Malformed || error instanceof RangeError) || error instanceof DataError) throw error;
    const reason = error instanceof Malformed ? error.message : "an offset outside the file";
    throw new DataError({
      operation: "readShard",
      received: `${name} (${size} bytes) with ${reason}`,
      expected: "a whole Arrow IPC file with an input column and a label column",
      fix: "Prepare the dataset again.",
    });
  }
}

/** `bytes` as labels, each checked. `firstRow` is the row of the first, for errors. @throws Malformed */
export function checkLabels(bytes: Uint8Array, { classNames }: ShardMetadata, firstRow: number): Uint8Array {
  const row = bytes.findIndex((label) => label >= classNames.length);
  if (row < 0) return bytes;
  throw new Malformed(`label ${bytes[row]} in row ${firstRow + row} for ${plural(classNames.length, "class")}`);
}

/** Values over `bytes`; copied only when they do not lie at a multiple of their size. */
export function readInputs(bytes: Uint8Array, dtype: InputDType): InputData {
  const ArrayClass = inputArrays[dtype];
  const { buffer, byteOffset, byteLength } = byteOffsetFits(bytes, ArrayClass.BYTES_PER_ELEMENT)
    ? bytes
    : bytes.slice();
  return new ArrayClass(buffer as ArrayBuffer, byteOffset, byteLength / ArrayClass.BYTES_PER_ELEMENT);
}

const byteOffsetFits = ({ byteOffset }: Uint8Array, elementBytes: number): boolean => byteOffset % elementBytes === 0;

const asText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

const magic = "ARROW1";
const tailBytes = 4 + magic.length;

/** Enough for the footer of a shard with a few record batches. */
const usualFooterBytes = 2 ** 14;
const longestHeader = 2 ** 20;

function* readFooter(size: number): Generator<ByteRange, FlatTable, Uint8Array> {
  const guess = Math.min(size, usualFooterBytes);
  const end = yield { offset: size - guess, length: guess };
  if (asText(end.subarray(end.length - magic.length)) !== magic) throw new Malformed("no Arrow magic at its end");
  const length = new DataView(end.buffer, end.byteOffset, end.byteLength).getInt32(end.length - tailBytes, true);
  if (length <= 0 || length > size - tailBytes - 8) throw new Malformed(`a footer of ${length} bytes`);
  if (length <= end.length - tailBytes)
    return FlatTable.root(end.subarray(end.length - tailBytes - length, end.length - tailBytes));
  return FlatTable.root(yield { offset: size - tailBytes - length, length });
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
function readBlocks(footer: FlatTable, size: number): Block[] {
  const { count, position } = footer.structs(3, blockBytes);
  const blocks: Block[] = [];
  let end = 8;
  for (let i = 0; i < count; i++) {
    const at = position + i * blockBytes;
    const offset = readSize(footer.view, at);
    const headerBytes = footer.view.getInt32(at + 8, true);
    const bodyBytes = readSize(footer.view, at + 16);
    if (offset < end || headerBytes < 8 || offset + headerBytes + bodyBytes > size) {
      throw new Malformed(`record batch ${i} outside the file or over another`);
    }
    if (headerBytes > longestHeader) throw new Malformed(`a header of ${headerBytes} bytes`);
    blocks.push({ offset, headerBytes, bodyBytes });
    end = offset + headerBytes + bodyBytes;
  }
  return blocks;
}

const headerRecordBatch = 3;

/** One record batch: nodes (length, null count) and buffers (offset, length) of input column, its items and label. */
function locateColumns(header: Uint8Array, block: Block, layout: ShardLayout, width: number): Part {
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
  const at = (index: number, dtype: InputDType, count: number): number => {
    const { offset, length } = buffers[index]!;
    if (length < count * bytesPerElement[dtype]) {
      throw new Malformed(`${length} bytes for ${count} values of ${dtype}`);
    }
    return block.offset + block.headerBytes + offset;
  };
  return { rows, inputsAt: at(lists + 1, layout.dtype, rows * width), labelsAt: at(lists + 3, "uint8", rows) };
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
