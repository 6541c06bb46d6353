/**
 * Paths of image files with their classes, packed: 5 bytes a file beyond its path and 4 for its place in the order, so that
 * a list of millions fits in memory. Orders them so that every part of the order holds every class.
 */

import { hash } from "node:crypto";

/** A file of the list. */
export interface ListedFile {
  readonly path: string;
  readonly label: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Put before every path that is hashed. Another seed would give every set of images another order. */
const hashSeed = "nn-datasets row order 0\n";

export class FileList {
  #bytes = new Uint8Array(2 ** 16);
  #used = 0;
  /** Where each path begins. */
  #starts = new Uint32Array(2 ** 10);
  #labels = new Uint8Array(2 ** 10);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  add(path: string, label: number): void {
    const bytes = encoder.encode(path);
    while (this.#used + bytes.length > this.#bytes.length) this.#bytes = grown(this.#bytes);
    if (this.#count === this.#labels.length) {
      this.#labels = grown(this.#labels);
      this.#starts = grown(this.#starts);
    }
    this.#bytes.set(bytes, this.#used);
    this.#starts[this.#count] = this.#used;
    this.#labels[this.#count] = label;
    this.#used += bytes.length;
    this.#count += 1;
  }

  at(index: number): ListedFile {
    return { path: decoder.decode(this.#bytes.subarray(...this.#span(index))), label: this.#labels[index]! };
  }

  /** The labels' numbers changed by `to`: the new number of each. */
  relabel(to: readonly number[]): void {
    for (let i = 0; i < this.#count; i++) this.#labels[i] = to[this.#labels[i]!]!;
  }

  /**
   * An order that depends on paths and labels alone, not on the order in which files were added, and spreads every class
   * evenly: of the n files of a class in the order of their hashes, file k goes to the place (k + u) / n of the whole, with
   * 0 ≤ u < 1 from its hash. A tenth of the order holds a tenth of every class, to a file or two.
   *
   * The hash is SHA-256 of `hashSeed` and the path in Unicode's form NFC, in UTF-8: its first 6 bytes order a class, the
   * next 4 divided by 2³² are u. Files that are alike in that come in the order of their labels and bytes.
   */
  order(): Uint32Array {
    const count = this.#count;
    const labels = this.#labels;
    // The hash of each file, and after the first sort its place.
    const keys = new Float64Array(count);
    const offsets = new Uint32Array(count);
    const filesOf = new Uint32Array(256);
    for (let i = 0; i < count; i++) {
      const digest = hash("sha256", hashSeed + this.at(i).path.normalize("NFC"), "buffer");
      keys[i] = digest.readUIntBE(0, 6);
      offsets[i] = digest.readUInt32BE(6);
      filesOf[labels[i]!]! += 1;
    }
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    const byKey = (a: number, b: number) => keys[a]! - keys[b]!;
    order.sort((a, b) => labels[a]! - labels[b]! || byKey(a, b) || this.#comparePaths(a, b));
    const done = new Uint32Array(256);
    for (const i of order) {
      const label = labels[i]!;
      keys[i] = (done[label]! + offsets[i]! / 2 ** 32) / filesOf[label]!;
      done[label]! += 1;
    }
    return order.sort((a, b) => byKey(a, b) || labels[a]! - labels[b]! || this.#comparePaths(a, b));
  }

  #span(index: number): [number, number] {
    return [this.#starts[index]!, index + 1 < this.#count ? this.#starts[index + 1]! : this.#used];
  }

  #comparePaths(a: number, b: number): number {
    return compareBytes(this.#bytes.subarray(...this.#span(a)), this.#bytes.subarray(...this.#span(b)));
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function grown<A extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(2 * array.length);
  larger.set(array);
  return larger;
}
