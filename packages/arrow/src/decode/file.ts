/**
 * Reading an IPC file by parts. Each function yields the parts of the file that it wants to see (a few kilobytes) and takes
 * their bytes, so that the same code reads from memory, from disk and over a network. The inverse is `encode/file.ts`.
 */

import { ArrowError } from "../error.ts";
import { magic, prefixBytes } from "../format.ts";
import type { ArrowType, Field, OtherType, Schema } from "../types.ts";
import { type BatchPlace, type ByteRange, batchHeader, locateColumns } from "./batch.ts";
import { FlatTable, readSize } from "./flat-table.ts";
import { readSchema } from "./schema.ts";

/** Where a record batch lies in a file. */
export interface Block {
  readonly offset: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

export interface Footer {
  readonly schema: Schema<ArrowType | OtherType>;
  /** In order, apart from each other and inside the file. */
  readonly blocks: readonly Block[];
}

/** Yields the parts of a file that are wanted and takes their bytes. */
export type Reading<Result> = Generator<ByteRange, Result, Uint8Array>;

/** The footer of a file of `size` bytes. @throws ArrowError unless it is a whole Arrow file without dictionaries. */
export function* readFooter(size: number): Reading<Footer> {
  if (size < 8 + tailBytes) throw new ArrowError("no Arrow magic at its start");
  const start = yield* ask(0, magic.length);
  if (asText(start) !== magic) throw new ArrowError("no Arrow magic at its start");
  const footer = yield* readFooterTable(size);
  const schema = readSchema(footer.table(1));
  if (footer.structs(2, blockBytes).count > 0) throw new ArrowError("dictionaries");
  return { schema, blocks: readBlocks(footer, size) };
}

/** Where the columns `fields` of one batch lie, relative to the beginning of `block`'s body. @throws ArrowError */
export function* readBlock(block: Block, fields: readonly Field[]): Reading<BatchPlace> {
  const header = yield* ask(block.offset, block.headerBytes);
  const framing = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (framing.getInt32(0, true) !== -1) throw new ArrowError("a message that does not begin with its marker");
  const message = FlatTable.root(header.subarray(prefixBytes));
  return locateColumns(batchHeader(message), block.bodyBytes, fields);
}

/** What `reading` returns, from a file in memory. @throws ArrowError */
export function readFrom<Result>(bytes: Uint8Array, reading: Reading<Result>): Result {
  let step = reading.next();
  while (!step.done) step = reading.next(bytes.subarray(step.value.offset, step.value.offset + step.value.length));
  return step.value;
}

function* ask(offset: number, length: number): Reading<Uint8Array> {
  const bytes = yield { offset, length };
  if (bytes.byteLength !== length) throw new ArrowError(`${bytes.byteLength} bytes where ${length} were read`, offset);
  return bytes;
}

const asText = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** Size of the footer and magic. */
const tailBytes = 4 + magic.length;

/** Enough for the footer of a file with a few record batches. */
const usualFooterBytes = 2 ** 14;
const longestHeader = 2 ** 20;

function* readFooterTable(size: number): Reading<FlatTable> {
  const guess = Math.min(size, usualFooterBytes);
  const end = yield* ask(size - guess, guess);
  if (asText(end.subarray(end.length - magic.length)) !== magic) throw new ArrowError("no Arrow magic at its end");
  const length = new DataView(end.buffer, end.byteOffset, end.byteLength).getInt32(end.length - tailBytes, true);
  if (length <= 0 || length > size - tailBytes - 8) throw new ArrowError(`a footer of ${length} bytes`);
  if (length <= end.length - tailBytes)
    return FlatTable.root(end.subarray(end.length - tailBytes - length, end.length - tailBytes));
  return FlatTable.root(yield* ask(size - tailBytes - length, length));
}

const blockBytes = 24;

function readBlocks(footer: FlatTable, size: number): Block[] {
  const { count, position } = footer.structs(3, blockBytes);
  const blocks: Block[] = [];
  let end = 8;
  for (let i = 0; i < count; i++) {
    const at = position + i * blockBytes;
    const offset = readSize(footer.view, at);
    const headerBytes = footer.view.getInt32(at + 8, true);
    const bodyBytes = readSize(footer.view, at + 16);
    if (offset < end || headerBytes < prefixBytes || offset + headerBytes + bodyBytes > size) {
      throw new ArrowError(`record batch ${i} outside the file or over another`);
    }
    if (headerBytes > longestHeader) throw new ArrowError(`a header of ${headerBytes} bytes`);
    blocks.push({ offset, headerBytes, bodyBytes });
    end = offset + headerBytes + bodyBytes;
  }
  return blocks;
}
