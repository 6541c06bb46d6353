/** The files of a prepared dataset: found, checked, and read as far as they are wanted. */

import { createHash } from "node:crypto";
import { closeSync, readSync, realpathSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ByteRange } from "@nn/arrow";
import { ArgumentError } from "@nn/tensor";
import { checkLabels, guarded, mapShard, readShard, type Shard } from "../arrow/read.ts";
import type { StoredChunk } from "../columns.ts";
import { DataError } from "../errors.ts";
import { checkShard, type Manifest, parseManifest, type ShardEntry } from "../manifest.ts";
import { plural } from "../plural.ts";
import { isFromSystem, leadsNowhere, withPath } from "../prepare/system-error.ts";
import {
  type OpenFile,
  openInside,
  openRegular,
  readInto,
  readText,
  readWhole,
  whyUnreadable,
} from "./regular-file.ts";

/** The path of the manifest that `location`, a folder or the file itself, stands for. */
export async function findManifest(location: string | URL): Promise<string> {
  const path = pathOf(location);
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

const pathOf = (location: string | URL): string => (location instanceof URL ? fileURLToPath(location) : location);

/** Larger manifests are refused before they are read. */
const largestManifest = 2 ** 26;

/** The manifest of a prepared dataset. `location` is its folder or the file. @throws DataError as `openDataset` does. */
export async function readManifest(location: string | URL): Promise<Manifest> {
  const path = await findManifest(location);
  try {
    // A file that was named may lie anywhere; of a folder, only what is in it.
    const file = path === pathOf(location) ? openRegular(path) : openBeside(path);
    return parseManifest(readText(file, path, largestManifest), path);
  } catch (error) {
    throw error instanceof DataError ? error : missing(path, error);
  }
}

/** Opens a file of the folder that its path names. */
const openBeside = (path: string): OpenFile => openInside(realpathSync.native(dirname(path)), basename(path));

/** A shard, read whole, its sum checked. @throws DataError when it is not what the manifest says. */
export function openShard(path: string, entry: ShardEntry, manifest: Manifest, split: string): Shard {
  return read({ path, entry, manifest, split, verify: true }, undefined).shard;
}

/** A shard and which file it was. The sum of the file `verified` is not checked again. */
function read(
  { path, entry, manifest, split, verify }: ShardLocation,
  verified: string | undefined,
): { shard: Shard; identity: string } {
  const file = openChecked(path, entry);
  let bytes: Uint8Array;
  try {
    bytes = readWhole(file, path, entry.bytes);
  } catch (error) {
    throw missing(path, error);
  }
  if (verify && file.identity !== verified) {
    checkSum(path, createHash("sha256").update(bytes).digest("hex"), entry);
  }
  const shard = readShard(bytes, path);
  checkShard(path, shard, entry, manifest, split);
  return { shard, identity: file.identity };
}

/** @throws DataError when there is no such file in the manifest's folder, or it is of another size. */
function openChecked(path: string, entry: ShardEntry): OpenFile {
  let file: OpenFile;
  try {
    file = openBeside(path);
  } catch (error) {
    throw missing(path, error);
  }
  if (file.size === entry.bytes) return file;
  closeSync(file.handle);
  throw altered(path, plural(file.size, "byte"), `${entry.bytes} bytes as the manifest says`);
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
  const { path, entry } = location;
  closeSync(openChecked(path, entry).handle);
  // Summed when first read. Read again for another epoch, it is summed again if it is another file or was written to.
  let verified: string | undefined;
  return {
    rows: entry.rows,
    read: () => {
      const { shard, identity } = read(location, verified);
      verified = identity;
      if (shard.chunks.length === 1) return shard.chunks[0]!;
      throw altered(path, `${shard.chunks.length} record batches`, "one");
    },
    readLabels: () => {
      const { labels, identity } = readLabels(location, verified);
      verified = identity;
      return labels;
    },
    location,
  };
}

/** Reads the headers and the labels of a shard; its inputs pass by only where the file's sum is checked. */
function readLabels(
  { path, entry, manifest, split, verify }: ShardLocation,
  verified: string | undefined,
): { labels: Uint8Array; identity: string } {
  const { handle: file, size, identity } = openChecked(path, entry);
  try {
    if (verify && identity !== verified) checkSum(path, sumOf(file), entry);
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
      return { labels, identity };
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
  return bytes.subarray(0, readInto(file, bytes, offset));
}

function checkSum(path: string, sum: string, entry: ShardEntry): void {
  if (sum !== entry.sha256) throw altered(path, `SHA-256 ${sum}`, `${entry.sha256} as the manifest says`);
}

function altered(path: string, received: string, expected: string): DataError {
  const fix = "Prepare the dataset again.";
  return new DataError({ operation: "openDataset", received: `${path} with ${received}`, expected, fix });
}

/** What to throw where `error` came instead of a file: the error itself where the file is there and reading failed. */
function missing(path: string, error: unknown): unknown {
  if (isFromSystem(error) && !leadsNowhere(error)) return withPath(error, path);
  return new DataError({
    operation: "openDataset",
    received: `${path}, ${whyUnreadable(error)}`,
    expected: "the files of a prepared dataset",
    fix:
      basename(path) === "manifest.json"
        ? "Check the path, or prepare a dataset into it first: npx nn-datasets prepare SOURCE --out FOLDER."
        : "Prepare the dataset again.",
  });
}
