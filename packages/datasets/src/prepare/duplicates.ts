/** Counts rows that were there before. */

import type { InputData } from "../columns.ts";

/** Beyond so many different rows no more are remembered, so that memory stays bounded. */
const mostRows = 2 ** 22;

/**
 * Tells rows apart by 64 bits of a hash: two rows of a million are mistaken for each other once in 10⁷ sets. What is
 * counted so is for people to look at, and never left out.
 */
export class DuplicateCounter {
  /** Rows equal to an earlier one, and those of them whose label is another. */
  duplicates = 0;
  conflictingLabels = 0;
  #slots = 2 ** 12;
  #high = new Uint32Array(this.#slots);
  #low = new Uint32Array(this.#slots);
  /** Label + 1; 0 marks an empty slot. */
  #labels = new Uint16Array(this.#slots);
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
    if (this.#labels[slot] !== 0) {
      this.duplicates += 1;
      if (this.#labels[slot] !== label + 1) this.conflictingLabels += 1;
    } else if (this.#count < mostRows) {
      this.#put(slot, high, low, label + 1);
      this.#count += 1;
      if (2 * this.#count > this.#slots) this.#grow();
    }
  }

  #find(high: number, low: number): number {
    let slot = low & (this.#slots - 1);
    while (this.#labels[slot] !== 0 && (this.#high[slot] !== high || this.#low[slot] !== low)) {
      slot = (slot + 1) & (this.#slots - 1);
    }
    return slot;
  }

  #put(slot: number, high: number, low: number, label: number): void {
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#labels[slot] = label;
  }

  #grow(): void {
    const [high, low, labels] = [this.#high, this.#low, this.#labels];
    this.#slots *= 2;
    this.#high = new Uint32Array(this.#slots);
    this.#low = new Uint32Array(this.#slots);
    this.#labels = new Uint16Array(this.#slots);
    labels.forEach((label, slot) => {
      if (label !== 0) this.#put(this.#find(high[slot]!, low[slot]!), high[slot]!, low[slot]!, label);
    });
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
  return [finish(a), finish(b)];
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
