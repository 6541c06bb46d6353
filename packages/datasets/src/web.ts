/** Datasets over the network, for browsers and everything else that has `fetch`. */

import { ArgumentError, bytesPerElement, type Shape, sizeOf } from "@nn/tensor";
import { checkBoolean, checkOptions } from "@nn/tensor/arguments";
import { sha256 } from "@noble/hashes/sha2.js";
import { checkLabels, guarded, mapShard, readInputs, readShard, type ShardMap } from "./arrow/read.ts";
import { type Chunk, Columns } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { toHex } from "./fingerprint.ts";
import { labelledRows } from "./labelled-rows.ts";
import { checkShard, type Manifest, parseManifest, type ShardEntry } from "./manifest.ts";
import { plural } from "./plural.ts";
import { parseSplit } from "./split-string.ts";
import { StoredDataset } from "./stored-dataset.ts";
import type { ClassesTarget } from "./target.ts";
import { altered, type Fetch, RemoteFiles } from "./web/remote-files.ts";

export type { PrefetchedDataset, PrefetchOptions } from "./prefetch/prefetch.ts";
export { prefetch } from "./web/prefetch.ts";
export type { Fetch, FetchResponse } from "./web/remote-files.ts";

export interface FetchOptions {
  /** A split, a part of one or several, as `openDataset` takes them: `"test"`, `"train[:10%]"`; default `"all"`. */
  readonly split?: string;
  /** Whether the SHA-256 of shards that are fetched whole is compared with the manifest's; default true. */
  readonly verify?: boolean;
  /** Default: the machine's own. */
  readonly fetch?: Fetch;
  /** Ends it early: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as rows arrive. */
  readonly onProgress?: (progress: { readonly rows: number; readonly totalRows: number }) => void;
}

/**
 * The dataset that `prepare` wrote, from where it is served. `location` is the URL of its folder or its manifest.json.
 * Shards come several at a time; of a shard that is wanted in part, only those rows come, where the server takes range
 * requests. Rows stay in memory.
 * @throws DataError when manifest or shards are missing, cut, altered or do not belong together.
 * @throws ArgumentError when there is no such split.
 * @example const test = expectDataset(await fetchDataset("https://example.org/mnist/", { split: "test[:500]" }), mnist);
 */
export async function fetchDataset(
  location: string | URL,
  options: FetchOptions = {},
): Promise<Dataset<Shape, ClassesTarget>> {
  checkOptions("fetchDataset", options, { split: true, verify: true, fetch: true, signal: true, onProgress: true });
  const { split = "all", verify = true, onProgress } = options;
  checkBoolean("fetchDataset", "verify", verify);
  const url = manifestUrl(location);
  const files = new RemoteFiles(options);
  const text = new TextDecoder().decode(await files.whole(url.href));
  const manifest = parseManifest(text, url.href);
  const selection = parseSplit(split, manifest);
  const wanted = wantedParts(manifest, selection);
  const totalRows = wanted.reduce((sum, { from, to }) => sum + to - from, 0);
  let rows = 0;
  const chunks = await severalAtATime(wanted, async (part) => {
    const chunk = await readPart(files, fileUrl(part.entry.file, url), part, manifest, verify);
    rows += part.to - part.from;
    onProgress?.({ rows, totalRows });
    return chunk;
  });
  const { name, inputShape, classNames, steps, dtype, splits } = manifest;
  const isWhole = selection.ranges === undefined;
  const [only] = selection.splits;
  const fingerprint = selection.splits.length === 1 ? splits[only!]!.fingerprint : undefined;
  return new StoredDataset<Shape, ClassesTarget>({
    name,
    inputShape,
    target: { kind: "classes", count: classNames.length, names: classNames },
    steps,
    ...(isWhole && fingerprint !== undefined ? { fingerprint } : {}),
    columns: new Columns(
      chunks.map((chunk, i) =>
        labelledRows({
          rows: chunk.labels.length,
          read: () => chunk,
          readLabels: () => chunk.labels,
          partOf: { number: wanted[i]!.shard, rows: wanted[i]!.entry.rows },
        }),
      ),
      { width: sizeOf(inputShape), dtype },
    ),
  });
}

function manifestUrl(location: string | URL): URL {
  const base = (globalThis as { location?: { href?: string } }).location?.href;
  let url: URL;
  try {
    url = new URL(location, base);
  } catch {
    const received = `location ${JSON.stringify(String(location))}`;
    throw new ArgumentError({ operation: "fetchDataset", received, expected: "the URL of a folder or a manifest" });
  }
  if (url.pathname.endsWith(".json")) return url;
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return new URL(`manifest.json${url.search}`, url);
}

