/** Files that are whole or absent, at whatever instant the process is killed: temporary name, fsync, rename. */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { attempt } from "./attempt.ts";
import { makeFolder, makeFolderSync } from "./make-folder.ts";
import { removeLeftovers, removeLeftoversSync, temporaryName } from "./temporary.ts";

/**
 * Writes to a temporary name beside `path`, forces it to disk and renames: a reader sees the old file or the new one. The
 * folder is made when it is missing; temporary files that killed processes left in it are removed. The thread goes on
 * meanwhile: `content` must not change until the promise is kept. Of two calls for one path at once the last to end counts.
 * @throws the system's error, with `path` in its message; the old file is still there.
 */
export async function writeFileAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    await makeFolder(folder);
    await removeLeftovers(folder);
    // Made here: a link or a pipe that another program put there is not written to.
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Where nothing may be written nothing may be removed either.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw namingFile(error, path);
  }
}

/**
 * As `writeFileAtomically`; the thread waits, so that the file is there when a signal handler returns.
 * @throws the system's error, with `path` in its message; the old file is still there.
 */
export function writeFileAtomicallySync(path: string, content: Uint8Array | string): void {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    makeFolderSync(folder);
    removeLeftoversSync(folder);
    const file = openSync(temporary, "wx");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    attempt(() => rmSync(temporary, { force: true }));
    throw namingFile(error, path);
  }
}

/** The error of a write with the file as its `path` and in its message: a full disk is reported without one. */
export function namingFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  if (!error.message.includes(path)) error.message += `, for ${path}`;
  return Object.assign(error, { path });
}
