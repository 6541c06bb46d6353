/** Datasets from files, for Node. Only reading; `@nn/datasets/prepare` writes. */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ArgumentError, type Shape, sizeOf } from "@nn/tensor";
import { checkBoolean, checkOptions, formatValue } from "@nn/tensor/arguments";
import { Columns } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import { labelledRows } from "./labelled-rows.ts";
import type { Manifest } from "./manifest.ts";
import { findManifest, readManifest, storedShard } from "./node/stored.ts";
import { parseSplit, selectRows } from "./split-string.ts";
import { StoredDataset } from "./stored-dataset.ts";
import type { ClassesTarget } from "./target.ts";

export type { SourceFile } from "./arrow/schema.ts";
export type { Manifest, PrepareReport, ShardEntry, SplitEntry } from "./manifest.ts";
export { prefetch } from "./node/prefetch.ts";
export { readManifest } from "./node/stored.ts";
export type { PrefetchedDataset, PrefetchOptions } from "./prefetch/prefetch.ts";

export interface OpenOptions {
  /**
   * A split of the manifest, such as `"train"`, a part of one, such as `"train[:80%]"` or `"test[-500:]"`, several joined
   * by `+`, or `"all"` of them one after the other (default).
   */
  readonly split?: string;
  /** Whether every shard's SHA-256 is compared with the manifest's when it is first read; default true. */
  readonly verify?: boolean;
  /**
   * The most bytes of inputs that are kept in memory, though never less than one shard; default no limit. Labels (a byte
   * a row), batches that you hold and what `inputs` gathers come on top; each worker of `prefetch` keeps as much of its
   * own. `batches` shuffles within a window that fits, so that an epoch reads each shard once. Rows in an order that jumps
   * from shard to shard (a random part unshuffled, a larger window) stay within the bound, but shards are read again.
   */
  readonly memory?: number;
}

/**
 * The dataset that `prepare` wrote. `location` is its folder or its manifest.json. Reads the manifest alone: shards are
 * opened when their rows are wanted, and become tensors over the bytes of their files. `expectDataset` puts shape and class
 * count into the type.
 * @throws DataError when manifest or shards are missing or not of their size; and later, when rows are wanted and their
 * shard was altered or belongs to another dataset.
 * @throws ArgumentError when there is no such split.
 * @example const train = expectDataset(await openDataset(directory, { split: "train" }), mnist);
 */
export async function openDataset(
  location: string | URL,
  options: OpenOptions = {},
): Promise<Dataset<Shape, ClassesTarget>> {
  checkOptions("openDataset", options, { split: true, verify: true, memory: true });
  const { split = "all", verify = true, memory = Number.POSITIVE_INFINITY } = options;
  checkBoolean("openDataset", "verify", verify);
  if (!(typeof memory === "number" && memory >= 1)) {
    const received = `memory ${formatValue(memory)}`;
    throw new ArgumentError({ operation: "openDataset", received, expected: "a number of bytes of at least 1" });
  }
  const path = await findManifest(location);
  const manifest = await readManifest(location);
  const selection = parseSplit(split, manifest);
  const chunks = [];
  for (const split of selection.splits) {
    for (const entry of manifest.splits[split]!.shards) {
      const shard = { path: join(dirname(path), entry.file), entry, manifest, split, verify };
      chunks.push(labelledRows(await storedShard(shard)));
    }
  }
  const { inputShape, dtype, classNames } = manifest;
  const data = new StoredDataset<Shape, ClassesTarget>({
    name: manifest.name,
    inputShape,
    target: { kind: "classes", count: classNames.length, names: classNames },
    steps: manifest.steps,
    ...knownFingerprint(manifest, selection.splits),
    createHash: () => createHash("sha256"),
    columns: new Columns(chunks, { width: sizeOf(inputShape), dtype, memory }),
  });
  return selectRows(data, selection);
}

/** Of all splits in order, or of one; of others it is computed when it is read. */
function knownFingerprint(manifest: Manifest, splits: readonly string[]): { fingerprint?: string } {
  const all = Object.keys(manifest.splits);
  const [only] = splits;
  if (splits.length === 1) return { fingerprint: manifest.splits[only!]!.fingerprint };
  return splits.join() === all.join() ? { fingerprint: manifest.fingerprint } : {};
}
