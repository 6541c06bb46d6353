/** Shards on their way to disk. All other files of a run are written by `writeFileAtomically`. */

import { unlink } from "node:fs/promises";

/** What a shard is called until it is whole: always the same, so that the next run finds the rows of one that was killed. */
export const partialSuffix = ".partial";

/** Removes what has this name, unless that is a folder. */
export async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
