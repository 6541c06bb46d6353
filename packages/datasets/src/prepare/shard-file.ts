/** One shard on its way to disk: rows under a temporary name, then the end of the file, then its own name. */

import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import type { ShardLayout, ShardMetadata } from "../arrow/schema.ts";
import { encodeShard } from "../arrow/write.ts";
import type { Chunk, InputData } from "../columns.ts";
import type { ShardEntry } from "../manifest.ts";

/** What a file is called until it is whole. */
export const partialSuffix = ".partial";

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
  await append(join(folder, file) + partialSuffix, "w", encoded.body);
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
  const [found, isSealed] = (await isThere(path + partialSuffix)) ? [path + partialSuffix, false] : [path, true];
  try {
    await readInto(found, known.inputsAt, rows.inputs);
    await readInto(found, known.labelsAt, rows.labels);
  } catch {
    return undefined;
  }
  const { hash, ...encoded } = encode(rows, layout);
  const isSame = hash.copy().digest("hex") === known.sha256 && (await hashFile(found, known.bytes)) === known.sha256;
  if (!isSame) return undefined;
  if (isSealed) await rename(found, path + partialSuffix);
  await truncate(path + partialSuffix, known.bytes);
  return shardFile(folder, known.file, known.rows, encoded, hash);
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
      await append(path + partialSuffix, "a", end);
      await rename(path + partialSuffix, path);
      const size = end.reduce((sum, part) => sum + part.byteLength, bytes);
      return { file, rows, bytes: size, sha256: hash.digest("hex") };
    },
  };
}

async function append(path: string, flags: "w" | "a", parts: readonly Uint8Array[]): Promise<void> {
  const handle = await open(path, flags);
  try {
    for (const part of parts) await writeAll(handle, part);
    if (flags === "a") await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, part: Uint8Array): Promise<void> {
  let rest = part;
  while (rest.byteLength > 0) {
    const { bytesWritten } = await handle.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

async function isThere(path: string): Promise<boolean> {
  const handle = await open(path).catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}

/** @throws Error when the file ends before `array` is full. */
async function readInto(path: string, position: number, array: InputData): Promise<void> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const handle = await open(path);
  try {
    for (let at = 0; at < bytes.byteLength; ) {
      const { bytesRead } = await handle.read(bytes, at, bytes.byteLength - at, position + at);
      if (bytesRead === 0) throw new Error(`${path} ends early`);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Of the first `bytes` bytes. */
async function hashFile(path: string, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(path);
  try {
    for await (const piece of handle.createReadStream({ end: bytes - 1, autoClose: false }))
      hash.update(piece as Buffer);
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}
