/** Datasets from files, for Node. Only reading; `@nn/datasets/prepare` writes. */

import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError, sizeOf } from "@nn/tensor";
import { readShard, type Shard } from "./arrow/read.ts";
import type { ShardLayout } from "./arrow/schema.ts";
import { Columns } from "./columns.ts";
import { type Dataset, StoredDataset } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { type Manifest, parseManifest, type ShardEntry } from "./manifest.ts";

export type { SourceFile } from "./arrow/schema.ts";
export type { Manifest, ShardEntry, SplitEntry } from "./manifest.ts";

export interface OpenOptions {
  /** A split of the manifest, such as `"train"`, or `"all"` of them one after the other (default). */
  readonly split?: string;
  /** Whether every shard's SHA-256 is compared with the manifest's; default true. */
  readonly verify?: boolean;
}

/**
 * The dataset that `prepare` wrote. `location` is its folder or its manifest.json. Shards become tensors over the bytes of
 * their files; `expectDataset` puts shape and class count into the type.
 * @throws DataError when manifest or shards are missing, cut, altered or do not belong together.
 * @throws ArgumentError when there is no such split.
 * @example const train = expectDataset(await openDataset(directory, { split: "train" }), mnist);
 */
export async function openDataset(location: string | URL, options: OpenOptions = {}): Promise<Dataset> {
  const { split = "all", verify = true } = options;
  const path = await findManifest(location);
  const manifest = await readManifest(path);
  const splits = split === "all" ? Object.keys(manifest.splits) : [split];
  const entries = splits.map((name) => [name, entryOf(manifest, name)] as const);
  const chunks = [];
  for (const [name, { shards }] of entries) {
    for (const entry of shards) {
      chunks.push(...(await openShard(join(dirname(path), entry.file), entry, manifest, name, verify)).chunks);
    }
  }
  const only = entries.length === 1 ? entries[0]?.[1] : undefined;
  return new StoredDataset({
    name: manifest.name,
    inputShape: manifest.inputShape,
    classNames: manifest.classNames,
    steps: manifest.steps,
    fingerprint: only?.fingerprint ?? manifest.fingerprint,
    createHash: () => createHash("sha256"),
    columns: new Columns(chunks, sizeOf(manifest.inputShape)),
  });
}

/** The manifest of a prepared dataset. `location` is its folder or the file. @throws DataError as `openDataset` does. */
export async function readManifest(location: string | URL): Promise<Manifest> {
  const path = await findManifest(location);
  return parseManifest(new TextDecoder().decode(await readWhole(path)), path);
}

function entryOf(manifest: Manifest, split: string): Manifest["splits"][string] {
  const entry = Object.hasOwn(manifest.splits, split) ? manifest.splits[split] : undefined;
  if (entry !== undefined) return entry;
  throw new ArgumentError({
    operation: "openDataset",
    received: `split ${JSON.stringify(split)}`,
    expected: `one that ${manifest.name} has: ${[...Object.keys(manifest.splits), "all"].join(", ")}`,
  });
}

async function openShard(
  path: string,
  entry: ShardEntry,
  manifest: Manifest,
  split: string,
  verify: boolean,
): Promise<Shard> {
  const bytes = await readWhole(path);
  if (bytes.byteLength !== entry.bytes) {
    throw altered(path, `${bytes.byteLength} bytes`, `${entry.bytes} bytes as the manifest says`);
  }
  const sum = verify ? createHash("sha256").update(bytes).digest("hex") : entry.sha256;
  if (sum !== entry.sha256) throw altered(path, `SHA-256 ${sum}`, `${entry.sha256} as the manifest says`);
  const shard = readShard(bytes, path);
  const { metadata, layout, rows } = shard;
  const { name, version, column, dtype, inputShape, classNames } = manifest;
  const found = describe(metadata, { split: metadata.split, ...layout, rows });
  const due = describe({ name, version, classNames }, { split, column, dtype, inputShape, rows: entry.rows });
  if (found !== due) throw altered(path, found, `${due} as the manifest says`);
  return shard;
}

/** What manifest and shard must say alike. */
function describe(
  { name, version, classNames }: Pick<Manifest, "name" | "version" | "classNames">,
  { split, column, dtype, inputShape, rows }: ShardLayout & { readonly split: string; readonly rows: number },
): string {
  return JSON.stringify({ name, version, split, rows, column, dtype, inputShape, classNames });
}

function altered(path: string, received: string, expected: string): DataError {
  const fix = "Prepare the dataset again.";
  return new DataError({ operation: "openDataset", received: `${path} with ${received}`, expected, fix });
}

async function findManifest(location: string | URL): Promise<string> {
  const path = location instanceof URL ? fileURLToPath(location) : location;
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => !basename(path).endsWith(".json"),
  );
  return isDirectory ? join(path, "manifest.json") : path;
}

async function readWhole(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError({
      operation: "openDataset",
      received: `${path}, which cannot be read (${error instanceof Error && "code" in error ? error.code : error})`,
      expected: "the files of a prepared dataset",
      fix: "Run the dataset's prepare-data task first.",
    });
  }
}
