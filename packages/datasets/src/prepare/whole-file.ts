/** Files that are there whole or not at all, whenever a run is killed. */

import { open, rename, unlink } from "node:fs/promises";
import { withPath } from "./system-error.ts";

/** What a file is called until it is whole. */
export const partialSuffix = ".partial";

/** Writes a file, brings it safely to disk and then gives it its name. `partial` is what it is called until then. */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  partial: string = path + partialSuffix,
): Promise<void> {
  await remove(partial);
  try {
    // Made here: a link or a pipe that somebody put there is not written to.
    const handle = await open(partial, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  } catch (error) {
    // On a full disk what was written would only stand in the way; why it failed is what counts.
    await remove(partial).catch(() => undefined);
    throw withPath(error, path);
  }
}

/** Removes what has this name, unless that is a folder. */
export async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
