/** `nn-datasets prepare`: a source of any kind → a folder of shards and their manifest. */

import { readdir, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { type Command, InvalidArgumentError, Option } from "commander";
import { DataError } from "../../errors.ts";
import type { Manifest } from "../../manifest.ts";
import { plural } from "../../plural.ts";
import { readDescription } from "../../prepare/description.ts";
import type { ImageSize } from "../../prepare/grey.ts";
import { prepare } from "../../prepare/prepare.ts";
import type { PrepareOptions } from "../../prepare/prepare-options.ts";
import type { Source } from "../../prepare/source.ts";
import { fileNameSource } from "../../prepare/sources/file-name.ts";
import { folderSource } from "../../prepare/sources/folder.ts";
import { type IdxSplit, idxSource } from "../../prepare/sources/idx.ts";
import { spriteSource } from "../../prepare/sources/sprite.ts";
import { tableSource } from "../../prepare/sources/table.ts";
import { leadsNowhere } from "../../prepare/system-error.ts";
import { count, type Io } from "./io.ts";
import { printable } from "./printable.ts";
import { reportProgress } from "./progress.ts";

interface Flags {
  readonly out: string;
  readonly name?: string;
  readonly dataVersion?: string;
  readonly classes?: string[];
  readonly pattern?: string;
  readonly splits?: boolean;
  readonly labels?: string;
  readonly tile?: ImageSize;
  readonly transposed?: boolean;
  readonly firstLabel?: number;
  readonly size?: ImageSize;
  readonly fit?: NonNullable<PrepareOptions["fit"]>;
  readonly background?: NonNullable<PrepareOptions["background"]>;
  readonly invert?: true | "auto";
  readonly normalize?: "mnist";
  readonly limitPixels?: number;
  readonly onError?: "fail" | "skip";
  readonly shardSize?: number;
  readonly concurrency?: number;
  readonly json?: boolean;
}

const examples = `
The source is one of:
  a folder             with a folder per class: digits/train/7/x.png or digits/7/x.png
  a folder             with labels in its files' names, and --pattern "{label}_*.png"
  a folder             with IDX files: train-images-idx3-ubyte(.gz) and its siblings
  a .csv or .jsonl     with the columns path and label, and perhaps split
  a picture            of many images side by side, with --tile and --labels
  a .json              that describes a dataset: name, version, classNames, source …

Examples:
  nn-datasets prepare digits --out build
  nn-datasets prepare photos --out build --normalize mnist --on-error skip
  nn-datasets prepare scans --out build --pattern "{label}_*.png" --size 28x28 --invert auto
  nn-datasets prepare sheet.png --out build --tile 28x28 --labels labels.txt
  nn-datasets prepare emnist-letters --out build --transposed --first-label 1

A run that was cut off goes on where it ended when the same command is given again.
`;

export function prepareCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command("prepare")
    .description("turn a source of images into Arrow shards and a manifest")
    .argument("<source>", "where the images are; see below")
    .requiredOption("-o, --out <folder>", "where shards and manifest go")
    .option("--name <name>", "what the dataset is called (default: the source's name)")
    .option("--data-version <version>", "its version (default: 1.0.0)")
    .option("--classes <names>", "all class names, separated by commas (default: those found)", list)
    .option("--pattern <pattern>", 'the label in file names: {label}, {split} and *, such as "{label}_*.png"')
    .option("--splits", "the folders of classes lie in folders of splits: train/7/x.png (default: by names and depths)")
    .option("--no-splits", "the folders are classes, and all below them is of the class: 7/more/x.png")
    .option("--labels <file>", "labels of a sprite sheet, one a line")
    .option("--tile <size>", "size of an image on a sprite sheet: 28x28", size)
    .option("--transposed", "IDX images lie column by column, as EMNIST's do")
    .option("--first-label <number>", "what IDX labels begin with: 1 for EMNIST's letters", whole)
    .option("--size <size>", "size of every image, height x width: 28x28 (default: that of the first)", size)
    .addOption(new Option("--fit <fit>", "how other proportions fit").choices(["contain", "cover", "fill"]))
    .addOption(new Option("--background <grey>", "what lies behind transparency").choices(["white", "black"]))
    .option("--invert [auto]", "swap dark and light, always or where the border is light", invert)
    .addOption(new Option("--normalize <how>", "crop, scale and centre as MNIST's digits").choices(["mnist"]))
    .option("--limit-pixels <number>", "refuse larger pictures (default: 67108864)", whole)
    .addOption(new Option("--on-error <what>", "what a bad image does").choices(["fail", "skip"]).default("fail"))
    .option("--shard-size <rows>", "rows in a shard (default: 10000, or 32 MiB)", whole)
    .option("--concurrency <number>", "groups of images decoded at a time (default: processors + 1, at most 4)", whole)
    .option("--json", "print the manifest as JSON, and nothing else")
    .addHelpText("after", examples)
    .action(async (path: string, flags: Flags) => {
      const { source, options } = await open(path, flags);
      const progress = flags.json ? undefined : reportProgress(options.name, io);
      const start = io.now();
      try {
        const manifest = await prepare(source, { ...options, ...(progress && { onProgress: progress.onProgress }) });
        progress?.stop();
        io.out(flags.json ? `${JSON.stringify(manifest)}\n` : summarize(manifest, io.now() - start));
        exit(0);
      } finally {
        progress?.stop();
      }
    });
}

