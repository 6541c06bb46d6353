/** The folder that a dataset is prepared into: what is there already, what has to go, and what comes last. */

import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { readdir, realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder, parseTemporaryName, writeFileAtomically } from "@nn/arrow/node";
import { ArgumentError } from "@nn/tensor";
import { type Manifest, parseManifest } from "../manifest.ts";
import { openUnlinked, readText, UnusableFile } from "../node/regular-file.ts";
import { hashFile } from "./hash-file.ts";
import { journalFile } from "./journal.ts";
import { partialSuffix, remove } from "./partial-file.ts";
import { shardName } from "./shard-file.ts";
import { ifThere, isForbidden, leadsNowhere } from "./system-error.ts";

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
    await makeFolder(resolve(folder));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR")
      throw refuse(`${folder}, which is a file or lies below one`, "a folder");
    if (isForbidden(error))
      throw refuse(`${folder}, which may not be made (${code})`, "a folder that may be written to");
    throw error;
  }
  const start = manifestOf(folder)?.slice(0, 100);
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

/** @throws ArgumentError when what has its name is a link, a pipe or the like: reading it might never end. */
function manifestOf(folder: string): string | undefined {
  const path = join(folder, manifestFile);
  try {
    return readText(openUnlinked(path), path, largestText);
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    if (!(error instanceof UnusableFile)) return undefined;
    throw refuse(`${folder} with a manifest.json that prepare did not write, ${error.reason}`, "a folder of its own");
  }
}

/** The manifest of what the folder holds, when that is the whole and unaltered result of `request`. */
export async function findPrepared(folder: string, request: string): Promise<Manifest | undefined> {
  const [mark, text] = [read(join(folder, markFile)), read(join(folder, manifestFile))];
  if (mark === undefined || text === undefined || mark !== markOf(request, text)) return undefined;
  const manifest = parseManifest(text);
  for (const { shards } of Object.values(manifest.splits)) {
    for (const { file, bytes, sha256 } of shards) {
      if (!(await isWhole(join(folder, file), bytes, sha256))) return undefined;
    }
  }
  return manifest;
}

async function isWhole(path: string, bytes: number, sha256: string): Promise<boolean> {
  const file = ifThere(() => openUnlinked(path));
  if (file === undefined) return false;
  if (file.size === bytes) return (await hashFile(file)) === sha256;
  closeSync(file.handle);
  return false;
}

export async function markPrepared(folder: string, request: string): Promise<void> {
  await writeFileAtomically(join(folder, markFile), markOf(request, read(join(folder, manifestFile)) ?? ""));
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

/** Names of files that a run uses until it is done. */
function isLeftover(file: string): boolean {
  if (file === journalFile || isUnfinished(file)) return true;
  return file.endsWith(partialSuffix) && shardName.test(file.slice(0, -partialSuffix.length));
}

/** Whether it is the temporary name of a file of ours: under the lock of the folder no process is writing it any more. */
function isUnfinished(file: string): boolean {
  const name = parseTemporaryName(file)?.name;
  return name !== undefined && [manifestFile, journalFile, markFile].includes(name);
}

/** Whether there is anything, but for locks, that a run leaves when it is killed. */
export async function hasLeftovers(folder: string): Promise<boolean> {
  return (await readdir(folder)).some(isLeftover);
}

/** Takes out what runs that were killed left beside a finished result. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const file of await readdir(folder)) if (isLeftover(file)) await remove(join(folder, file));
}

/** Takes out all that is ours; what says so comes last, so that one who is killed meanwhile can be followed. */
export async function clear(folder: string): Promise<void> {
  await removeManifest(folder);
  await removeShards(folder);
  for (const file of await readdir(folder)) if (isUnfinished(file)) await remove(join(folder, file));
  for (const file of [manifestFile, journalFile, markFile]) await rm(join(folder, file), { force: true });
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  parseManifest(text, "the manifest about to be written");
  await writeFileAtomically(join(folder, manifestFile), text);
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

const refuse = (received: string, expected: string, fix = "Choose another folder.") =>
  new ArgumentError({ operation: "prepare", received: `out ${received}`, expected, fix });

/** Larger files are not ours. */
const largestText = 2 ** 28;

/** A file that a run wrote; undefined where there is none, or something else has its name. */
const read = (path: string): string | undefined => ifThere(() => readText(openUnlinked(path), path, largestText));
