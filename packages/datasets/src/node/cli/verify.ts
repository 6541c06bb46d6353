/** `nn-datasets verify`: does a prepared dataset still hold what its manifest says? */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import type { InputData } from "../../columns.ts";
import { DataError } from "../../errors.ts";
import { Fingerprint } from "../../fingerprint.ts";
import { plural } from "../../plural.ts";
import { RowStatistics } from "../../statistics.ts";
import { findManifest, openShard, readManifest } from "../stored.ts";
import { count, type Io } from "./io.ts";
import { printable } from "./printable.ts";

interface Finding {
  readonly file: string;
  readonly problem: string;
}

export function verifyCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command("verify")
    .description("compare sums, counts and fingerprints of a prepared dataset with its manifest")
    .argument("<folder>", "what prepare wrote")
    .option("--json", "print the result as JSON, and nothing else")
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const { name: found, shards, rows, findings } = await verify(folder);
      const name = printable(found);
      if (json) io.out(`${JSON.stringify({ ok: findings.length === 0, shards, rows, findings })}\n`);
      else {
        for (const { file, problem } of findings) io.error(`${printable(`${file}: ${problem}`)}\n`);
        if (findings.length === 0)
          io.out(
            `${name}: ${plural(shards, "shard", count)}, ${plural(rows, "row", count)}, sums, counts and fingerprints as stated\n`,
          );
        else io.error(`${name}: ${plural(findings.length, "problem", count)}; prepare the dataset again\n`);
      }
      exit(findings.length === 0 ? 0 : 1);
    });
}

async function verify(folder: string) {
  const path = await findManifest(folder);
  const manifest = await readManifest(folder);
  const { dtype, inputShape, steps } = manifest;
  const create = () => new Fingerprint({ dtype, inputShape, steps }, () => createHash("sha256"));
  const findings: Finding[] = [];
  const whole = create();
  let [shards, rows] = [0, 0];
  for (const [split, entry] of Object.entries(manifest.splits)) {
    const fingerprint = create();
    const statistics = new RowStatistics(manifest.classNames.length);
    const before = findings.length;
    for (const shard of entry.shards) {
      shards += 1;
      try {
        for (const { inputs, labels } of openShard(join(dirname(path), shard.file), shard, manifest, split).chunks) {
          fingerprint.update(inputs as InputData, labels);
          whole.update(inputs as InputData, labels);
          statistics.update(inputs as InputData, labels);
          rows += labels.length;
        }
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        findings.push({ file: shard.file, problem: error.received });
      }
    }
    if (findings.length > before) continue;
    const { classCounts, mean, standardDeviation } = statistics.finish();
    const differing = [
      ...(fingerprint.finish() === entry.fingerprint ? [] : ["another fingerprint"]),
      ...(String(classCounts) === String(entry.classCounts) ? [] : ["other class counts"]),
      ...(isClose(mean, entry.mean) ? [] : ["another mean"]),
      ...(isClose(standardDeviation, entry.standardDeviation) ? [] : ["another standard deviation"]),
    ];
    for (const what of differing) {
      findings.push({ file: "manifest.json", problem: `${what} than the rows of split ${split}` });
    }
  }
  if (findings.length === 0 && whole.finish() !== manifest.fingerprint) {
    findings.push({ file: "manifest.json", problem: "another fingerprint than the rows" });
  }
  return { name: manifest.name, shards, rows, findings };
}

// Squares may differ in their last bit between one version of Node and another.
const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
