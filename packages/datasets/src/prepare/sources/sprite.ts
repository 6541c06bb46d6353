/** Sprite sheets: pictures of many small images side by side, row by row, and a file with their labels. */

import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ArgumentError, checkInteger } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { SourceFile } from "../../arrow/schema.ts";
import { DataError } from "../../errors.ts";
import { openRegular, readWhole } from "../../node/regular-file.ts";
import { plural } from "../../plural.ts";
import { firstFrame } from "../first-frame.ts";
import { readImageFile } from "../image-file.ts";
import { decodeGrey } from "../image-transform.ts";
import { loadSharp } from "../load-sharp.ts";
import type { ImageStrip, StripSource } from "../source.ts";
import { leadsNowhere, whyUnreadable, withPath } from "../system-error.ts";
import { textOf } from "../utf8-text.ts";
import { sortClassNames } from "./class-order.ts";

export interface SpriteSplit {
  /** The picture. */
  readonly sheet: string;
  /** One label a line, in the order of the images; blank lines at the end are ignored. */
  readonly labels: string;
}

export interface SpriteOptions {
  readonly splits: Readonly<Record<string, SpriteSplit>>;
  /** Size of one image. */
  readonly tile: { readonly height: number; readonly width: number };
  /** All classes, in the order of their labels; default: those found, as numbers when all are. */
  readonly classNames?: readonly string[];
  /** The most pixels that a sheet may have; default 2²⁶. */
  readonly limitInputPixels?: number;
}

const stripRows = 1000;

/**
 * The source of the images on sprite sheets, one sheet a split. A sheet may have room for more images than there are
 * labels, but not for fewer. Colour turns grey, transparency white.
 * @throws DataError when a sheet is no picture, its size no multiple of the tile's, or it has too few images.
 */
export async function spriteSource(options: SpriteOptions): Promise<StripSource> {
  checkOptions("spriteSource", options, { splits: true, tile: true, classNames: true, limitInputPixels: true });
  const { splits, tile, limitInputPixels = 2 ** 26 } = options;
  checkInteger("spriteSource", "tile.height", tile.height, 1, 2 ** 16);
  checkInteger("spriteSource", "tile.width", tile.width, 1, 2 ** 16);
  checkInteger("spriteSource", "limitInputPixels", limitInputPixels, 1, 2 ** 31);
  const labels = new Map<string, string[]>();
  const files: SourceFile[] = [];
  for (const [split, { sheet, labels: path }] of Object.entries(splits)) {
    const bytes = read(path);
    labels.set(split, await parseLabels(bytes, path));
    files.push(sourceFile(sheet, readSheet(sheet)), sourceFile(path, bytes));
  }
  const classNames = options.classNames ?? classesOf(new Set([...labels.values()].flat()));
  if (labels.size === 0) throw refuse("no split", "at least one, such as { train: { sheet, labels } }");
  const numbers = new Map(classNames.map((name, label) => [name, label]));
  const sheetOf = (split: string) => {
    const path = splits[split]!.sheet;
    return { path, sha256: files[2 * Object.keys(splits).indexOf(split)]!.sha256 };
  };
  const blocks = async function* (split: string, from: number): AsyncGenerator<ImageStrip> {
    const names = labels.get(split)!;
    const values = Uint8Array.from(names, (name) => labelOf(name, numbers, split));
    const { pixels, columns } = await openSheet(sheetOf(split), tile, names.length, limitInputPixels);
    for (let row = from; row < values.length; row += stripRows) {
      const part = values.subarray(row, row + stripRows);
      yield { pixels: cut(pixels, columns, tile, row, part.length), labels: part };
    }
  };
  return {
    kind: "strips",
    layout: { column: "image", dtype: "uint8", inputShape: [tile.height, tile.width, 1] },
    splits: Object.fromEntries([...labels].map(([split, names]) => [split, names.length])),
    files,
    steps: [`sprite@1(height=${tile.height},width=${tile.width})`],
    classNames,
    blocks,
  };
}

/** The pixels of the sheet, which must still have the sum that the source announced. */
async function openSheet(
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  { height, width }: SpriteOptions["tile"],
  count: number,
  limitInputPixels: number,
): Promise<{ pixels: Uint8Array; columns: number }> {
  const open = await loadSharp();
  const bytes = readSheet(path);
  if (sourceFile(path, bytes).sha256 !== sha256) {
    throw refuse(`${path}, which was changed since it was first read`, "a file that stays as it is");
  }
  try {
    const picture = await decodeGrey(open(firstFrame(bytes), { limitInputPixels }));
    const columns = picture.width / width;
    const rows = picture.height / height;
    if (Number.isInteger(columns) && Number.isInteger(rows) && columns * rows >= count)
      return { pixels: picture.pixels, columns };
    throw refuse(
      `${path} of ${picture.height} × ${picture.width} pixels for ${plural(count, "label")}`,
      `a multiple of ${height} × ${width} with room for them`,
    );
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw refuse(`${path} (${error instanceof Error ? error.message : error})`, "a picture that sharp can read");
  }
}

/** Images `from` … `from + count` − 1 of the sheet, one below the other. */
function cut(
  sheet: Uint8Array,
  columns: number,
  { height, width }: SpriteOptions["tile"],
  from: number,
  count: number,
): Uint8Array {
  const pixels = new Uint8Array(count * height * width);
  const stride = columns * width;
  for (let i = 0; i < count; i++) {
    const top = Math.floor((from + i) / columns) * height;
    const left = ((from + i) % columns) * width;
    for (let y = 0; y < height; y++) {
      const start = (top + y) * stride + left;
      pixels.set(sheet.subarray(start, start + width), (i * height + y) * width);
    }
  }
  return pixels;
}

async function parseLabels(bytes: Uint8Array, path: string): Promise<string[]> {
  const text = await textOf(bytes, "spriteSource", path);
  const names = text.trimEnd().split(/\r?\n/);
  const blank = names.findIndex((name) => name.trim() === "");
  if (blank >= 0) throw refuse(`${path} with no label in line ${blank + 1}`, "one label a line");
  return names.map((name) => name.trim());
}

function labelOf(name: string, numbers: ReadonlyMap<string, number>, split: string): number {
  const label = numbers.get(name);
  if (label === undefined) throw refuse(`label ${name} in split ${split}`, "one of the class names");
  return label;
}

function classesOf(found: ReadonlySet<string>): string[] {
  if (found.size <= 256) return sortClassNames(found);
  throw new ArgumentError({ operation: "spriteSource", received: `${found.size} classes`, expected: "at most 256" });
}

function sourceFile(path: string, bytes: Uint8Array): SourceFile {
  return { file: basename(path), sha256: createHash("sha256").update(bytes).digest("hex"), verified: false };
}

function readSheet(path: string): Uint8Array {
  let folder: string;
  try {
    folder = realpathSync.native(dirname(path));
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, ${whyUnreadable(error)}`, "a picture");
  }
  return readImageFile(folder, basename(path));
}

/** Larger files of labels are refused before they are read. */
const largestLabels = 2 ** 26;

function read(path: string): Uint8Array {
  try {
    return readWhole(openRegular(path), path, largestLabels);
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, ${whyUnreadable(error)}`, "a file with one label a line");
  }
}

function refuse(received: string, expected: string): DataError {
  return new DataError({ operation: "spriteSource", received, expected });
}
