/** Which PNG files can be read in one go with others: it looks at their header, and decodes nothing. */

import type { ImageSize } from "./grey.ts";

/** Chunks that change nothing about the pixels. */
const harmless = new Set(["pHYs", "tIME", "tEXt", "bKGD"]);

/**
 * "grey" or "colour" when `bytes` are a PNG of this size with 8 bits a channel and without transparency, colour profile or
 * orientation; undefined otherwise.
 */
export function plainPng(bytes: Uint8Array, { height, width }: ImageSize): "grey" | "colour" | undefined {
  if (bytes.byteLength < 57) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng =
    view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a && view.getUint32(12) === 0x49484452;
  // Bit depth 8, colour type 0 or 2, the one compression and filter method there is, not interlaced.
  const format = view.getUint32(24);
  const kind = format === 0x08000000 ? "grey" : format === 0x08020000 ? "colour" : undefined;
  if (!isPng || bytes[28] !== 0 || view.getUint32(16) !== width || view.getUint32(20) !== height) return undefined;
  // Every chunk is looked at: some of those that matter may also come after the pixels.
  for (let at = 33; at + 12 <= bytes.byteLength; ) {
    const chunk = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (chunk === "IEND") return kind;
    if (chunk !== "IDAT" && !harmless.has(chunk)) return undefined;
    at += 12 + view.getUint32(at);
  }
  return undefined;
}
