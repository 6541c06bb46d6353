/** The folder that a dataset is prepared into: what is there already, what has to go, and what comes last. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError } from "@nn/tensor";
import { type Manifest, parseManifest } from "../manifest.ts";
import { journalFile } from "./journal.ts";
import { partialSuffix } from "./shard-file.ts";

/** Says which request the folder holds the result of. */
const markFile = ".prepared";

/**
 * The path of the folder `out`, which is made if need be. `searched` is where the source looks for its files.
 * @throws ArgumentError when `out` is no folder, lies in `searched`, or holds a manifest.json that is not ours to replace.
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
  const start = (await read(join(folder, "manifest.json")))?.slice(0, 100);
  if (start !== undefined && !/^\s*\{\s*"format": *"nn-dataset\//.test(start)) {
    throw refuse(`${folder} with a manifest.json that prepare did not write`, "a folder of its own");
  }
  return folder;
}

/** The manifest of what the folder holds, when that is the whole and unaltered result of `request`. */
export async function findPrepared(folder: string, request: string): Promise<Manifest | undefined> {
  const [mark, text] = await Promise.all([read(join(folder, markFile)), read(join(folder, "manifest.json"))]);
  if (mark === undefined || text === undefined || mark !== markOf(request, text)) return undefined;
  const manifest = parseManifest(text);
  for (const { shards } of Object.values(manifest.splits)) {
    for (const { file, bytes, sha256 } of shards) {
      const size = await stat(join(folder, file)).then(
        (found) => found.size,
        () => -1,
      );
      if (size !== bytes || (await hashFile(join(folder, file))) !== sha256) return undefined;
    }
  }
  return manifest;
}

export async function markPrepared(folder: string, request: string): Promise<void> {
  await writeFile(join(folder, markFile), markOf(request, await readFile(join(folder, "manifest.json"), "utf8")));
  await rm(join(folder, journalFile), { force: true });
}

/** Takes out what an earlier run left, the manifest first, but for the shards in `keep`. */
export async function clear(folder: string, keep: ReadonlySet<string> = new Set()): Promise<void> {
  await rm(join(folder, "manifest.json"), { force: true });
  for (const file of await readdir(folder)) {
    const shard = /^([a-z][a-z0-9-]*-\d{5}-of-\d{5}\.arrow)(\.partial)?$/.exec(file)?.[1];
    const isKept = shard !== undefined && keep.has(shard);
    const isOurs = shard !== undefined || ours.has(file);
    if (isOurs && !isKept) await rm(join(folder, file), { force: true });
  }
}

const ours: ReadonlySet<string> = new Set([`manifest.json${partialSuffix}`, journalFile, markFile]);

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
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

const read = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);

/** SHA-256 in hexadecimal. */
async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}
