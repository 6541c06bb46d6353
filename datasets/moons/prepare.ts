/** Makes build/ as manifest.json says. Prints one line of summary; exit code 1 and the reason on failure. */

import { prepare } from "@nn/datasets/prepare";
import { ArgumentError } from "@nn/tensor";
import { directory } from "./index.ts";
import manifest from "./manifest.json" with { type: "json" };
import { openSource } from "./source.ts";

try {
  const { name, version, about, classNames } = manifest;
  const { rows, fingerprint } = await prepare(openSource(), { out: directory, name, version, about, classNames });
  process.stdout.write(`${name} ${version}: ${rows} points, ${fingerprint.slice(0, 19)}…\n`);
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
