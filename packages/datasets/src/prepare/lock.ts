/**
 * One `prepare` at a time in a folder. Every run leaves a file there that is named for its process and then looks for
 * those of others, so that of two at once at least one sees the other. A run removes the files of processes that are gone.
 * Names are never used twice, so the file of a run that goes on is not removed.
 */

import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { formatOwner, isAlive, newOwner, type Owner, ownPlace, parseOwner } from "@nn/arrow/node";
import { ArgumentError } from "@nn/tensor";
import { isForbidden } from "./system-error.ts";

/**
 * Keeps `folder` until the function that it gives is called, or the process ends.
 * @throws ArgumentError while another process, or another call in this one, prepares into it, and where nothing may be
 * written.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own = nameOf(newOwner());
  const path = join(folder, own);
  const release = () => rm(path, { force: true });
  for (let attempt = 0; ; attempt++) {
    await create(path, folder);
    let other: Owner | undefined;
    try {
      other = await findOther(folder, own);
    } catch (error) {
      await release();
      throw error;
    }
    if (other === undefined) return release;
    await release();
    if (attempt === attempts) throw refuse(folder, other);
    // Two that begin at once see each other: who comes back first stays.
    await setTimeout(Math.random() * longestWaitMs);
  }
}

async function create(path: string, folder: string): Promise<void> {
  try {
    await (await open(path, "wx")).close();
  } catch (error) {
    // The folder is there: ENOENT is what file systems such as /proc say of new files.
    if (!isForbidden(error) && (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ArgumentError({
      operation: "prepare",
      received: `out ${folder}, into which nothing may be written (${(error as NodeJS.ErrnoException).code})`,
      expected: "a folder that may be written to",
    });
  }
}

const attempts = 5;
const longestWaitMs = 100;

const nameOf = (owner: Owner): string => `.prepare-${formatOwner(owner)}.lock`;

function parseName(file: string): Owner | undefined {
  const match = /^\.prepare-(.*)\.lock$/.exec(file);
  return match === null ? undefined : parseOwner(match[1]!);
}

/** Another run that goes on in the folder; what is left of those that do not is removed. */
export async function findOther(folder: string, own?: string): Promise<Owner | undefined> {
  let found: Owner | undefined;
  for (const file of await readdir(folder)) {
    const owner = file === own ? undefined : parseName(file);
    if (owner === undefined) continue;
    if (isAlive(owner)) found = owner;
    else await rm(join(folder, file), { force: true });
  }
  return found;
}

function refuse(folder: string, owner: Owner): ArgumentError {
  const where = owner.place === ownPlace ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.place}`;
  return new ArgumentError({
    operation: "prepare",
    received: `${folder}, into which ${where} is preparing`,
    expected: "one prepare at a time in a folder",
    fix: `Wait until it has ended. If that is no prepare any more, remove ${nameOf(owner)} there.`,
  });
}
