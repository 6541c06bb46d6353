/** The manifest that `prepare` writes beside the shards, last of all: what there is, and the sums to check it by. */

import { bytesPerElement, type Shape, sizeOf } from "@nn/tensor";
import { isSourceFile, type ShardLayout, type ShardMetadata, type SourceFile } from "./arrow/schema.ts";
import type { InputDType } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { isCount, isCounts, isListOf, isNames, isNumber, isRecordOf, isText, parseJson } from "./json.ts";
import { plural } from "./plural.ts";

/** What prepare saw that people should know of. */
export interface PrepareReport {
  /** Rows equal to one of the first two million different ones, and those of them whose label is another. */
  readonly duplicates: number;
  readonly conflictingLabels: number;
  /** Images without a label, and files that are no images by their name. */
  readonly unlabelled: number;
  readonly otherFiles: number;
  /** Images that could not be used, and the first hundred of them. */
  readonly skipped: number;
  readonly skippedFiles: readonly { readonly file: string; readonly reason: string }[];
}

/** The version of the manifest's own form; readers refuse any other. */
export const manifestFormat = "nn-dataset/1";

export interface ShardEntry {
  /** Name of a file in the manifest's folder. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface SplitEntry {
  readonly rows: number;
  readonly fingerprint: string;
  /** Rows of each class, in the order of the class names. */
  readonly classCounts: readonly number[];
  /** Over all input values, as stored: pixels count 0 to 255. */
  readonly mean: number;
  readonly standardDeviation: number;
  readonly shards: readonly ShardEntry[];
}

export interface Manifest {
  readonly format: typeof manifestFormat;
  readonly name: string;
  readonly version: string;
  /** For people: title, licence, homepage, citation … */
  readonly about: Readonly<Record<string, string>>;
  /** The files that it was made from. */
  readonly source: readonly SourceFile[];
  /** Pipeline steps as `name@version(params)`, in order. */
  readonly steps: readonly string[];
  readonly column: string;
  readonly dtype: InputDType;
  readonly inputShape: Shape;
  readonly classNames: readonly string[];
  readonly rows: number;
  /** Of all splits, one after the other. */
  readonly fingerprint: string;
  readonly splits: Readonly<Record<string, SplitEntry>>;
  readonly report: PrepareReport;
}

/**
 * The manifest in `text`, every field checked. `name` stands for the file in errors.
 * @throws DataError naming the first field that is missing or not what it should be.
 */
export function parseManifest(text: string, name = "the manifest"): Manifest {
  const value = parseJson(text);
  const broken = firstBroken(value);
  if (broken === undefined) return value as Manifest;
  throw new DataError({
    operation: "parseManifest",
    received: `${name} with ${broken}`,
    expected: "a manifest that prepare wrote",
    fix: "Prepare the dataset again.",
  });
}

/** What a shard says of itself. */
interface ShardFacts {
  readonly metadata: ShardMetadata;
  readonly layout: ShardLayout;
  readonly rows: number;
}

/** @throws DataError when shard and manifest do not belong together. */
export function checkShard(
  path: string,
  { metadata, layout, rows }: ShardFacts,
  entry: ShardEntry,
  { name, version, column, dtype, inputShape, classNames }: Manifest,
  split: string,
): void {
  const found = describe(metadata, { split: metadata.split, ...layout, rows });
  const due = describe({ name, version, classNames }, { split, column, dtype, inputShape, rows: entry.rows });
  if (found === due) return;
  throw new DataError({
    operation: "openDataset",
    received: `${path} with ${found}`,
    expected: `${due} as the manifest says`,
    fix: "Prepare the dataset again.",
  });
}

/** What manifest and shard must say alike. */
function describe(
  { name, version, classNames }: Pick<Manifest, "name" | "version" | "classNames">,
  { split, column, dtype, inputShape, rows }: ShardLayout & { readonly split: string; readonly rows: number },
): string {
  return JSON.stringify({ name, version, split, rows, column, dtype, inputShape, classNames });
}

type Check = (value: unknown) => boolean;

