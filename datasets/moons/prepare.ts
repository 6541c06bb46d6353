/** Makes build/ by drawing the points that manifest.json describes. Prints one line of summary. */

import { makeMoons } from "@nn/datasets";
import { datasetSource, prepare } from "@nn/datasets/prepare";
import { ArgumentError } from "@nn/tensor";
import { directory } from "./index.ts";
import manifest from "./manifest.json" with { type: "json" };

try {
  const { name, version, about, classNames, source } = manifest;
  const { samples, noise, seed, shuffle } = source;
  const steps = [`makeMoons@1(samples=${samples},noise=${noise},seed=${seed},shuffle=${shuffle})`];
  const train = makeMoons({ samples, noise, seed, shuffle });
  const prepared = await prepare(datasetSource({ train }, { column: "point", steps }), {
    out: directory,
    name,
    version,
    about,
    classNames,
  });
  process.stdout.write(`${name} ${version}: ${prepared.rows} points, ${prepared.fingerprint.slice(0, 19)}\n`);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
