/**
 * Source → decoded rows → Arrow shards → manifest. Shards are written under temporary names; the manifest comes last, so
 * that a run that was killed leaves nothing that looks whole. The same source and options give the same bytes.
 */

import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError, checkInteger, sizeOf } from "@nn/tensor";
import { Fingerprint } from "../fingerprint.ts";
import { type Manifest, manifestFormat, parseManifest } from "../manifest.ts";
import { decode } from "./decode.ts";
import { partialSuffix } from "./shard-file.ts";
import type { Source, ValueBlock } from "./source.ts";
import { SplitWriter } from "./split-writer.ts";

export interface PrepareOptions {
  /** The folder for manifest.json and shards; made if need be. Shards of an earlier run there are removed. */
  readonly out: string | URL;
  readonly name: string;
  readonly version: string;
  /** In the order of the labels, 1 to 256. */
  readonly classNames: readonly string[];
  /** Rows in a shard, and so in memory at a time; default 10,000. */
  readonly shardSize?: number;
  /** For people: title, licence, homepage, citation … */
  readonly about?: Readonly<Record<string, string>>;
  /** Called as rows are written. */
  readonly onProgress?: (progress: PrepareProgress) => void;
}

export interface PrepareProgress {
  readonly split: string;
  /** Rows done so far, of `totalRows` in all splits. */
  readonly rows: number;
  readonly totalRows: number;
}

/**
 * Writes the dataset into `out` and returns its manifest.
 * @throws DataError when the source gives other rows than it announced, labels out of range or values that are not finite.
 * @throws ArgumentError for options out of range.
 */
export async function prepare(source: Source, options: PrepareOptions): Promise<Manifest> {
  const { shardSize = 10_000, name, version, classNames, about = {}, onProgress } = options;
  checkOptions(source, shardSize, classNames);
  const folder = options.out instanceof URL ? fileURLToPath(options.out) : options.out;
  await clear(folder);
  try {
    const { steps, blocks } = await decode(source);
    const { layout, splits, files } = source;
    const header = { dtype: layout.dtype, inputShape: layout.inputShape, steps };
    const createSha256 = () => createHash("sha256");
    const whole = new Fingerprint(header, createSha256);
    const totalRows = Object.values(splits).reduce((sum, count) => sum + count, 0);
    const facts = { name, version, inputShape: layout.inputShape, classNames, source: files, steps, splits };
    const entries: [string, Manifest["splits"][string]][] = [];
    const iterator = blocks()[Symbol.asyncIterator]();
    let next = await iterator.next();
    let rows = 0;
    for (const [split, count] of Object.entries(splits)) {
      const fingerprint = new Fingerprint(header, createSha256);
      const writer = new SplitWriter({ folder, split, rows: count, shardSize, layout, fingerprint, facts });
      for (; !next.done && next.value.split === split; next = await iterator.next()) {
        const block: ValueBlock = next.value;
        await writer.add(block);
        whole.update(block.inputs, block.labels);
        rows += block.labels.length;
        onProgress?.({ split, rows, totalRows });
      }
      entries.push([split, await writer.finish()]);
    }
    if (!next.done) throw unannounced(next.value.split);
    const manifest: Manifest = {
      format: manifestFormat,
      name,
      version,
      about,
      source: files,
      steps,
      ...layout,
      classNames,
      rows,
      fingerprint: whole.finish(),
      splits: Object.fromEntries(entries),
    };
    await writeManifest(folder, manifest);
    return manifest;
  } catch (error) {
    await clear(folder);
    throw error;
  }
}

function checkOptions({ layout, splits }: Source, shardSize: number, classNames: readonly string[]): void {
  checkInteger("prepare", "shardSize", shardSize, 1, Math.floor(2 ** 31 / Math.max(1, sizeOf(layout.inputShape))));
  checkInteger("prepare", "the number of class names", classNames.length, 1, 256);
  for (const [split, rows] of Object.entries(splits)) {
    if (!/^[a-z][a-z0-9-]*$/.test(split) || split === "all") {
      throw new ArgumentError({
        operation: "prepare",
        received: `split ${JSON.stringify(split)}`,
        expected: 'a name of small letters and digits, such as "train", but not "all"',
      });
    }
    checkInteger("prepare", `the number of rows in split ${split}`, rows, 1);
  }
  checkInteger("prepare", "the number of splits", Object.keys(splits).length, 1);
}

function unannounced(split: string): ArgumentError {
  return new ArgumentError({
    operation: "prepare",
    received: `rows of split ${split} out of turn`,
    expected: "each split that the source announced once, in that order",
  });
}

/** Makes the folder if need be and takes out of it what an earlier run left, the manifest first. */
async function clear(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rm(join(folder, "manifest.json"), { force: true });
  for (const file of await readdir(folder)) {
    const isOurs =
      /^[a-z][a-z0-9-]*-\d{5}-of-\d{5}\.arrow(\.partial)?$/.test(file) || file === `manifest.json${partialSuffix}`;
    if (isOurs) await rm(join(folder, file), { force: true });
  }
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  parseManifest(text, "the manifest about to be written");
  const path = join(folder, "manifest.json");
  const handle = await open(path + partialSuffix, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(path + partialSuffix, path);
}