/** The URL of a file beside the manifest, with the manifest's query: it may be what permits the request. */
function fileUrl(file: string, manifest: URL): string {
  const url = new URL(file, manifest);
  url.search = manifest.search;
  return url.href;
}

/** Rows `from` … `to` − 1 of a shard. */
interface WantedPart {
  /** Number of the shard among those of all splits that are needed. */
  readonly shard: number;
  readonly split: string;
  readonly entry: ShardEntry;
  readonly from: number;
  readonly to: number;
}

/** What to fetch for a selection, in its order. */
function wantedParts({ splits }: Manifest, { splits: needed, ranges }: ReturnType<typeof parseSplit>): WantedPart[] {
  const shards: (WantedPart & { readonly start: number })[] = [];
  let start = 0;
  for (const split of needed) {
    for (const entry of splits[split]!.shards) {
      shards.push({ shard: shards.length, split, entry, from: 0, to: entry.rows, start });
      start += entry.rows;
    }
  }
  if (ranges === undefined) return shards;
  return ranges.flatMap(([from, to]) =>
    shards.flatMap((shard) => {
      const part = { ...shard, from: Math.max(0, from - shard.start), to: Math.min(shard.to, to - shard.start) };
      return part.from < part.to ? [part] : [];
    }),
  );
}

async function readPart(
  files: RemoteFiles,
  url: string,
  { split, entry, from, to }: WantedPart,
  manifest: Manifest,
  verify: boolean,
): Promise<Chunk> {
  const { bytes } = entry;
  // Half a shard and more comes as a whole, which can be checked by its sum.
  const isWhole = 2 * (to - from) >= entry.rows;
  const body = isWhole ? await files.whole(url) : await files.start(url, bytes);
  if (body.byteLength === bytes) {
    if (verify) await checkSum(url, body, entry);
    const shard = readShard(body, url);
    checkShard(url, shard, entry, manifest, split);
    const [chunk] = shard.chunks;
    if (shard.chunks.length !== 1) throw altered(url, `${shard.chunks.length} record batches`, "one");
    const width = sizeOf(manifest.inputShape);
    return { inputs: chunk!.inputs.subarray(from * width, to * width), labels: chunk!.labels.subarray(from, to) };
  }
  if (isWhole) throw altered(url, plural(body.byteLength, "byte"), `${bytes} bytes as the manifest says`);
  const map = await mapRemote(files, url, bytes, body);
  checkShard(url, map, entry, manifest, split);
  return await readRows(files, url, bytes, map, from, to);
}

async function mapRemote(files: RemoteFiles, url: string, size: number, start: Uint8Array): Promise<ShardMap> {
  const steps = mapShard(size);
  let step = guarded(url, size, () => steps.next(new Uint8Array(0)));
  while (!step.done) {
    const { offset, length } = step.value;
    const isThere = offset + length <= start.byteLength;
    const bytes = isThere ? start.subarray(offset, offset + length) : await files.range(url, step.value);
    step = guarded(url, size, () => steps.next(bytes));
  }
  return step.value;
}

async function readRows(
  files: RemoteFiles,
  url: string,
  size: number,
  { layout, metadata, parts }: ShardMap,
  from: number,
  to: number,
): Promise<Chunk> {
  const [part] = parts;
  if (parts.length !== 1) throw altered(url, `${parts.length} record batches`, "one");
  const rowBytes = sizeOf(layout.inputShape) * bytesPerElement[layout.dtype];
  const [inputs, labels] = await Promise.all([
    files.range(url, { offset: part!.inputsAt + from * rowBytes, length: (to - from) * rowBytes }),
    files.range(url, { offset: part!.labelsAt + from, length: to - from }),
  ]);
  return {
    inputs: readInputs(inputs, layout.dtype),
    labels: guarded(url, size, () => checkLabels(labels, metadata, from)),
  };
}

async function checkSum(url: string, bytes: Uint8Array, entry: ShardEntry): Promise<void> {
  // Browsers have it on secure pages only.
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))
    : sha256(bytes);
  const sum = toHex(digest);
  if (sum !== entry.sha256) throw altered(url, `SHA-256 ${sum}`, `${entry.sha256} as the manifest says`);
}

/** How many shards come at a time. */
const atATime = 4;

/** The results of `run` in the order of `values`. After the first failure no other is begun. */
async function severalAtATime<A, B>(values: readonly A[], run: (value: A) => Promise<B>): Promise<B[]> {
  const results: B[] = [];
  let next = 0;
  const worker = async () => {
    while (next < values.length) {
      const index = next++;
      try {
        results[index] = await run(values[index]!);
      } catch (error) {
        next = values.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, values.length) }, worker));
  return results;
}
