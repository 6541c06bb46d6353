import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { namingFile, removeLeftovers, writeFileAtomically } from "@nn/arrow/node";
import type { CheckpointStore } from "../checkpoint/checkpoint-options.ts";

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
      await removeLeftovers(path, basename(file));
      try {
        return await readFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw namingFile(error, file);
      }
    },
    write: (bytes) => writeFileAtomically(file, bytes),
  };
}
