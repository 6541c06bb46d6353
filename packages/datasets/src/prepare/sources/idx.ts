/** Images and labels in IDX files, plain or compressed with gzip: MNIST and its relatives. Read in pieces, however large. */

import { createHash } from "node:crypto";
import { closeSync, createReadStream, type ReadStream } from "node:fs";
import { basename } from "node:path";
import { createGunzip } from "node:zlib";
import { checkOptions } from "@nn/tensor/arguments";
import type { SourceFile } from "../../arrow/schema.ts";
import { DataError } from "../../errors.ts";
import { type IdxHeader, parseIdxHeader } from "../../idx.ts";
import { type OpenFile, openRegular } from "../../node/regular-file.ts";
import { plural } from "../../plural.ts";
import type { ImageStrip, StripSource } from "../source.ts";
import { isFromSystem, leadsNowhere, whyUnreadable, withPath } from "../system-error.ts";

export interface IdxFile {
  readonly path: string;
  /** Of the uncompressed bytes, in hexadecimal; not checked when absent. */
  readonly sha256?: string;
}

export interface IdxSplit {
  /** (rows, height, width) uint8. */
  readonly images: IdxFile;
  /** (rows) uint8. */
  readonly labels: IdxFile;
}

export interface IdxOptions {
  /** Whether images are stored column by column, as EMNIST's are; default false. */
  readonly transposed?: boolean;
  /** What is taken from every label, where they do not begin at 0: 1 for EMNIST's letters; default 0. */
  readonly firstLabel?: number;
}

/** Images in a strip: enough that a call to sharp costs little beside its pixels, few enough to stay in the cache. */
const stripRows = 1000;
/** Bytes; of larger images a strip holds fewer. */
const largestStrip = 2 ** 22;

/**
 * The source of the given splits. All files are read through and checked here, before anything is written.
 * @throws DataError when a file is missing, cut short, altered, or images and labels do not fit each other.
 * @example idxSource({ train: { images: { path: "train-images.gz" }, labels: { path: "train-labels.gz" } } })
 */
export async function idxSource(
  splits: Readonly<Record<string, IdxSplit>>,
  options: IdxOptions = {},
): Promise<StripSource> {
  checkOptions("idxSource", options, { transposed: true, firstLabel: true });
  const { transposed = false, firstLabel = 0 } = options;
  const loaded = new Map<string, LoadedSplit>();
  for (const [split, files] of Object.entries(splits)) loaded.set(split, await loadSplit(split, files, firstLabel));
  const [first] = loaded.values();
  if (first === undefined) throw refuse("no split", "at least one, such as { train: { images, labels } }");
  const { height, width } = first;
  for (const [split, other] of loaded) {
    if (other.height !== height || other.width !== width) {
      throw refuse(`images of ${other.height} × ${other.width} in split ${split}`, `${height} × ${width} in each`);
    }
  }
  return {
    kind: "strips",
    layout: { column: "image", dtype: "uint8", inputShape: transposed ? [width, height, 1] : [height, width, 1] },
    splits: Object.fromEntries([...loaded].map(([split, { labels }]) => [split, labels.length])),
    files: [...loaded.values()].flatMap(({ files }) => files),
    steps: [...(transposed ? ["transpose@1()"] : []), ...(firstLabel === 0 ? [] : [`firstLabel@1(${firstLabel})`])],
    blocks: async function* (split, from) {
      for await (const strip of strips(loaded.get(split)!, from)) {
        yield transposed ? transpose(strip, height, width) : strip;
      }
    },
  };
}

interface LoadedSplit {
  readonly path: string;
  /** Of the file of images as it was when its sum was taken. */
  readonly identity: string;
  readonly headerBytes: number;
  readonly labels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly files: readonly SourceFile[];
}

async function loadSplit(split: string, files: IdxSplit, firstLabel: number): Promise<LoadedSplit> {
  const images = await check(files.images, 3, "images");
  const [rows = 0, height = 0, width = 0] = images.header.shape;
  const labels = await check(files.labels, 1, "labels", rows);
  if (rows * height * width === 0) throw refuse(`no pixels in split ${split}`, "at least one image");
  const low = labels.values.findIndex((label) => label < firstLabel);
  if (low >= 0) {
    throw refuse(`label ${labels.values[low]} in row ${low} of split ${split}`, `labels from ${firstLabel} on`);
  }
  return {
    path: files.images.path,
    identity: images.identity,
    headerBytes: images.header.headerBytes,
    labels: firstLabel === 0 ? labels.values : labels.values.map((label) => label - firstLabel),
    height,
    width,
    files: [images.file, labels.file],
  };
}

