/** What `prepare` is asked for, and the checks of it that look at no row. */

import { ArgumentError, bytesPerElement, checkInteger, sizeOf } from "@nn/tensor";
import { DataError } from "../errors.ts";
import type { Decoded, DecodeOptions } from "./decode.ts";
import type { Source } from "./source.ts";

export interface PrepareOptions extends DecodeOptions {
  /** The folder for manifest.json and shards; made if need be. Shards of another run there are removed. */
  readonly out: string | URL;
  readonly name: string;
  readonly version: string;
  /** In the order of the labels, 1 to 256; default: those that the source found. */
  readonly classNames?: readonly string[];
  /** Rows of the source that go to a shard, and so are in memory at a time; default 10,000, or less where that is 32 MiB. */
  readonly shardSize?: number;
  /** For people: title, licence, homepage, citation … */
  readonly about?: Readonly<Record<string, string>>;
  /** Called as rows are written. */
  readonly onProgress?: (progress: PrepareProgress) => void;
}

export interface PrepareProgress {
  readonly split: string;
  /** Rows of the source done so far, of `totalRows` in all splits. */
  readonly rows: number;
  readonly totalRows: number;
  /** How many of them were left out. */
  readonly skipped: number;
}

export const optionNames = {
  out: true,
  name: true,
  version: true,
  classNames: true,
  shardSize: true,
  about: true,
  onProgress: true,
  onError: true,
  concurrency: true,
  size: true,
  fit: true,
  background: true,
  invert: true,
  normalize: true,
  limitInputPixels: true,
} as const;

export function checkSource({ splits, leftOut }: Source, { name, version, onError = "fail" }: PrepareOptions): void {
  for (const [option, value] of Object.entries({ name, version })) {
    if (typeof value === "string" && value.trim() !== "") continue;
    const received = `${option} ${String(JSON.stringify(value))}`;
    throw new ArgumentError({ operation: "prepare", received, expected: "a text that is not empty" });
  }
  if (onError !== "fail" && onError !== "skip") {
    throw new ArgumentError({ operation: "prepare", received: `onError ${onError}`, expected: '"fail" or "skip"' });
  }
  for (const [split, rows] of Object.entries(splits)) {
    if (!/^[a-z][a-z0-9-]*$/.test(split) || split === "all") {
      throw new ArgumentError({
        operation: "prepare",
        received: `split ${JSON.stringify(split)}`,
        expected: 'a name of small letters and digits, such as "train", but not "all"',
        fix: "Rename it in the source: its folder, its column or its key.",
      });
    }
    checkInteger("prepare", `the number of rows in split ${split}`, rows, 1);
  }
  checkInteger("prepare", "the number of splits", Object.keys(splits).length, 1);
  const [refused] = leftOut?.refusedFiles ?? [];
  if (refused === undefined || onError === "skip") return;
  throw new DataError({
    operation: "prepare",
    received: `${refused.file}: ${refused.reason}`,
    expected: "pictures inside the folder",
    fix: 'Remove it, or leave such files out with onError "skip".',
  });
}

export function classNamesOf(source: Source, { classNames }: PrepareOptions): readonly string[] {
  const found = source.classNames;
  const names = classNames ?? found ?? [];
  checkInteger("prepare", "the number of class names", names.length, 1, 256);
  const bad = names.find((name, label) => name === "" || names.indexOf(name) !== label);
  if (bad !== undefined) {
    const received = bad === "" ? "an empty class name" : `class name ${bad.slice(0, 100)} twice`;
    throw new ArgumentError({ operation: "prepare", received, expected: "class names that differ" });
  }
  if (found === undefined || JSON.stringify(found) === JSON.stringify(names)) return names;
  throw new ArgumentError({
    operation: "prepare",
    received: `classes ${names.join(", ")}`.slice(0, 200),
    expected: `those of the source: ${found.join(", ")}`.slice(0, 200),
    fix: "Give the class names to the source.",
  });
}

/** Rows of a shard must fit in memory, twice over. */
const largestShard = 2 ** 27;

export function checkShardSize({ layout }: Decoded, { shardSize }: PrepareOptions): number {
  const rowBytes = sizeOf(layout.inputShape) * bytesPerElement[layout.dtype];
  const most = Math.max(1, Math.floor(largestShard / Math.max(1, rowBytes)));
  const usual = Math.max(1, Math.min(10_000, Math.floor(2 ** 25 / Math.max(1, rowBytes))));
  checkInteger("prepare", "shardSize", shardSize ?? usual, 1, most);
  return shardSize ?? usual;
}
