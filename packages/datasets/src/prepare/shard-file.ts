/** One shard on its way to disk: rows under a temporary name, then the end of the file, then its own name. */

import { createHash, type Hash } from "node:crypto";
import { closeSync } from "node:fs";
import { type FileHandle, open, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { ShardLayout, ShardMetadata } from "../arrow/schema.ts";
import { encodeShard } from "../arrow/write.ts";
import type { Chunk, InputData } from "../columns.ts";
import type { ShardEntry } from "../manifest.ts";
import { appendFlags, type OpenFile, openUnlinked, readInto } from "../node/regular-file.ts";
import { hashFile } from "./hash-file.ts";
import { partialSuffix, remove } from "./partial-file.ts";
import { ifThere, withPath } from "./system-error.ts";

/** How shards are called. */
export const shardName: RegExp = /^[a-z][a-z0-9-]*-\d{5}-of-\d{5}\.arrow$/;

/** What the journal keeps of the rows of a shard, to find them again. */
export interface ShardBody {
  readonly file: string;
  readonly rows: number;
  /** Size and SHA-256 of the file as far as its rows go. */
  readonly bytes: number;
  readonly sha256: string;
  readonly inputsAt: number;
  readonly labelsAt: number;
}

export interface ShardFile {
  readonly body: ShardBody;
  /** Ends the file, brings it safely to disk and gives it its name. */
  readonly seal: (metadata: ShardMetadata) => Promise<ShardEntry>;
}

/** Writes the rows of a shard; `rows` may be changed afterwards. */
export async function writeShardFile(
  folder: string,
  file: string,
  rows: Chunk,
  layout: ShardLayout,
): Promise<ShardFile> {
  const { hash, ...encoded } = encode(rows, layout);
  await remove(join(folder, file) + partialSuffix);
  await write(join(folder, file) + partialSuffix, "wx", encoded.body);
  return shardFile(folder, file, rows.labels.length, encoded, hash);
}

/**
 * The shard that an earlier run wrote, its rows read into `rows`; undefined when the file is not as `known` says. A file
 * that was ended already is taken back to its rows.
 */
export async function restoreShardFile(
  folder: string,
  known: ShardBody,
  rows: Chunk,
  layout: ShardLayout,
): Promise<ShardFile | undefined> {
  const path = join(folder, known.file);
  const partial = path + partialSuffix;
  const unfinished = ifThere(() => openUnlinked(partial));
  const file = unfinished ?? ifThere(() => openUnlinked(path));
  if (file === undefined) return undefined;
  let isRead = false;
  try {
    isRead = fill(file, known.inputsAt, rows.inputs) && fill(file, known.labelsAt, rows.labels);
  } finally {
    if (!isRead) closeSync(file.handle);
  }
  if (!isRead) return undefined;
  const sum = await hashFile(file, known.bytes);
  const { hash, ...encoded } = encode(rows, layout);
  const restored = shardFile(folder, known.file, known.rows, encoded, hash);
  const { bytes, sha256 } = restored.body;
  if (bytes !== known.bytes || sha256 !== known.sha256 || sum !== sha256) return undefined;
  if (unfinished === undefined) await rename(path, partial);
  await truncate(partial, bytes);
  return restored;
}

function encode(rows: Chunk, layout: ShardLayout) {
  const encoded = encodeShard(rows, layout);
  const hash = createHash("sha256");
  for (const part of encoded.body) hash.update(part);
  return { ...encoded, hash };
}

function shardFile(
  folder: string,
  file: string,
  rows: number,
  { body, seal, inputsAt, labelsAt }: ReturnType<typeof encodeShard>,
  hash: Hash,
): ShardFile {
  const path = join(folder, file);
  const bytes = body.reduce((sum, part) => sum + part.byteLength, 0);
  return {
    body: { file, rows, bytes, sha256: hash.copy().digest("hex"), inputsAt, labelsAt },
    seal: async (metadata) => {
      const end = seal(metadata);
      for (const part of end) hash.update(part);
      await write(path + partialSuffix, appendFlags, end);
      await rename(path + partialSuffix, path);
      const size = end.reduce((sum, part) => sum + part.byteLength, bytes);
      return { file, rows, bytes: size, sha256: hash.digest("hex") };
    },
  };
}

/** Writes to a file that is made, or to the end of one that is there, which is then brought safely to disk. */
async function write(path: string, flags: "wx" | number, parts: readonly Uint8Array[]): Promise<void> {
  try {
    const handle = await open(path, flags);
    try {
      for (const part of parts) await writeAll(handle, part);
      if (flags === appendFlags) await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw withPath(error, path);
  }
}

async function writeAll(handle: FileHandle, part: Uint8Array): Promise<void> {
  let rest = part;
  while (rest.byteLength > 0) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

/** Whether the file does not end before `array` is full. */
function fill({ handle }: OpenFile, position: number, array: InputData): boolean {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return readInto(handle, bytes, position) === bytes.byteLength;
}
