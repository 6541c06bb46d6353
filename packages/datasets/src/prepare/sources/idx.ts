/** Images and labels in IDX files, plain or compressed with gzip: MNIST and its relatives. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { SourceFile } from "../../arrow/schema.ts";
import { DataError } from "../../errors.ts";
import { parseIdx } from "../../idx.ts";
import type { ImageStrip, StripSource } from "../source.ts";

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

/** Images in a strip: enough that a call to sharp costs little beside its pixels, few enough to stay in the cache. */
const stripRows = 1000;

/** Files that unpack to more are refused. */
const largestFile = 2 ** 31;

/**
 * The source of the given splits. All files are read and checked here, before anything is written.
 * @throws DataError when a file is missing, cut short, altered, or images and labels do not fit each other.
 * @example idxSource({ train: { images: { path: "train-images.gz" }, labels: { path: "train-labels.gz" } } })
 */
export async function idxSource(splits: Readonly<Record<string, IdxSplit>>): Promise<StripSource> {
  const loaded: LoadedSplit[] = [];
  for (const [split, files] of Object.entries(splits)) loaded.push(await loadSplit(split, files));
  const [first] = loaded;
  if (first === undefined) throw refuse("no split", "at least one, such as { train: { images, labels } }");
  const { height, width } = first;
  for (const other of loaded) {
    if (other.height !== height || other.width !== width) {
      throw refuse(
        `images of ${other.height} × ${other.width} in split ${other.split}`,
        `${height} × ${width} in each`,
      );
    }
  }
  return {
    kind: "strips",
    layout: { column: "image", dtype: "uint8", inputShape: [height, width, 1] },
    splits: Object.fromEntries(loaded.map(({ split, labels }) => [split, labels.length])),
    files: loaded.flatMap(({ files }) => files),
    steps: [],
    blocks: function* () {
      for (const part of loaded) yield* strips(part);
    },
  };
}

interface LoadedSplit extends ImageStrip {
  readonly height: number;
  readonly width: number;
  readonly files: readonly SourceFile[];
}

async function loadSplit(split: string, files: IdxSplit): Promise<LoadedSplit> {
  const images = await load(files.images, 3, "images");
  const labels = await load(files.labels, 1, "labels");
  const [rows = 0, height = 0, width = 0] = images.shape;
  if (rows !== labels.values.length) {
    throw refuse(`${rows} images and ${labels.values.length} labels in split ${split}`, "as many labels as images");
  }
  if (images.values.length === 0) throw refuse(`no pixels in split ${split}`, "at least one image");
  return { split, pixels: images.values, labels: labels.values, height, width, files: [images.file, labels.file] };
}

async function load(source: IdxFile, rank: number, what: string) {
  const { path, sha256 } = source;
  const bytes = await unpack(path, await read(path));
  const { shape, data } = parse(path, bytes);
  if (shape.length !== rank || !(data instanceof Uint8Array)) {
    throw refuse(`${path} of shape [${shape.join(", ")}]`, `${what} as uint8 in ${rank} dimensions`);
  }
  const found = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== undefined && found !== sha256) {
    throw refuse(`${path} with SHA-256 ${found}`, sha256, "The file was altered: get it again from its source.");
  }
  return { shape, values: data, file: { file: basename(path, ".gz"), sha256: found, verified: sha256 !== undefined } };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw refuse(`${path}, which cannot be read (${code})`, "an IDX file", "Check the path in the manifest.");
  }
}

async function unpack(path: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: largestFile });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw refuse(`${path}, which gzip cannot unpack (${reason})`, "a whole gzip file", "Get the file again.");
  }
}

function parse(path: string, bytes: Uint8Array): ReturnType<typeof parseIdx> {
  try {
    return parseIdx(bytes);
  } catch (error) {
    if (error instanceof DataError) throw refuse(`${path} with ${error.received}`, error.expected, error.fix);
    throw error;
  }
}

function* strips({ split, pixels, labels, height, width }: LoadedSplit): Iterable<ImageStrip> {
  const imageBytes = height * width;
  for (let row = 0; row < labels.length; row += stripRows) {
    const end = Math.min(row + stripRows, labels.length);
    yield { split, pixels: pixels.subarray(row * imageBytes, end * imageBytes), labels: labels.subarray(row, end) };
  }
}

function refuse(received: string, expected: string, fix?: string): DataError {
  return new DataError({ operation: "idxSource", received, expected, ...(fix === undefined ? {} : { fix }) });
}
