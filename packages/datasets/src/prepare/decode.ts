/** Blocks of a source → rows as they are stored. Images go through sharp, the only library that touches a pixel. */

import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { ArgumentError, checkInteger } from "@nn/tensor";
import type { SharpOptions } from "sharp";
import type { ShardLayout } from "../arrow/schema.ts";
import { DataError } from "../errors.ts";
import { firstFrame } from "./first-frame.ts";
import { formatSteps } from "./image-steps.ts";
import { type ImageOptions, ImageTransform, type Sharp } from "./image-transform.ts";
import { inOrder } from "./in-order.ts";
import { loadSharp } from "./load-sharp.ts";
import { plainPng } from "./png.ts";
import type { ImageItem, ImageSource, ImageStrip, Refusal, Source, StripSource, ValueBlock } from "./source.ts";
import { isFromSystem } from "./system-error.ts";

export interface DecodeOptions extends ImageOptions {
  /** What an image that cannot be used does: end the run (default), or be left out and reported. */
  readonly onError?: "fail" | "skip";
  /** Groups of images read and decoded at a time; default: one more than there are processors, at most 4. */
  readonly concurrency?: number;
}

/** Rows, and how many rows of the source they stand for: more than there are where some were left out. */
export interface DecodedBlock extends ValueBlock {
  readonly sourceRows: number;
  readonly skipped: readonly Refusal[];
  /** SHA-256 of each file with its name and label, of sources whose files are read now. */
  readonly sums: readonly Uint8Array[];
}

export interface Decoded {
  readonly layout: ShardLayout;
  /** The source's steps and those that decoding adds. */
  readonly steps: readonly string[];
  /** Rows of a split from row `from` of the source on. No block that leaves rows out crosses a multiple of `shardSize`. */
  readonly blocks: (split: string, from: number, shardSize: number) => AsyncIterable<DecodedBlock>;
}

/** @throws DataError when there are images and sharp is not installed. */
export async function decode(source: Source, options: DecodeOptions = {}): Promise<Decoded> {
  if (source.kind === "values") {
    refuseImageOptions(options, source.layout.column);
    return {
      layout: source.layout,
      steps: source.steps,
      blocks: async function* (split, from) {
        for await (const block of source.blocks(split, from)) yield whole(block);
      },
    };
  }
  const open = await loadSharp();
  return source.kind === "strips" ? decodeStrips(source, open, options) : decodeImages(source, open, options);
}

const imageOptions = ["size", "fit", "background", "invert", "normalize", "limitInputPixels"] as const;

function refuseImageOptions(options: ImageOptions, column: string): void {
  const given = imageOptions.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  throw new ArgumentError({
    operation: "prepare",
    received: `${given} for ${column}s, which are stored as they are`,
    expected: "options for images with a source of images only",
    fix: "Leave it out.",
  });
}

const whole = (block: ValueBlock): DecodedBlock => ({
  ...block,
  sourceRows: block.labels.length,
  skipped: [],
  sums: [],
});

/** One in sharp while the one before is summed and counted; more only hold memory. */
const stripsAtATime = 2;

function decodeStrips(source: StripSource, open: Sharp, options: DecodeOptions): Decoded {
  const [height = 0, width = 0] = source.layout.inputShape;
  if (height * width > limitOf(options)) {
    throw new DataError({
      operation: "prepare",
      received: `images of ${height} × ${width}`,
      expected: `at most ${limitOf(options)} pixels`,
      fix: "Raise limitInputPixels if they are to be trusted.",
    });
  }
  const isNative = options.normalize === undefined && options.invert === undefined && options.size === undefined;
  if (isNative) {
    return {
      layout: source.layout,
      steps: [...source.steps, "greyscale@1()"],
      blocks: (split, from) => {
        const work = async (strip: ImageStrip) => whole(await greyscale(open, strip, height, width));
        return inOrder(source.blocks(split, from), work, stripsAtATime);
      },
    };
  }
  const transform = new ImageTransform(open, options, { height, width });
  const raw = { raw: { height, width, channels: 1 as const } };
  return {
    layout: { ...source.layout, inputShape: transform.inputShape },
    steps: [...source.steps, ...formatSteps(options, transform.size)],
    blocks: (split, from, shardSize) => {
      const items = async function* () {
        let row = from;
        for await (const { pixels, labels } of source.blocks(split, from)) {
          for (const [i, label] of labels.entries()) {
            const image = pixels.subarray(i * height * width, (i + 1) * height * width);
            yield { id: `${split} ${row++}`, label, read: () => image };
          }
        }
      };
      const work = (group: readonly ImageItem[]) => oneByOne(group, transform, raw, options);
      return inOrder(groups(items(), from, shardSize), work, concurrencyOf(options));
    },
  };
}

async function decodeImages(source: ImageSource, open: Sharp, options: DecodeOptions): Promise<Decoded> {
  const native = options.size ?? (options.normalize === "mnist" ? undefined : await nativeSize(source, open, options));
  const transform = new ImageTransform(open, options, native ?? { height: 28, width: 28 });
  return {
    layout: { column: "image", dtype: "uint8", inputShape: transform.inputShape },
    steps: [...source.steps, ...formatSteps(options, transform.size)],
    blocks: (split, from, shardSize) => {
      const work = async (group: readonly ImageItem[]) =>
        (await asStrip(group, transform)) ?? (await oneByOne(group, transform, undefined, options));
      return inOrder(groups(source.images(split, from), from, shardSize), work, concurrencyOf(options));
    },
  };
}

