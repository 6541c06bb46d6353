import { open, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CheckpointStore } from "../checkpoint/checkpoint-options.ts";
import { namingFile } from "./atomic-file.ts";
import { makeFolder } from "./make-folder.ts";
import { removeLeftovers, temporaryName } from "./temporary.ts";

/**
 * The checkpoint of one run in a folder, as `checkpoint.safetensors`. The folder is made when it is missing; temporary files
 * that killed processes left in it are removed. Writing does not hold up the thread.
 * @throws when it reads or writes: the system's error, with the file in its message.
 * @example fit(model, data, { …, checkpoint: { in: folder("runs/cnn"), everySteps: 500 } })
 */
export function folder(path: string): CheckpointStore {
  const file = join(path, "checkpoint.safetensors");
  return {
    name: file,
    async read() {
      removeLeftovers(path, basename(file));
      try {
        return await readFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw namingFile(error, file);
      }
    },
    async write(bytes) {
      const temporary = join(path, temporaryName(basename(file)));
      try {
        makeFolder(path);
        removeLeftovers(path, basename(file));
        const handle = await open(temporary, "wx");
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw namingFile(error, file);
      }
    },
  };
}
