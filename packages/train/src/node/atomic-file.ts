import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { attempt, removeLeftovers, temporaryName } from "./temporary.ts";

/**
 * Writes to a temporary name beside `path`, forces it to disk and renames: no reader ever sees half a file. The folder is made
 * when it is missing; temporary files that killed processes left in it are removed.
 * @throws the system's error, with `path` in its message.
 */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  try {
    makeFolder(folder);
    removeLeftovers(folder);
    const file = openSync(temporary, "wx");
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    // Where nothing may be written nothing may be removed either.
    attempt(() => rmSync(temporary, { force: true }));
    throw namingFile(error, path);
  }
}

/** The error of a write with the file in its message: a full disk is reported without one. */
export function namingFile(error: unknown, path: string): unknown {
  if (error instanceof Error && !error.message.includes(path)) error.message += `, for ${path}`;
  return error;
}
