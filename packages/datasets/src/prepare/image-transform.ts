/** What happens to one picture, whatever its format: greyscale bytes of one size, by sharp. */

import { ArgumentError, checkInteger } from "@nn/tensor";
import type sharp from "sharp";
import type { ResizeOptions, SharpOptions } from "sharp";
import { DataError } from "../errors.ts";
import { centreInk } from "./centre-ink.ts";
import { firstFrame } from "./first-frame.ts";
import type { Grey, ImageSize } from "./grey.ts";

export type Sharp = typeof sharp;

export interface ImageOptions {
  /** Size of every image; default: that of the first, which all others must have then. */
  readonly size?: ImageSize;
  /** How a picture of other proportions fits: within, with a margin (default), cropped to cover, or stretched. */
  readonly fit?: "contain" | "cover" | "fill";
  /** What lies behind transparency and fills margins, before inversion; default `"white"`. */
  readonly background?: "white" | "black";
  /**
   * Whether greys are inverted, as ink on paper must be to be 255 on 0; `"auto"` does it where the border of a picture is
   * light on average. Default false, and `"auto"` with `normalize: "mnist"`.
   */
  readonly invert?: boolean | "auto";
  /**
   * `"mnist"` makes digits as the original set was made: cropped to the ink, the longer side scaled to 20, placed with
   * their centre of mass in the centre of 28 × 28. `size` and `fit` do not apply.
   */
  readonly normalize?: "mnist";
  /** Pictures of more pixels are refused before they are decoded; default 2²⁶. */
  readonly limitInputPixels?: number;
}

const mnistSize: ImageSize = { height: 28, width: 28 };

/** Pictures that are made into digits are scaled down to this before anything else. */
const workingSize = 1024;

export class ImageTransform {
  readonly size: ImageSize;
  readonly bytesPerImage: number;
  /** Whether nothing but decoding is asked for. */
  readonly isNative: boolean;
  readonly #open: Sharp;
  readonly #options: ImageOptions;
  readonly #input: SharpOptions;

  /** @throws ArgumentError for options out of range. */
  constructor(open: Sharp, options: ImageOptions, nativeSize: ImageSize) {
    checkImageOptions(options);
    this.#open = open;
    this.#options = options;
    this.size = options.normalize === "mnist" ? mnistSize : (options.size ?? nativeSize);
    this.bytesPerImage = this.size.height * this.size.width;
    this.isNative = options.normalize === undefined && (options.invert ?? false) === false;
    this.#input = { limitInputPixels: options.limitInputPixels ?? 2 ** 26 };
  }

  get inputShape(): readonly [number, number, 1] {
    return [this.size.height, this.size.width, 1];
  }

  /** One picture. @throws whatever sharp throws, and DataError for a size that is not the others'. */
  async one(bytes: Uint8Array, raw: SharpOptions = {}): Promise<Uint8Array> {
    const { normalize, invert = normalize === "mnist" ? "auto" : false } = this.#options;
    if (normalize === "mnist") {
      const picture = await this.#decode(bytes, raw, { width: workingSize, height: workingSize, fit: "inside" });
      return await centreInk(this.#open, inverted(picture, invert));
    }
    const { size, fit = "contain" } = this.#options;
    const resize = size && { ...size, fit: fit === "contain" ? ("inside" as const) : fit };
    const picture = await this.#decode(bytes, raw, resize);
    return this.#padded(inverted(picture, invert), isLight(picture, invert));
  }

  /** Plain PNGs of the final size, one below the other, in one call to sharp. */
  async strip(files: readonly Uint8Array[]): Promise<Uint8Array> {
    const { height, width } = this.size;
    const { data, info } = await this.#open(files as Uint8Array[], { ...this.#input, join: { across: 1 } })
      .greyscale()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.width !== width || info.height !== height * files.length || info.channels !== 1) {
      throw new Error(`sharp joined ${files.length} images to ${info.width} × ${info.height}`);
    }
    return data;
  }

  async #decode(bytes: Uint8Array, raw: SharpOptions, resize?: ResizeOptions): Promise<Grey> {
    const { background, normalize } = this.#options;
    const picture = this.#open(raw.raw === undefined ? firstFrame(bytes) : bytes, { ...this.#input, ...raw });
    return await decodeGrey(picture, background, resize && { ...resize, withoutEnlargement: normalize === "mnist" });
  }

  /** A picture in the middle of one of the final size. */
  #padded({ pixels, height, width }: Grey, light: boolean): Uint8Array {
    const { size } = this;
    if (height === size.height && width === size.width) return pixels;
    if (this.#options.size === undefined || height > size.height || width > size.width) {
      throw new DataError({
        operation: "prepare",
        received: `a picture of ${height} × ${width}`,
        expected: `${size.height} × ${size.width}, as the others of the set`,
        fix: "Bring it to that size, or prepare the set with a size for all (--size on the command line).",
      });
    }
    const { background = "white", invert = false } = this.#options;
    const paper = invert === "auto" ? 0 : (background === "white") !== light ? 255 : 0;
    const padded = new Uint8Array(this.bytesPerImage).fill(paper);
    const top = (size.height - height) >> 1;
    const left = (size.width - width) >> 1;
    for (let y = 0; y < height; y++) {
      padded.set(pixels.subarray(y * width, (y + 1) * width), (top + y) * size.width + left);
    }
    return padded;
  }
}

/** The greys of a picture, upright, on `background` where it is transparent. */
export async function decodeGrey(
  picture: ReturnType<Sharp>,
  background: "white" | "black" = "white",
  resize?: ResizeOptions,
): Promise<Grey> {
  // In 8 bits before transparency is laid on the background: in 16 sharp's white is not all white.
  const grey = picture.pipelineColourspace("srgb").autoOrient().flatten({ background }).greyscale();
  const sized = resize === undefined ? grey : grey.resize(resize);
  const { data, info } = await sized.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 1) throw new Error(`${info.channels} channels`);
  return { pixels: data, height: info.height, width: info.width };
}

function inverted(picture: Grey, invert: boolean | "auto"): Grey {
  if (!isLight(picture, invert)) return picture;
  return { ...picture, pixels: picture.pixels.map((value) => 255 - value) };
}

/** Whether a picture is to be inverted. */
function isLight({ pixels, height, width }: Grey, invert: boolean | "auto"): boolean {
  if (invert !== "auto") return invert;
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) {
      sum += pixels[y * width + x]!;
      count += 1;
    }
  }
  return sum > 127.5 * count;
}

function checkImageOptions(options: ImageOptions): void {
  const { size, limitInputPixels = 1 } = options;
  if (size !== undefined) {
    checkInteger("prepare", "size.height", size.height, 1, 2 ** 14);
    checkInteger("prepare", "size.width", size.width, 1, 2 ** 14);
  }
  checkInteger("prepare", "limitInputPixels", limitInputPixels, 1, 2 ** 31);
  for (const [name, choices] of Object.entries(choicesOf)) {
    const value = options[name as keyof typeof choicesOf];
    if (value === undefined || choices.includes(value)) continue;
    throw new ArgumentError({
      operation: "prepare",
      received: `${name} ${JSON.stringify(value)}`,
      expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
    });
  }
}

const choicesOf: Readonly<Record<"fit" | "background" | "invert" | "normalize", readonly unknown[]>> = {
  fit: ["contain", "cover", "fill"],
  background: ["white", "black"],
  invert: [true, false, "auto"],
  normalize: ["mnist"],
};
