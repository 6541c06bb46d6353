/** Files that are there whole or not at all, whenever a run is killed. */

import { open, rename } from "node:fs/promises";

/** What a file is called until it is whole. */
export const partialSuffix = ".partial";

/** Writes a file, brings it safely to disk and then gives it its name. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const handle = await open(path + partialSuffix, "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(path + partialSuffix, path);
}
