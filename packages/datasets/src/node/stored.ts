/** The files of a prepared dataset: found, checked, and read as far as they are wanted. */

import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ByteRange } from "@nn/arrow";
import { ArgumentError } from "@nn/tensor";
import { checkLabels, guarded, mapShard, readShard, type Shard } from "../arrow/read.ts";
import type { StoredChunk } from "../columns.ts";
import { DataError } from "../errors.ts";
import { checkShard, type Manifest, parseManifest, type ShardEntry } from "../manifest.ts";
import { plural } from "../plural.ts";

/** The path of the manifest that `location`, a folder or the file itself, stands for. */
export async function findManifest(location: string | URL): Promise<string> {
  const path = location instanceof URL ? fileURLToPath(location) : location;
  if (path === "") {
    const expected = "a folder that prepare wrote, or its manifest.json";
    throw new ArgumentError({ operation: "openDataset", received: 'the path ""', expected });
  }
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => !basename(path).endsWith(".json"),
  );
  return isDirectory ? join(path, "manifest.json") : path;
}

/** The manifest of a prepared dataset. `location` is its folder or the file. @throws DataError as `openDataset` does. */
export async function readManifest(location: string | URL): Promise<Manifest> {
  const path = await findManifest(location);
  try {
    return parseManifest(await readFile(path, "utf8"), path);
  } catch (error) {
    throw error instanceof DataError ? error : missing(path, error);
  }
}

/** A shard, read whole. @throws DataError when it is not what the manifest says. */
export function openShard(path: string, entry: ShardEntry, manifest: Manifest, split: string, verify: boolean): Shard {
  let bytes: Uint8Array;
  try {
    const { buffer, byteOffset, byteLength } = readFileSync(path);
    // Not a Buffer, whose `slice` copies nothing.
    bytes = new Uint8Array(buffer, byteOffset, byteLength);
  } catch (error) {
    throw missing(path, error);
  }
  checkSize(path, bytes.byteLength, entry);
  if (verify) checkSum(path, createHash("sha256").update(bytes).digest("hex"), entry);
  const shard = readShard(bytes, path);
  checkShard(path, shard, entry, manifest, split);
  return shard;
}

/** Where a shard is and what is known of it: plain data. */
export interface ShardLocation {
  readonly path: string;
  readonly entry: ShardEntry;
  readonly manifest: Manifest;
  readonly split: string;
  readonly verify: boolean;
}

/** A shard that is read when its rows are wanted. @throws DataError when the file is missing or of another size. */
export async function storedShard(location: ShardLocation): Promise<StoredChunk> {
  const { path, entry, manifest, split, verify } = location;
  const { size } = await stat(path).catch((error: unknown) => {
    throw missing(path, error);
  });
  checkSize(path, size, entry);
  // Summed when first read; read again for another epoch, it is still the same file.
  let isVerified = !verify;
  return {
    rows: entry.rows,
    read: () => {
      const { chunks } = openShard(path, entry, manifest, split, !isVerified);
      isVerified = true;
      if (chunks.length === 1) return chunks[0]!;
      throw altered(path, `${chunks.length} record batches`, "one");
    },
    readLabels: () => {
      const labels = readLabels({ ...location, verify: !isVerified });
      isVerified = true;
      return labels;
    },
    location,
  };
}

/** Reads the headers and the labels of a shard; its inputs pass by only where the file's sum is checked. */
function readLabels({ path, entry, manifest, split, verify }: ShardLocation): Uint8Array {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw missing(path, error);
  }
  try {
    const { size } = fstatSync(file);
    checkSize(path, size, entry);
    if (verify) checkSum(path, sumOf(file), entry);
    return guarded(path, size, () => {
      const steps = mapShard(size);
      let step = steps.next();
      while (!step.done) step = steps.next(readRange(file, step.value));
      const map = step.value;
      checkShard(path, map, entry, manifest, split);
      const labels = new Uint8Array(map.rows);
      let row = 0;
      for (const part of map.parts) {
        labels.set(checkLabels(readRange(file, { offset: part.labelsAt, length: part.rows }), map.metadata, row), row);
        row += part.rows;
      }
      return labels;
    });
  } finally {
    closeSync(file);
  }
}

/** The SHA-256 of an open file, of which no more than a piece is in memory. */
function sumOf(file: number): string {
  const hash = createHash("sha256");
  const piece = new Uint8Array(2 ** 20);
  for (let at = 0; ; ) {
    const read = readSync(file, piece, 0, piece.length, at);
    if (read === 0) return hash.digest("hex");
    hash.update(piece.subarray(0, read));
    at += read;
  }
}

function readRange(file: number, { offset, length }: ByteRange): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const read = readSync(file, bytes, at, length - at, offset + at);
    if (read === 0) return bytes.subarray(0, at);
    at += read;
  }
  return bytes;
}

function checkSize(path: string, bytes: number, entry: ShardEntry): void {
  if (bytes !== entry.bytes) throw altered(path, plural(bytes, "byte"), `${entry.bytes} bytes as the manifest says`);
}

function checkSum(path: string, sum: string, entry: ShardEntry): void {
  if (sum !== entry.sha256) throw altered(path, `SHA-256 ${sum}`, `${entry.sha256} as the manifest says`);
}

function altered(path: string, received: string, expected: string): DataError {
  const fix = "Prepare the dataset again.";
  return new DataError({ operation: "openDataset", received: `${path} with ${received}`, expected, fix });
}

function missing(path: string, error: unknown): DataError {
  return new DataError({
    operation: "openDataset",
    received: `${path}, which cannot be read (${error instanceof Error && "code" in error ? error.code : error})`,
    expected: "the files of a prepared dataset",
    fix:
      basename(path) === "manifest.json"
        ? "Check the path, or prepare a dataset into it first: npx nn-datasets prepare SOURCE --out FOLDER."
        : "Prepare the dataset again.",
  });
}
