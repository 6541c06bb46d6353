// Checkpoints and run logs in files. An entry of its own, so that the other entries run anywhere.
import { appendFileSync } from "node:fs";
import { namingFile, writeFileAtomicallySync } from "@nn/arrow/node";
import type { RunLogSink } from "./run-log.ts";

export { folder } from "./node/folder.ts";

/**
 * A run log in one file. Synchronous, so that what was recorded is in the file when the process is killed. The first
 * write replaces an earlier log of that name; the folder is made when it is missing.
 */
export function fileSink(path: string): RunLogSink {
  let started = false;
  return {
    write(bytes) {
      if (!started) {
        writeFileAtomicallySync(path, bytes);
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
      writeFileAtomicallySync(path, bytes);
      started = true;
    },
  };
}
