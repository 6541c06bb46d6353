/** Random draws that a 32-bit seed decides, the same on every machine. */

import { threefry2x32 } from "../../src/random/threefry.ts";

export class Draws {
  readonly #seed: number;
  readonly #words = new Uint32Array(2);
  #count = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A number in [0, 1). */
  unit(): number {
    threefry2x32(this.#seed, 0, 0, this.#count++, this.#words);
    return this.#words[0]! / 2 ** 32;
  }

  /** An integer from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** True with `probability`. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of `items`, which holds at least one. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.unit() * items.length)]!;
  }

  /** One of `choices`, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let rest = this.unit() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      rest -= weight;
      if (rest < 0) return choice;
    }
    return choices.at(-1)![1];
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