async function open(path: string, flags: Flags): Promise<{ source: Source; options: PrepareOptions }> {
  const { out, size, fit, background, invert, normalize, limitPixels, onError, shardSize, concurrency } = flags;
  const { name = basename(resolve(path), extname(path)), dataVersion = "1.0.0", classes } = flags;
  const wishes = {
    size,
    fit,
    background,
    invert,
    normalize,
    limitInputPixels: limitPixels,
    onError,
    shardSize,
    concurrency,
  };
  const given = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
  if (extname(path).toLowerCase() === ".json") {
    refuseOthers("a description, which says it itself", flags, []);
    const { open, options } = await readDescription(path);
    return { source: await open(), options: { ...options, ...given, out } };
  }
  const source = await openPath(path, flags);
  const classNames = source.classNames === undefined ? (classes ?? numbered(await countClasses(source))) : undefined;
  return { source, options: { name, version: dataVersion, out, ...(classNames && { classNames }), ...given } };
}

async function openPath(path: string, flags: Flags): Promise<Source> {
  const { classes, pattern, splits: hasSplits, labels, tile, transposed, firstLabel } = flags;
  const names = classes && { classNames: classes };
  const found = await stat(path).catch((error: unknown) => {
    if (!leadsNowhere(error)) throw error;
    return undefined;
  });
  if (found === undefined) {
    throw new DataError({
      operation: "prepare",
      received: `${path === "" ? '""' : path}, which is not there`,
      expected: "a source",
    });
  }
  if (!found.isDirectory()) {
    if (/\.(csv|tsv|jsonl|ndjson)$/i.test(path)) {
      refuseOthers("a table", flags, naming);
      return await tableSource(path, { ...names });
    }
    if (tile !== undefined && labels !== undefined) {
      refuseOthers("a sprite sheet", flags, [...naming, "tile", "labels"]);
      return await spriteSource({ splits: { train: { sheet: path, labels } }, tile, ...names });
    }
    throw new ArgumentError({
      operation: "prepare",
      received: path,
      expected:
        "a folder, a .csv, .tsv or .jsonl table, a .json description, or a sprite sheet with --tile and --labels",
    });
  }
  const splits = await findIdx(path);
  if (splits !== undefined) {
    refuseOthers("IDX files", flags, [...naming, "transposed", "firstLabel"]);
    return await idxSource(splits, {
      ...(transposed && { transposed }),
      ...(firstLabel !== undefined && { firstLabel }),
    });
  }
  if (pattern !== undefined) {
    refuseOthers("a folder of images and --pattern", flags, [...naming, "pattern"]);
    return fileNameSource(path, { pattern, ...names });
  }
  refuseOthers("a folder of images", flags, [...naming, "splits"]);
  return folderSource(path, { ...names, ...(hasSplits !== undefined && { hasSplits }) });
}

/** The options that say what a source is, and not what is done to it. */
const sourceFlags = {
  name: "--name",
  dataVersion: "--data-version",
  classes: "--classes",
  pattern: "--pattern",
  splits: "--splits",
  labels: "--labels",
  tile: "--tile",
  transposed: "--transposed",
  firstLabel: "--first-label",
} as const;

type SourceFlag = keyof typeof sourceFlags;

const naming: readonly SourceFlag[] = ["name", "dataVersion", "classes"];

