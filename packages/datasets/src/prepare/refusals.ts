/** Files that were left out, however many: their number, and the first of them by name. */

import type { Refusal } from "./source.ts";

/** Files that were left out beyond so many are counted and not named. */
export const mostListed = 100;

export class Refusals {
  #count = 0;
  #first: Refusal[] = [];

  get count(): number {
    return this.#count;
  }

  add(file: string, reason: string): void {
    this.#count += 1;
    this.#first.push({ file, reason });
    if (this.#first.length === 10 * mostListed) this.#first = this.list();
  }

  /** The first hundred by name, in whatever order they came. */
  list(): Refusal[] {
    return this.#first.sort((a, b) => (a.file < b.file ? -1 : 1)).slice(0, mostListed);
  }
}