/** The size of the first image that can be read. */
async function nativeSize(source: ImageSource, open: Sharp, options: DecodeOptions) {
  for (const split of Object.keys(source.splits)) {
    for (const item of source.images(split, 0)) {
      try {
        const { autoOrient } = await open(firstFrame(item.read()), { limitInputPixels: limitOf(options) }).metadata();
        return { height: autoOrient.height, width: autoOrient.width };
      } catch (error) {
        if (options.onError !== "skip") throw unusable(item, error);
      }
    }
  }
  throw new DataError({ operation: "prepare", received: "no image that can be read", expected: "at least one" });
}

function concurrencyOf({ concurrency = Math.min(4, availableParallelism() + 1) }: DecodeOptions): number {
  checkInteger("prepare", "concurrency", concurrency, 1, 256);
  return concurrency;
}

const limitOf = ({ limitInputPixels = 2 ** 26 }: ImageOptions): number => limitInputPixels;

/** Few enough that libvips stays small with as many pictures open, enough that a call to it costs little for each. */
const groupSize = 32;

/** Pixels; calls for larger pictures cost little beside decoding them. */
const largestInStrip = 2 ** 16;

/** Images in groups, none of which crosses a multiple of `shardSize`. */
async function* groups(
  items: AsyncIterable<ImageItem> | Iterable<ImageItem>,
  from: number,
  shardSize: number,
): AsyncGenerator<readonly ImageItem[]> {
  let group: ImageItem[] = [];
  let row = from;
  for await (const item of items) {
    group.push(item);
    row += 1;
    if (group.length < groupSize && row % shardSize !== 0) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** All images in one call to sharp, when they are plain PNGs of one kind and the final size; undefined when any is not. */
async function asStrip(group: readonly ImageItem[], transform: ImageTransform): Promise<DecodedBlock | undefined> {
  if (!transform.isNative) return undefined;
  if (transform.bytesPerImage > largestInStrip) return undefined;
  const files: Uint8Array[] = [];
  let kind: ReturnType<typeof plainPng>;
  try {
    for (const item of group) {
      const bytes = item.read();
      const found = plainPng(bytes, transform.size);
      if (found === undefined || (kind !== undefined && found !== kind)) return undefined;
      kind = found;
      files.push(bytes);
    }
    const inputs = await transform.strip(files);
    const labels = Uint8Array.from(group, ({ label }) => label);
    return {
      inputs,
      labels,
      sourceRows: group.length,
      skipped: [],
      sums: files.map((file, i) => sumOf(group[i]!, file)),
    };
  } catch {
    // One by one it shows which file it was.
    return undefined;
  }
}

async function oneByOne(
  group: readonly ImageItem[],
  transform: ImageTransform,
  raw: SharpOptions | undefined,
  options: DecodeOptions,
): Promise<DecodedBlock> {
  const { bytesPerImage } = transform;
  const inputs = new Uint8Array(group.length * bytesPerImage);
  const labels = new Uint8Array(group.length);
  const skipped: Refusal[] = [];
  const sums: Uint8Array[] = [];
  let rows = 0;
  for (const item of group) {
    let bytes: Uint8Array | undefined;
    try {
      bytes = item.read();
      inputs.set(await transform.one(bytes, raw), rows * bytesPerImage);
      labels[rows] = item.label;
      rows += 1;
    } catch (error) {
      const failure = unusable(item, error);
      if (options.onError !== "skip") throw failure;
      skipped.push({ file: item.id, reason: withoutName(failure.received, item.id) });
    }
    if (raw === undefined) sums.push(sumOf(item, bytes));
  }
  return {
    inputs: inputs.subarray(0, rows * bytesPerImage),
    labels: labels.subarray(0, rows),
    sourceRows: group.length,
    skipped,
    sums,
  };
}

/** Of name, label and content; of name and label alone where the file could not be read. */
function sumOf({ id, label }: ImageItem, bytes: Uint8Array | undefined): Uint8Array {
  const hash = createHash("sha256").update(`${id}\0${label}\0`);
  return (bytes === undefined ? hash : hash.update(bytes)).digest();
}

const withoutName = (received: string, name: string): string =>
  received.startsWith(name) ? received.slice(name.length).replace(/^,? /, "") : received;

function unusable(item: ImageItem, error: unknown): DataError {
  if (error instanceof DataError) {
    if (error.received.startsWith(item.id)) return error;
    const { operation, received, expected, fix } = error;
    return new DataError({
      operation,
      received: `${item.id}, ${received}`,
      expected,
      ...(fix === undefined ? {} : { fix }),
    });
  }
  if (error instanceof ArgumentError || !(error instanceof Error) || isFromSystem(error)) throw error;
  return new DataError({
    operation: "prepare",
    received: `${item.id}, which sharp cannot read (${error.message.split("\n")[0]})`,
    expected: "an image",
    fix: 'Mend or remove it, or leave such files out with onError "skip".',
  });
}

/** (rows, height, width) bytes in, the same out, as sharp gives them back in greyscale. */
async function greyscale(open: Sharp, strip: ImageStrip, height: number, width: number): Promise<ValueBlock> {
  const rows = strip.labels.length;
  const raw = { width, height: height * rows, channels: 1 } as const;
  const { data, info } = await open(strip.pixels, { raw, limitInputPixels: false })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height !== raw.height || info.channels !== 1) {
    throw new DataError({
      operation: "prepare",
      received: `a picture of ${info.width} × ${info.height} with ${info.channels} channels from sharp`,
      expected: `${width} × ${raw.height} with 1 channel`,
    });
  }
  return { inputs: data, labels: strip.labels };
}
