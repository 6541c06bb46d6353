// What training needs of Node: files that are whole or absent. Kept apart so that the main entries run anywhere.
import { appendFileSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RunLogSink } from "./run-log.ts";

/**
 * A run log in one file. Synchronous, so that what was recorded is in the file when the process is killed. The first
 * write replaces an earlier log of that name; the folder is made when it is missing.
 */
export function fileSink(path: string): RunLogSink {
  let started = false;
  return {
    write(bytes) {
      if (started) return appendFileSync(path, bytes);
      writeFileAtomically(path, bytes);
      started = true;
    },
    replace: (bytes) => writeFileAtomically(path, bytes),
  };
}

/** Writes to a temporary name beside `path`, forces it to disk and renames: no reader ever sees half a file. */
export function writeFileAtomically(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
