/** What contenders answer to a check, and how far it lies from what the reference says. */

import { readFileSync } from "node:fs";

/** NaN or Infinity when the two cannot be compared. */
export function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  // Not Math.max of them all: NaN must win, and there are a million.
  return expected.reduce((most, value, i) => {
    const difference = Math.abs(actual[i]! - value);
    return difference > most || Number.isNaN(difference) ? difference : most;
  }, 0);
}

/** A file of float32, as a contender writes it. */
export function readFloats(file: string): Float32Array {
  const bytes = new Uint8Array(readFileSync(file));
  return new Float32Array(bytes.buffer, 0, bytes.byteLength / 4);
}

/** All parts, one after another. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