/** @throws ArgumentError for an option that has no meaning for this kind of source. */
function refuseOthers(kind: string, flags: Flags, allowed: readonly SourceFlag[]): void {
  for (const [flag, name] of Object.entries(sourceFlags) as [SourceFlag, string][]) {
    if (flags[flag] === undefined || allowed.includes(flag)) continue;
    const known = allowed.map((other) => sourceFlags[other]).join(", ");
    throw new ArgumentError({
      operation: "prepare",
      received: `${flag === "splits" && flags.splits === false ? "--no-splits" : name} with ${kind}`,
      expected:
        known === "" ? "none of the options that describe a source" : `of the options that describe a source ${known}`,
      fix: "Leave it out, or look at nn-datasets prepare --help for what it goes with.",
    });
  }
}

/** The splits of the IDX files in a folder, by their usual names; undefined when there are none. */
async function findIdx(folder: string): Promise<Record<string, IdxSplit> | undefined> {
  const splits: Record<string, IdxSplit> = {};
  const files = (await readdir(folder)).sort();
  for (const file of files) {
    const match = /^(.*?)(train|t10k|test)-images[.-]idx3-ubyte(\.gz)?$/.exec(file);
    if (match === null) continue;
    const labels = file.replace("-images", "-labels").replace("idx3", "idx1");
    const split = match[2] === "train" ? "train" : "test";
    if (splits[split] !== undefined) {
      throw new ArgumentError({
        operation: "prepare",
        received: `two sets of IDX files in ${folder}, ${basename(splits[split].images.path)} and ${file}`,
        expected: "one",
        fix: "Describe the one you mean in a .json file.",
      });
    }
    splits[split] = { images: { path: join(folder, file) }, labels: { path: join(folder, labels) } };
  }
  if (Object.keys(splits).length === 0) return undefined;
  // train comes before test, whatever the files are called.
  return Object.fromEntries(Object.entries(splits).sort(([a], [b]) => (a < b ? 1 : -1)));
}

const numbered = (classes: number): string[] => Array.from({ length: classes }, (_, i) => String(i));

async function countClasses(source: Source): Promise<number> {
  let most = 0;
  if (source.kind === "images") return most;
  for (const split of Object.keys(source.splits)) {
    for await (const { labels } of source.blocks(split, 0)) {
      most = labels.reduce((largest, label) => Math.max(largest, label), most);
    }
  }
  return most + 1;
}

function summarize({ name, version, rows, splits, steps, fingerprint, report }: Manifest, durationMs: number): string {
  const shards = Object.values(splits).flatMap((split) => split.shards);
  const megabytes = shards.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const parts = Object.entries(splits).map(([split, entry]) => `${count(entry.rows)} ${split}`);
  const seconds = (durationMs / 1000).toFixed(1);
  const lines = [
    `${name} ${version}: ${plural(rows, "row", count)} (${parts.join(", ")}), ${plural(shards.length, "shard", count)}, ` +
      `${megabytes.toFixed(1)} MB, ${seconds} s, ${fingerprint.slice(0, 19)}…`,
    `steps: ${steps.join(" → ")}`,
  ];
  const { skipped, skippedFiles, duplicates, conflictingLabels, unlabelled, otherFiles } = report;
  if (unlabelled + otherFiles > 0)
    lines.push(`left out: ${count(unlabelled)} without a label, ${plural(otherFiles, "other file", count)}`);
  if (duplicates > 0) lines.push(`duplicates: ${duplicates}, ${conflictingLabels} of them with another label`);
  if (skipped > 0) {
    lines.push(`skipped: ${skipped}`, ...skippedFiles.slice(0, 10).map(({ file, reason }) => `  ${file}: ${reason}`));
    if (skipped > 10) lines.push(`  … and ${skipped - 10} more; the manifest names the first 100`);
  }
  return `${lines.map(printable).join("\n")}\n`;
}

function list(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new InvalidArgumentError("It must be names separated by commas, none of them empty.");
}

function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}

function size(text: string): ImageSize {
  const match = /^(\d{1,6})(?:[x×](\d{1,6}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be height x width, such as 28x28.");
  return { height: Number(match[1]), width: Number(match[2] ?? match[1]) };
}

function invert(text: string): true | "auto" {
  if (text === "auto") return text;
  throw new InvalidArgumentError('It takes no value, or "auto".');
}
