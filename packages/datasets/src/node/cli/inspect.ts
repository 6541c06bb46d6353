/** `nn-datasets inspect`: what a prepared dataset holds, in words, numbers and a picture. */

import { ArgumentError } from "@nn/tensor";
import type { Command } from "commander";
import type { Manifest } from "../../manifest.ts";
import { openDataset } from "../../node.ts";
import { readManifest } from "../stored.ts";
import { contactSheet } from "./contact-sheet.ts";
import { columns, count, type Io } from "./io.ts";
import { printable } from "./printable.ts";
import { writeOwned } from "./write-owned.ts";

interface Flags {
  readonly contactSheet?: string;
  readonly perClass: string;
  readonly split?: string;
  readonly json?: boolean;
}

export function inspectCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command("inspect")
    .description("show schema, counts and statistics of a prepared dataset, and a sheet of its images")
    .argument("<folder>", "what prepare wrote")
    .option("--contact-sheet <file>", "write a PNG with images of every class, a row a class")
    .option("--per-class <number>", "images of a class on the sheet", "10")
    .option("--split <split>", 'the rows on the sheet, such as "test" or "train[:10%]" (default: all)')
    .option("--json", "print the manifest as JSON, and nothing else")
    .action(async (folder: string, { contactSheet: file, perClass, split, json }: Flags) => {
      if (file === "") {
        const expected = "the name of a PNG to write";
        throw new ArgumentError({ operation: "inspect", received: '--contact-sheet ""', expected });
      }
      const manifest = await readManifest(folder);
      // Whose shards are all there and of the size that is stated: of another manifest nothing is to be believed.
      const data = await openDataset(folder, split === undefined ? {} : { split });
      io.out(json ? `${JSON.stringify(manifest)}\n` : describe(manifest));
      if (file !== undefined) {
        await writeOwned(file, await contactSheet(data, Number(perClass)));
        if (!json) io.out(`contact sheet: ${printable(file)}\n`);
      }
      exit(0);
    });
}

function describe(manifest: Manifest): string {
  const { name, version, about, column, dtype, inputShape, classNames, rows, splits, steps, source, fingerprint } =
    manifest;
  const entries = Object.entries(splits);
  const facts = [
    ["dataset", `${name} ${version}${about.title === undefined ? "" : `, ${about.title}`}`],
    ...Object.entries(about).flatMap(([key, value]) => (key === "title" ? [] : [[key, value]])),
    ["columns", `${column}: list of ${inputShape.reduce((a, b) => a * b, 1)} ${dtype}; label: uint8`],
    ["shape", `[${inputShape.join(", ")}]`],
    ["rows", count(rows)],
    ["steps", steps.join(" → ") || "none"],
    ["source", source.map(({ file, verified }) => `${file}${verified ? " (sum as stated)" : ""}`).join(", ") || "none"],
    ["fingerprint", fingerprint],
  ] as const;
  const table = [
    ["split", "rows", "mean", "deviation", "shards", "MB"],
    ...entries.map(([split, { rows, mean, standardDeviation, shards }]) => [
      split,
      count(rows),
      mean.toFixed(3),
      standardDeviation.toFixed(3),
      String(shards.length),
      (shards.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1),
    ]),
  ];
  const classes = [
    ["class", ...entries.map(([split]) => split)],
    ...classNames.map((className, i) => [className, ...entries.map(([, { classCounts }]) => count(classCounts[i]!))]),
  ];
  const shown = facts.map((fact) => fact.map((text) => printable(text!)));
  const width = shown.reduce((most, [key]) => Math.max(most, key!.length), 0);
  const list = shown.map(([key, value]) => `${key!.padEnd(width)}  ${value}\n`).join("");
  const { duplicates, conflictingLabels, unlabelled, otherFiles, skipped } = manifest.report;
  const report = `duplicates ${duplicates} (${conflictingLabels} with another label), unlabelled ${unlabelled}, other files ${otherFiles}, skipped ${skipped}\n`;
  return `${list}\n${columns(table)}\n${columns(classes)}\n${report}`;
}