/** Reads a file once through: header, length and sum. Its values are kept when it is said for how many images they are. */
async function check(source: IdxFile, rank: number, what: string, images?: number) {
  const { path, sha256 } = source;
  const hash = createHash("sha256");
  const values = new Parts();
  let start = new Uint8Array(0);
  let header: IdxHeader | undefined;
  let bytes = 0;
  const identity = identityOf(path);
  for await (const piece of open(path, identity)) {
    hash.update(piece);
    bytes += piece.byteLength;
    if (header !== undefined) {
      if (images !== undefined) values.add(piece);
      if (bytes > header.totalBytes) break;
      continue;
    }
    start = Buffer.concat([start, piece]);
    if (start.byteLength < longestHeader) continue;
    header = checkHeader(path, start, rank, what, images);
    if (images !== undefined) values.add(start.subarray(header.headerBytes));
  }
  if (header === undefined) {
    header = checkHeader(path, start, rank, what, images);
    if (images !== undefined) values.add(start.subarray(header.headerBytes));
  }
  if (bytes !== header.totalBytes) {
    const isShort = bytes < header.totalBytes;
    const found = isShort ? plural(bytes, "byte") : `more than ${header.totalBytes} bytes`;
    const expected = `${header.totalBytes} bytes for the shape [${header.shape.join(", ")}] that the header states`;
    throw refuse(`${path} with ${found}`, expected, isShort ? "The file is cut short: get it again." : undefined);
  }
  const found = hash.digest("hex");
  if (sha256 !== undefined && found !== sha256) {
    throw refuse(`${path} with SHA-256 ${found}`, sha256, "The file was altered: get it again from its source.");
  }
  const file = { file: basename(path, ".gz"), sha256: found, verified: sha256 !== undefined };
  return { header, identity, values: values.join(), file };
}

/** Of 3 dimensions: no other is read here. */
const longestHeader = 16;

function checkHeader(path: string, start: Uint8Array, rank: number, what: string, images?: number): IdxHeader {
  let header: IdxHeader;
  try {
    header = parseIdxHeader(start);
  } catch (error) {
    if (error instanceof DataError) throw refuse(`${path} with ${error.received}`, error.expected, error.fix);
    throw error;
  }
  if (header.shape.length !== rank || header.dtype !== "uint8") {
    throw refuse(`${path} of shape [${header.shape.join(", ")}]`, `${what} as uint8 in ${rank} dimensions`);
  }
  const [rows] = header.shape;
  // Now, not when they are read: packed, a file of a megabyte can hold a thousand times as many.
  if (images !== undefined && rows !== images) {
    throw refuse(
      `${plural(images, "image")} and ${plural(rows ?? 0, "label")} in ${path}`,
      `as many ${what} as images`,
    );
  }
  return header;
}

/** @throws DataError when there is no such file. */
function identityOf(path: string): string {
  const { handle, identity } = openAt(path);
  closeSync(handle);
  return identity;
}

function openAt(path: string, identity?: string): OpenFile {
  let file: OpenFile;
  try {
    file = openRegular(path);
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, ${whyUnreadable(error)}`, "an IDX file", "Check the path in the manifest.");
  }
  if (identity === undefined || file.identity === identity) return file;
  closeSync(file.handle);
  throw refuse(`${path}, which was changed since it was first read`, "a file that stays as it is");
}

const stream = (path: string, identity: string): ReadStream =>
  createReadStream("", { fd: openAt(path, identity).handle, highWaterMark: 2 ** 18 });

/** The bytes of the file that has this identity, unpacked where they are packed. */
async function* open(path: string, identity: string): AsyncGenerator<Buffer> {
  const file = stream(path, identity);
  let packed: ReadStream | undefined;
  let unpacker: ReturnType<typeof createGunzip> | undefined;
  try {
    let isFirst = true;
    for await (const piece of file as AsyncIterable<Buffer>) {
      if (isFirst && piece[0] === 0x1f && piece[1] === 0x8b) break;
      isFirst = false;
      yield piece;
    }
    if (!isFirst || file.bytesRead === 0) return;
    unpacker = createGunzip({ chunkSize: 2 ** 18 });
    packed = stream(path, identity);
    packed.on("error", (error) => unpacker?.destroy(error));
    yield* packed.pipe(unpacker) as AsyncIterable<Buffer>;
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (unpacker === undefined || !(error instanceof Error) || isFromSystem(error)) throw withPath(error, path);
    throw refuse(`${path}, which gzip cannot unpack (${error.message})`, "a whole gzip file", "Get the file again.");
  } finally {
    file.destroy();
    packed?.destroy();
    unpacker?.destroy();
  }
}

async function* strips(
  { path, identity, headerBytes, labels, height, width }: LoadedSplit,
  from: number,
): AsyncGenerator<ImageStrip> {
  const imageBytes = height * width;
  const stripBytes = Math.max(1, Math.min(stripRows, Math.floor(largestStrip / imageBytes))) * imageBytes;
  let skip = headerBytes + from * imageBytes;
  let row = from;
  let strip = new Uint8Array(Math.min(stripBytes, (labels.length - row) * imageBytes));
  let filled = 0;
  for await (const piece of open(path, identity)) {
    let at = Math.min(skip, piece.byteLength);
    skip -= at;
    while (at < piece.byteLength && row < labels.length) {
      const part = piece.subarray(at, at + strip.length - filled);
      strip.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < strip.length) continue;
      const rows = strip.length / imageBytes;
      yield { pixels: strip, labels: labels.subarray(row, row + rows) };
      row += rows;
      strip = new Uint8Array(Math.min(stripBytes, (labels.length - row) * imageBytes));
      filled = 0;
    }
  }
}

function transpose({ pixels, labels }: ImageStrip, height: number, width: number): ImageStrip {
  const turned = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += height * width) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) turned[start + x * height + y] = pixels[start + y * width + x]!;
    }
  }
  return { pixels: turned, labels };
}

/** Bytes that come in pieces. */
class Parts {
  readonly #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    if (part.byteLength > 0) this.#parts.push(part);
  }

  join(): Uint8Array {
    return Buffer.concat(this.#parts.splice(0));
  }
}

function refuse(received: string, expected: string, fix?: string): DataError {
  return new DataError({ operation: "idxSource", received, expected, ...(fix === undefined ? {} : { fix }) });
}
