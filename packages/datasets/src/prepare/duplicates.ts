/** Counts rows that were there before. */

import type { InputData } from "../columns.ts";

/** Beyond so many different rows no more are remembered: 9 bytes for each of 5/4 as many slots, 22 MiB. */
const mostRows = 2 ** 21;

/**
 * Tells rows apart by 64 bits of a hash: two rows of a million are mistaken for each other once in 10⁷ sets. What is
 * counted so is for people to look at, and never left out.
 */
export class DuplicateCounter {
  /** Rows equal to one of the first two million different ones, and those of them whose label is another. */
  duplicates = 0;
  conflictingLabels = 0;
  #slots = 5 * 2 ** 9;
  /** Both 0 mark an empty slot. */
  #high = new Uint32Array(this.#slots);
  #low = new Uint32Array(this.#slots);
  #labels = new Uint8Array(this.#slots);
  #count = 0;

  add(inputs: InputData, labels: Uint8Array): void {
    const width = inputs.length / labels.length;
    for (let row = 0; row < labels.length; row++) {
      const { buffer, byteOffset, byteLength } = inputs.subarray(row * width, (row + 1) * width);
      const [high, low] = hash(new Uint8Array(buffer, byteOffset, byteLength));
      this.#add(high, low, labels[row]!);
    }
  }

  #add(high: number, low: number, label: number): void {
    const slot = this.#find(high, low);
    if (this.#isTaken(slot)) {
      this.duplicates += 1;
      if (this.#labels[slot] !== label) this.conflictingLabels += 1;
    } else if (this.#count < mostRows) {
      if (5 * this.#count === 4 * this.#slots) this.#grow();
      this.#put(high, low, label);
      this.#count += 1;
    }
  }

  #find(high: number, low: number): number {
    // The number of slots is 5 times a power of 2: the product is exact.
    let slot = Math.floor((low * this.#slots) / 2 ** 32);
    while (this.#isTaken(slot) && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
    return slot;
  }

  #isTaken(slot: number): boolean {
    return this.#high[slot] !== 0 || this.#low[slot] !== 0;
  }

  #put(high: number, low: number, label: number): void {
    const slot = this.#find(high, low);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#labels[slot] = label;
  }

  #grow(): void {
    const [high, low, labels] = [this.#high, this.#low, this.#labels];
    // By much: the old table and the new are there at once, and the smaller the old the better.
    this.#slots *= 4;
    this.#high = new Uint32Array(this.#slots);
    this.#low = new Uint32Array(this.#slots);
    this.#labels = new Uint8Array(this.#slots);
    for (let slot = 0; slot < labels.length; slot++) {
      if (high[slot] !== 0 || low[slot] !== 0) this.#put(high[slot]!, low[slot]!, labels[slot]!);
    }
  }
}

/** Two independent 32-bit hashes in the manner of MurmurHash3, four bytes at a time. */
function hash(bytes: Uint8Array): readonly [number, number] {
  let a = bytes.length ^ 0x9747b28c;
  let b = bytes.length ^ 0x3c6ef372;
  const end = bytes.length & ~3;
  for (let i = 0; i < end; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    a = round(a, word, 0xcc9e2d51, 0x1b873593);
    b = round(b, word, 0x239b961b, 0x38b34ae5);
  }
  for (let i = end; i < bytes.length; i++) {
    a = round(a, bytes[i]! + 1, 0xcc9e2d51, 0x1b873593);
    b = round(b, bytes[i]! + 1, 0x239b961b, 0x38b34ae5);
  }
  return [finish(a), finish(b) || 1];
}

function round(hash: number, word: number, multiply: number, again: number): number {
  const mixed = Math.imul(word, multiply);
  const h = hash ^ Math.imul((mixed << 15) | (mixed >>> 17), again);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
