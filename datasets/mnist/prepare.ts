/** Makes build/ as manifest.json says. Prints progress and one line of summary; exit code 1 and the reason on failure. */

import { type Manifest, prepare } from "@nn/datasets/prepare";
import { ArgumentError } from "@nn/tensor";
import { directory } from "./index.ts";
import manifest from "./manifest.json" with { type: "json" };
import { reportProgress } from "./progress.ts";
import { openSource } from "./source.ts";

const { name, version, about, classNames } = manifest;
const { onProgress, stop } = reportProgress(name);
try {
  const start = performance.now();
  const prepared = await prepare(await openSource(), { out: directory, name, version, about, classNames, onProgress });
  stop();
  process.stdout.write(`${summarize(prepared, performance.now() - start)}\n`);
} catch (error) {
  stop();
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function summarize({ rows, splits, fingerprint }: Manifest, durationMs: number): string {
  const parts = Object.entries(splits).map(([split, entry]) => `${entry.rows} ${split}`);
  const shards = Object.values(splits).flatMap((entry) => entry.shards);
  const megabytes = shards.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  return (
    `${name} ${version}: ${rows} images (${parts.join(", ")}) in ${shards.length} shards, ${megabytes.toFixed(1)} MB, ` +
    `${(durationMs / 1000).toFixed(1)} s, ${fingerprint.slice(0, 19)}…`
  );
}
