/** Sprite sheets: pictures of many small images side by side, row by row, and a file with their labels. */

import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ArgumentError, checkInteger } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import type { SourceFile } from "../../arrow/schema.ts";
import { DataError } from "../../errors.ts";
import { loadSharp } from "../decode.ts";
import { readImageFile } from "../image-file.ts";
import { decodeGrey } from "../image-transform.ts";
import type { ImageStrip, StripSource } from "../source.ts";
import { leadsNowhere, withPath } from "../system-error.ts";
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
  const labels = new Map<string, string[]>();
  for (const [split, { labels: path }] of Object.entries(splits)) labels.set(split, await readLabels(path));
  const classNames = options.classNames ?? classesOf(new Set([...labels.values()].flat()));
  if (labels.size === 0) throw refuse("no split", "at least one, such as { train: { sheet, labels } }");
  const numbers = new Map(classNames.map((name, label) => [name, label]));
  const files: SourceFile[] = [];
  for (const { sheet, labels: path } of Object.values(splits)) {
    for (const file of [sheet, path]) files.push(await sourceFile(file));
  }
  const blocks = async function* (split: string, from: number): AsyncGenerator<ImageStrip> {
    const names = labels.get(split)!;
    const values = Uint8Array.from(names, (name) => labelOf(name, numbers, split));
    const { pixels, columns } = await openSheet(splits[split]!.sheet, tile, names.length, limitInputPixels);
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

async function openSheet(
  path: string,
  { height, width }: SpriteOptions["tile"],
  count: number,
  limitInputPixels: number,
): Promise<{ pixels: Uint8Array; columns: number }> {
  const open = await loadSharp();
  const bytes = readImageFile(realpathSync(dirname(path)), basename(path));
  try {
    const picture = await decodeGrey(open(bytes, { limitInputPixels }));
    const columns = picture.width / width;
    const rows = picture.height / height;
    if (Number.isInteger(columns) && Number.isInteger(rows) && columns * rows >= count)
      return { pixels: picture.pixels, columns };
    throw refuse(
      `${path} of ${picture.height} × ${picture.width} pixels for ${count} labels`,
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

async function readLabels(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await read(path));
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

async function sourceFile(path: string): Promise<SourceFile> {
  const sha256 = createHash("sha256")
    .update(await read(path))
    .digest("hex");
  return { file: basename(path), sha256, verified: false };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, which cannot be read (${error.code})`, "a file");
  }
}

function refuse(received: string, expected: string): DataError {
  return new DataError({ operation: "spriteSource", received, expected });
}
