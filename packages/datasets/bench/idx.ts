/**
 * MNIST from its IDX files to Arrow: through `prepare`, and through the command with the start of its process.
 *
 *     node --conditions=@nn/source bench/idx.ts FOLDER_OF_IDX_FILES [rounds = 9]
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { idxSource, prepare } from "../src/prepare/index.ts";
import { interleave, line, machine, printUsage, runAlone, type Usage } from "./alone.ts";
import { digits, mnistSplits } from "./mnist-idx.ts";

const command = fileURLToPath(new URL("../bin/nn-datasets.js", import.meta.url));

const [first = "", second = "9", third = ""] = process.argv.slice(2);
if (first === "--prepare") {
  const start = performance.now();
  await prepare(await idxSource(mnistSplits(second)), { name: "mnist", version: "1", classNames: digits, out: third });
  printUsage(start);
} else {
  const folder = mkdtempSync(join(tmpdir(), "nn-idx-"));
  const out = join(folder, "out");
  const fresh = (run: () => Usage) => () => {
    rmSync(out, { recursive: true, force: true });
    return run();
  };
  try {
    const results = interleave(
      {
        prepare: fresh(() => runAlone(import.meta.filename, "--prepare", first, out)),
        "nn-datasets prepare, whole process": fresh(() => commandUsage(first, out)),
      },
      Number(second),
    );
    for (const [name, usages] of Object.entries(results)) process.stdout.write(line(name, usages, 70_000));
    process.stdout.write(machine());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From the outside: its CPU time and memory are not known here. */
function commandUsage(idx: string, out: string): Usage {
  const args = ["prepare", idx, "--out", out, "--classes", digits.join(",")];
  const start = performance.now();
  execFileSync(process.execPath, ["--conditions=@nn/source", command, ...args]);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: Number.NaN, residentMiB: Number.NaN };
}
