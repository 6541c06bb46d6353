/** Where MNIST's four IDX files lie in a folder. */

import { join } from "node:path";
import type { IdxSplit } from "../src/prepare/index.ts";

export const mnistFiles = { train: "train", test: "t10k" } as const;

export const digits: readonly string[] = Array.from({ length: 10 }, (_, i) => String(i));

export function mnistSplits(folder: string): Record<string, IdxSplit> {
  const path = (file: string) => ({ path: join(folder, file) });
  return Object.fromEntries(
    Object.entries(mnistFiles).map(([split, name]) => [
      split,
      { images: path(`${name}-images-idx3-ubyte`), labels: path(`${name}-labels-idx1-ubyte`) },
    ]),
  );
}
