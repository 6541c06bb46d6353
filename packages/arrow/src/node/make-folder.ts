import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes `folder` and those above it where they are missing. Not Node's `mkdir` with `recursive`, which says ENOENT where the
 * system says EROFS.
 * @throws the system's error.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if ((await stat(folder).catch(() => undefined))?.isDirectory()) return;
    if (!isAboveMissing(error, folder)) throw error;
    await makeFolder(dirname(folder));
    await mkdir(folder).catch(async (second) => {
      // Another process may have made it in the meantime.
      if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw second;
    });
  }
}

/** As `makeFolder`; the thread waits. @throws the system's error. */
export function makeFolderSync(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (isFolder(folder)) return;
    if (!isAboveMissing(error, folder)) throw error;
    makeFolderSync(dirname(folder));
    try {
      mkdirSync(folder);
    } catch (second) {
      // Another process may have made it in the meantime.
      if (!isFolder(folder)) throw second;
    }
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const isAboveMissing = (error: unknown, folder: string): boolean =>
  (error as NodeJS.ErrnoException).code === "ENOENT" && dirname(folder) !== folder;
