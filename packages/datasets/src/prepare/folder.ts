/** The folder that a dataset is prepared into: what is there already, what has to go, and what comes last. */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "@nn/tensor";
import { type Manifest, parseManifest } from "../manifest.ts";
import { hashFile } from "./hash-file.ts";
import { journalFile } from "./journal.ts";
import { shardName } from "./shard-file.ts";
import { ifThere } from "./system-error.ts";
import { partialSuffix, writeWhole } from "./whole-file.ts";

const manifestFile = "manifest.json";

/** Says which request the folder holds the result of. */
const markFile = ".prepared";

/**
 * The path of the folder `out`, which is made if need be. `searched` is where the source looks for its files.
 * @throws ArgumentError when `out` is no folder, lies in `searched`, or holds a manifest or shards that are not ours to
 * replace.
 */
export async function openFolder(out: string | URL, searched: string | undefined): Promise<string> {
  const folder = out instanceof URL ? fileURLToPath(out) : out;
  if (folder === "") throw refuse("without a name", "a folder");
  if (searched !== undefined && `${await realPathOf(resolve(folder))}${sep}`.startsWith(`${searched}${sep}`)) {
    throw refuse(`${folder}, which lies in the source, ${searched}`, "another folder", "Choose a folder beside it.");
  }
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR")
      throw refuse(`${folder}, which is a file or lies below one`, "a folder");
    if (isForbidden(error))
      throw refuse(`${folder}, which may not be made (${code})`, "a folder that may be written to");
    throw error;
  }
  const start = (await read(join(folder, manifestFile)))?.slice(0, 100);
  if (start !== undefined && !/^\s*\{\s*"format": *"nn-dataset\//.test(start)) {
    throw refuse(`${folder} with a manifest.json that prepare did not write`, "a folder of its own");
  }
  const files = await readdir(folder);
  const isOurs = start !== undefined || files.includes(journalFile) || files.includes(markFile);
  // Others call their shards the same, Hugging Face's save_to_disk among them.
  const foreign = isOurs ? undefined : files.find((file) => shardName.test(file));
  if (foreign !== undefined)
    throw refuse(`${folder} with ${foreign}, which prepare did not write`, "a folder of its own");
  return folder;
}

/** The manifest of what the folder holds, when that is the whole and unaltered result of `request`. */
export async function findPrepared(folder: string, request: string): Promise<Manifest | undefined> {
  const [mark, text] = await Promise.all([read(join(folder, markFile)), read(join(folder, manifestFile))]);
  if (mark === undefined || text === undefined || mark !== markOf(request, text)) return undefined;
  const manifest = parseManifest(text);
  for (const { shards } of Object.values(manifest.splits)) {
    for (const { file, bytes, sha256 } of shards) {
      const found = await ifThere(stat(join(folder, file)));
      if (found?.size !== bytes || (await hashFile(join(folder, file))) !== sha256) return undefined;
    }
  }
  return manifest;
}

export async function markPrepared(folder: string, request: string): Promise<void> {
  await writeWhole(join(folder, markFile), markOf(request, await readFile(join(folder, manifestFile), "utf8")));
  await rm(join(folder, journalFile), { force: true });
}

/** Takes out the manifest: from now on nothing in the folder looks whole. */
export async function removeManifest(folder: string): Promise<void> {
  await rm(join(folder, manifestFile), { force: true });
}

/** Takes out the shards that an earlier run left, but for those in `keep`. */
export async function removeShards(folder: string, keep: ReadonlySet<string> = new Set()): Promise<void> {
  for (const file of await readdir(folder)) {
    const shard = file.endsWith(partialSuffix) ? file.slice(0, -partialSuffix.length) : file;
    if (shardName.test(shard) && !keep.has(shard)) await rm(join(folder, file), { force: true });
  }
}

/** Takes out all that is ours; what says so comes last, so that one who is killed meanwhile can be followed. */
export async function clear(folder: string): Promise<void> {
  await removeManifest(folder);
  await removeShards(folder);
  for (const file of [manifestFile, journalFile, markFile]) {
    await rm(join(folder, file + partialSuffix), { force: true });
    await rm(join(folder, file), { force: true });
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  parseManifest(text, "the manifest about to be written");
  await writeWhole(join(folder, manifestFile), text);
}

const markOf = (request: string, manifest: string): string =>
  `${request}\n${createHash("sha256").update(manifest).digest("hex")}\n`;

/** Where a path leads, whether or not it is there yet. */
async function realPathOf(path: string): Promise<string> {
  const parent = dirname(path);
  return await realpath(path).catch(async () =>
    parent === path ? path : join(await realPathOf(parent), basename(path)),
  );
}

/** Whether it is for rights that a file system refuses. */
export const isForbidden = (error: unknown): boolean =>
  ["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "");

const refuse = (received: string, expected: string, fix = "Choose another folder.") =>
  new ArgumentError({ operation: "prepare", received: `out ${received}`, expected, fix });

const read = (path: string): Promise<string | undefined> => ifThere(readFile(path, "utf8"));
