/** How MNIST's digits were placed: the ink's box scaled to 20 × 20, its centre of mass in the centre of 28 × 28. */

import type sharp from "sharp";
import { DataError } from "../errors.ts";
import type { Grey } from "./grey.ts";

const box = 20;
const size = 28;

/** What is fainter than this part of the darkest ink is paper when the ink's box is sought. */
const faintest = 1 / 8;

/**
 * (28, 28) bytes. `picture` is ink (up to 255) on paper (0). The longer side of the ink's box becomes 20 pixels, and the
 * centre of mass comes as near to the centre as whole pixels and the frame allow.
 * @throws DataError when there is no ink.
 */
export async function centreInk(open: typeof sharp, picture: Grey): Promise<Uint8Array> {
  const { top, left, height, width } = inkBox(picture);
  const scale = box / Math.max(height, width);
  const scaled = { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
  const pixels = await open(picture.pixels, { raw: { height: picture.height, width: picture.width, channels: 1 } })
    .extract({ top, left, height, width })
    .resize({ ...scaled, fit: "fill" })
    .greyscale()
    .raw({ depth: "uchar" })
    .toBuffer();
  return place({ pixels, ...scaled });
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

function inkBox({ pixels, height, width }: Grey): Box {
  const darkest = pixels.reduce((most, value) => Math.max(most, value), 0);
  if (darkest === 0) {
    throw new DataError({ operation: "prepare", received: "a picture without ink", expected: "ink on paper" });
  }
  const ink = darkest * faintest;
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (pixels[y * width + x]! < ink) continue;
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
    }
  }
  return { top, left, height: bottom - top, width: right - left };
}

function place({ pixels, height, width }: Grey): Uint8Array {
  let [mass, momentX, momentY] = [0, 0, 0];
  pixels.forEach((value, i) => {
    mass += value;
    momentX += value * ((i % width) + 0.5);
    momentY += value * (Math.floor(i / width) + 0.5);
  });
  const offset = (moment: number, length: number) =>
    Math.max(0, Math.min(size - length, Math.round(size / 2 - moment / Math.max(1, mass))));
  const [left, top] = [offset(momentX, width), offset(momentY, height)];
  const placed = new Uint8Array(size * size);
  for (let y = 0; y < height; y++) placed.set(pixels.subarray(y * width, (y + 1) * width), (top + y) * size + left);
  return placed;
}
