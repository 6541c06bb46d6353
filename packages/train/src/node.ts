// What training needs of Node: files that are whole or absent. Kept apart so that the main entries run anywhere.
import { appendFileSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { CheckpointStore } from "./checkpoint/checkpoint.ts";
import { namingFile, writeFileAtomically } from "./node/atomic-file.ts";
import { removeLeftovers, temporaryName } from "./node/temporary.ts";
import type { RunLogSink } from "./run-log.ts";

export { writeFileAtomically } from "./node/atomic-file.ts";
export { makeFolder } from "./node/make-folder.ts";
export { removeLeftovers, temporaryName } from "./node/temporary.ts";

/**
 * A run log in one file. Synchronous, so that what was recorded is in the file when the process is killed. The first
 * write replaces an earlier log of that name; the folder is made when it is missing.
 */
export function fileSink(path: string): RunLogSink {
  let started = false;
  return {
    write(bytes) {
      if (!started) {
        writeFileAtomically(path, bytes);
        started = true;
        return;
      }
      try {
        appendFileSync(path, bytes);
      } catch (error) {
        throw namingFile(error, path);
      }
    },
    replace(bytes) {
      writeFileAtomically(path, bytes);
      started = true;
    },
  };
}

/** The checkpoints of one run in a folder: the last one, as `checkpoint.safetensors`. The folder is made when it is missing. */
export function folder(path: string): CheckpointStore {
  const file = join(path, "checkpoint.safetensors");
  return {
    async read() {
      try {
        return await readFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async write(bytes) {
      await writeFileAtomic(file, bytes);
    },
  };
}

/** As `writeFileAtomically`, without holding up the thread. */
async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  removeLeftovers(dirname(path));
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
