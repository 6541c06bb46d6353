/** Which PNG files can be read in one go with others: it looks at their header, and decodes nothing. */

import type { ImageSize } from "./image-transform.ts";

/** Chunks that change nothing about the pixels. */
const harmless = new Set(["pHYs", "tIME", "tEXt", "bKGD"]);

/** Whether `bytes` are a PNG of this size in 8-bit greyscale, without transparency, colour profile or orientation. */
export function isPlainPng(bytes: Uint8Array, { height, width }: ImageSize): boolean {
  if (bytes.byteLength < 57) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng =
    view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a && view.getUint32(12) === 0x49484452;
  // Bit depth 8, colour type 0, the one compression and filter method there is, not interlaced.
  const isGrey = view.getUint32(24) === 0x08000000 && bytes[28] === 0;
  if (!isPng || !isGrey || view.getUint32(16) !== width || view.getUint32(20) !== height) return false;
  // Every chunk is looked at: some of those that matter may also come after the pixels.
  for (let at = 33; at + 12 <= bytes.byteLength; ) {
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (kind === "IEND") return true;
    if (kind !== "IDAT" && !harmless.has(kind)) return false;
    at += 12 + view.getUint32(at);
  }
  return false;
}
