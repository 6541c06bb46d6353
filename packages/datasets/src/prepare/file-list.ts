/**
 * Paths of image files with their classes, packed: 9 bytes a file beyond its path and 4 for its place in the order, so that
 * a list of millions fits in memory. Puts them in an order that says nothing of their class.
 */

/** A file of the list. */
export interface ListedFile {
  readonly path: string;
  readonly label: number;
}

/** The part of a path that tells the class, in UTF-16 units; from = to where it is told elsewhere. */
export interface LabelPart {
  readonly from: number;
  readonly to: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class FileList {
  #bytes = new Uint8Array(2 ** 16);
  #used = 0;
  /** Where each path begins. */
  #starts = new Uint32Array(2 ** 10);
  /** Two numbers a file: where the label's part of its path begins and ends, from the path's beginning. */
  #parts = new Uint16Array(2 * 2 ** 10);
  #labels = new Uint8Array(2 ** 10);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  add(path: string, label: number, part: LabelPart = { from: 0, to: 0 }): void {
    const bytes = encoder.encode(path);
    while (this.#used + bytes.length > this.#bytes.length) this.#bytes = grown(this.#bytes);
    if (this.#count === this.#labels.length) {
      this.#labels = grown(this.#labels);
      this.#starts = grown(this.#starts);
      this.#parts = grown(this.#parts);
    }
    this.#bytes.set(bytes, this.#used);
    const from = encoder.encode(path.slice(0, part.from)).length;
    const to = from + encoder.encode(path.slice(part.from, part.to)).length;
    this.#starts[this.#count] = this.#used;
    this.#parts.set([from, to], 2 * this.#count);
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
   * The order of the files by their paths with the class taken out, numbers in them compared as numbers; files that are
   * alike in that, by class and by their bytes. `7/10.png` comes after `9/2.png` and beside `3/10.png`.
   */
  order(): Uint32Array {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i);
    return order.sort((a, b) => this.#compare(a, b) || this.#labels[a]! - this.#labels[b]! || this.#comparePaths(a, b));
  }

  #span(index: number): [number, number] {
    return [this.#starts[index]!, index + 1 < this.#count ? this.#starts[index + 1]! : this.#used];
  }

  #comparePaths(a: number, b: number): number {
    return compareBytes(this.#bytes.subarray(...this.#span(a)), this.#bytes.subarray(...this.#span(b)));
  }

  #compare(a: number, b: number): number {
    const [bytes, parts] = [this.#bytes, this.#parts];
    let [i, endA] = this.#span(a);
    let [j, endB] = this.#span(b);
    const [skipA, afterA] = [i + parts[2 * a]!, i + parts[2 * a + 1]!];
    const [skipB, afterB] = [j + parts[2 * b]!, j + parts[2 * b + 1]!];
    for (;;) {
      if (i === skipA) i = afterA;
      if (j === skipB) j = afterB;
      if (i >= endA || j >= endB) return (i < endA ? 1 : 0) - (j < endB ? 1 : 0);
      const [x, y] = [bytes[i]!, bytes[j]!];
      if (isDigit(x) && isDigit(y)) {
        const [numberA, nextA] = digits(bytes, i, i < skipA ? Math.min(endA, skipA) : endA);
        const [numberB, nextB] = digits(bytes, j, j < skipB ? Math.min(endB, skipB) : endB);
        const order = compareDigits(numberA, numberB);
        if (order !== 0) return order;
        [i, j] = [nextA, nextB];
      } else if (x !== y) return x - y;
      else [i, j] = [i + 1, j + 1];
    }
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function grown<A extends Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(2 * array.length);
  larger.set(array);
  return larger;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** The digits from `at` on without leading zeros, and where they end. */
function digits(bytes: Uint8Array, at: number, end: number): [Uint8Array, number] {
  let from = at;
  while (from < end && bytes[from] === 0x30) from += 1;
  let to = from;
  while (to < end && isDigit(bytes[to]!)) to += 1;
  return [bytes.subarray(from, to), to];
}

function compareDigits(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || compareBytes(a, b);
}