const isDType: Check = (value) => value === "float64" || value === "float32" || value === "uint8";
const isHash: Check = (value) => isText(value) && /^[0-9a-f]{64}$/.test(value);
const isFingerprint: Check = (value) => isText(value) && /^sha256:[0-9a-f]{64}$/.test(value);
// A plain name: a crafted manifest must not lead out of its folder.
const isFileName: Check = (value) => isText(value) && /^[A-Za-z0-9][\w.-]*\.arrow$/.test(value);
const isPositive = (value: unknown): value is number => isCount(value) && value > 0;

/** Row numbers are kept in 32 bits. */
const mostRows = 2 ** 32 - 1;

const shardChecks: Record<keyof ShardEntry, Check> = {
  file: isFileName,
  rows: isPositive,
  bytes: isPositive,
  sha256: isHash,
};

const splitChecks: Record<keyof SplitEntry, Check> = {
  rows: isPositive,
  fingerprint: isFingerprint,
  classCounts: isCounts,
  mean: isNumber,
  standardDeviation: isNumber,
  shards: Array.isArray,
};

const manifestChecks: Record<keyof Manifest, Check> = {
  format: (value) => value === manifestFormat,
  name: isText,
  version: isText,
  about: isRecordOf(isText),
  source: isListOf(isSourceFile),
  steps: isNames,
  column: isText,
  dtype: isDType,
  inputShape: isListOf(isPositive),
  classNames: isNames,
  rows: isPositive,
  fingerprint: isFingerprint,
  splits: isRecordOf((value): value is object => typeof value === "object" && value !== null),
  report: (value) => brokenField(value, reportChecks, "") === undefined,
};

const reportChecks: Record<keyof PrepareReport, Check> = {
  duplicates: isCount,
  conflictingLabels: isCount,
  unlabelled: isCount,
  otherFiles: isCount,
  skipped: isCount,
  skippedFiles: isListOf(isRecordOf(isText)),
};

/** What is wrong with a manifest, in words; undefined when nothing is. */
function firstBroken(value: unknown): string | undefined {
  const broken = brokenField(value, manifestChecks, "");
  if (broken !== undefined) return broken;
  const { splits, rows, classNames, inputShape, dtype } = value as Manifest;
  if (rows > mostRows) return `${rows} rows, where ${mostRows} are the most`;
  const rowBytes = sizeOf(inputShape) * bytesPerElement[dtype] + 1;
  let total = 0;
  for (const [name, split] of Object.entries(splits)) {
    const brokenSplit = brokenField(split, splitChecks, `splits.${name}.`);
    if (brokenSplit !== undefined) return brokenSplit;
    for (const [i, shard] of split.shards.entries()) {
      const brokenShard = brokenField(shard, shardChecks, `splits.${name}.shards[${i}].`);
      if (brokenShard !== undefined) return brokenShard;
      // The size is compared with the file's before rows are read; what is stated of rows must fit it.
      if (shard.rows * rowBytes > shard.bytes) {
        return `${shard.rows} rows of ${rowBytes} bytes in the ${shard.bytes} bytes of splits.${name}.shards[${i}]`;
      }
    }
    const shardRows = split.shards.reduce((sum, shard) => sum + shard.rows, 0);
    if (shardRows !== split.rows) return `${plural(split.rows, "row")} in split ${name} and ${shardRows} in its shards`;
    if (split.classCounts.length !== classNames.length)
      return `${plural(split.classCounts.length, "class count")} in split ${name}`;
    const counted = split.classCounts.reduce((sum, count) => sum + count, 0);
    if (counted !== split.rows)
      return `${plural(split.rows, "row")} in split ${name} and ${counted} in its class counts`;
    total += split.rows;
  }
  return total === rows ? undefined : `${plural(rows, "row")} and ${total} in its splits`;
}

function brokenField<T>(value: unknown, checks: Record<keyof T & string, Check>, path: string): string | undefined {
  if (typeof value !== "object" || value === null) return `no object at ${path === "" ? "its top" : path.slice(0, -1)}`;
  for (const [key, isRight] of Object.entries<Check>(checks)) {
    const field: unknown = (value as Record<string, unknown>)[key];
    if (!isRight(field)) return `${path}${key} ${(JSON.stringify(field) ?? "missing").slice(0, 60)}`;
  }
  return undefined;
}
