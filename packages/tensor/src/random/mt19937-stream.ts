// The Mersenne Twister MT19937 and the draws that NumPy's RandomState makes from it, one number at a time.
// Nothing here knows of shapes or checks arguments: see random-state.ts.
//
// Written out rather than taken from a library: the maintained one (pure-rand) regenerates word by word, so that
// NumPy's state (624 words of one generation and a position) cannot be read from it or given to it.

import { log } from "../math/log.ts";

const words = 624;
const middle = 397;
const twist = 0x9908b0df | 0;

/** All that the next draws depend on, as in NumPy's `get_state()`; plain data, fit for JSON. */
export interface StreamState {
  /** The 624 words of the current generation, each 0 … 2³² − 1. */
  readonly key: readonly number[];
  /** Words of it already used, 0 … 624. */
  readonly pos: number;
  /** Whether `cachedGaussian`, the second of the last pair of normal draws, is still to be given out. */
  readonly hasGauss: 0 | 1;
  readonly cachedGaussian: number;
}

/** Source: M. Matsumoto and T. Nishimura, "Mersenne Twister" (1998), with the initialisation of 2002. */
export class Mt19937Stream {
  readonly #key = new Int32Array(words);
  #pos = words;
  #hasGauss = false;
  #cachedGaussian = 0;

  /** `seed`: an integer, 0 … 2³² − 1. */
  constructor(seed: number) {
    const key = this.#key;
    key[0] = seed;
    for (let i = 1; i < words; i++) {
      const previous = key[i - 1]!;
      key[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
  }

  /** A uniform integer, 0 … 2³² − 1. */
  nextUint32(): number {
    if (this.#pos === words) this.#regenerate();
    let y = this.#key[this.#pos++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** A uniform multiple of 2⁻⁵³ in [0, 1), from two words. */
  nextDouble(): number {
    const upper = this.nextUint32() >>> 5;
    const lower = this.nextUint32() >>> 6;
    return (upper * 67108864 + lower) / 9007199254740992;
  }

  /**
   * A standard normal number. Draws come in pairs, the second is kept for the next call.
   * Source: G. Marsaglia's polar method (1964).
   */
  gauss(): number {
    if (this.#hasGauss) {
      const cached = this.#cachedGaussian;
      this.#hasGauss = false;
      this.#cachedGaussian = 0;
      return cached;
    }
    let x1: number;
    let x2: number;
    let r2: number;
    do {
      x1 = 2 * this.nextDouble() - 1;
      x2 = 2 * this.nextDouble() - 1;
      r2 = x1 * x1 + x2 * x2;
    } while (r2 >= 1 || r2 === 0);
    const factor = Math.sqrt((-2 * log(r2)) / r2);
    this.#cachedGaussian = factor * x1;
    this.#hasGauss = true;
    return factor * x2;
  }

  /** A uniform integer, 0 … `max` ≤ 2³² − 1: words under the mask of `max`, those above `max` rejected. */
  interval(max: number): number {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (this.nextUint32() & mask) >>> 0;
      if (value <= max) return value;
    }
  }

  getState(): StreamState {
    return {
      key: Array.from(this.#key, (word) => word >>> 0),
      pos: this.#pos,
      hasGauss: this.#hasGauss ? 1 : 0,
      cachedGaussian: this.#cachedGaussian,
    };
  }

  setState(state: StreamState): void {
    this.#key.set(state.key);
    this.#pos = state.pos;
    this.#hasGauss = state.hasGauss === 1;
    this.#cachedGaussian = state.cachedGaussian;
  }

  // word i of the next generation mixes words i, i + 1 and i + 397 of this one
  #regenerate(): void {
    const key = this.#key;
    for (let i = 0; i < words - middle; i++) key[i] = key[i + middle]! ^ mix(key[i]!, key[i + 1]!);
    for (let i = words - middle; i < words - 1; i++) key[i] = key[i + middle - words]! ^ mix(key[i]!, key[i + 1]!);
    key[words - 1] = key[middle - 1]! ^ mix(key[words - 1]!, key[0]!);
    this.#pos = 0;
  }
}

// upper bit of one word, lower 31 of the next, times the twist matrix
function mix(upper: number, lower: number): number {
  const y = (upper & 0x80000000) | (lower & 0x7fffffff);
  return (y >>> 1) ^ (-(y & 1) & twist);
}
