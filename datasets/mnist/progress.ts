/** Progress for people: a bar on a terminal, a line per split elsewhere. */

import type { PrepareProgress } from "@nn/datasets/prepare";
import { SingleBar } from "cli-progress";

export interface ProgressReport {
  readonly onProgress: (progress: PrepareProgress) => void;
  readonly stop: () => void;
}

export function reportProgress(name: string): ProgressReport {
  return process.stdout.isTTY ? bar(name) : lines(name);
}

function bar(name: string): ProgressReport {
  const bar = new SingleBar({
    format: `${name} [{bar}] {value}/{total} images · {split} · {eta} s left`,
    hideCursor: true,
  });
  return {
    onProgress: ({ split, rows, totalRows }) => {
      if (bar.isActive) bar.update(rows, { split });
      else bar.start(totalRows, rows, { split });
    },
    stop: () => bar.stop(),
  };
}

function lines(name: string): ProgressReport {
  let last = "";
  return {
    onProgress: ({ split, rows, totalRows }) => {
      if (split !== last) process.stdout.write(`${name}: ${split}, from row ${rows} of ${totalRows}\n`);
      last = split;
    },
    stop: () => undefined,
  };
}
