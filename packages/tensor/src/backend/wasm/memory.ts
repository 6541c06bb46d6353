/**
 * The engine's memory: one WebAssembly memory, from which programs and the state that they run on take blocks. It never
 * shrinks, so beyond a budget a block is made of what other programs give up, before the memory grows.
 */

import { allocate, bytesPerElement, type DataOf, type DType } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import { createMemory, type Memory } from "./web-assembly.ts";

/** Blocks start at multiples of a cache line. */
export const alignment = 64;

/** The first bytes, where threads meet; no value has address 0. */
const reservedBytes = 512;

/** Programs give up their blocks before the memory grows beyond this. A single program may need more, and gets it. */
const budgetBytes = 2 ** 29;

const pageBytes = 65536;
const maximumPages = 65536;

/** A part of the memory, in bytes. */
export interface Block {
  readonly address: number;
  readonly bytes: number;
}

export class EngineMemory {
  readonly memory: Memory;
  readonly shared: boolean;
  /** Free blocks by address; neighbours are merged. */
  #free: Block[] = [];
  /** Nothing from here on is in use. What lies below belongs to the threads (`threads.ts`). */
  #top = reservedBytes;
  /** Nothing from here on was ever given out. */
  #highest = reservedBytes;
  /** Makes the program that ran longest ago return its blocks; false when there is none. */
  readonly #evict: () => boolean;

  constructor(shared: boolean, evict: () => boolean = () => false) {
    this.shared = shared;
    this.#evict = evict;
    this.memory = createMemory({ initial: 16, maximum: maximumPages, shared });
  }

  /** The limits that a module must declare to import this memory. */
  get limits(): { readonly minimumPages: number; readonly maximumPages: number; readonly shared: boolean } {
    return { minimumPages: 1, maximumPages, shared: this.shared };
  }

  /** Bytes given out and not returned. */
  get bytesInUse(): number {
    return this.#top - reservedBytes - this.#free.reduce((sum, block) => sum + block.bytes, 0);
  }

  /** A block of at least `bytes`, filled with zeros, until it is released. @throws ArgumentError beyond the 4 GiB of a memory. */
  allocate(bytes: number): Block {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const used = this.#highest;
    const block = this.#take(size);
    // Memory that was given out before holds old values.
    const stale = Math.min(used, block.address + size) - block.address;
    if (stale > 0) new Uint8Array(this.memory.buffer, block.address, stale).fill(0);
    return block;
  }

  /** @throws ArgumentError for a block that no memory could hold. */
  checkFits(bytes: number): void {
    if (bytes > maximumPages * pageBytes - reservedBytes) throw this.#tooMuch(bytes);
  }

  /** Gives a block back. */
  release(block: Block): void {
    const next = this.#free.findIndex((each) => each.address > block.address);
    this.#free.splice(next === -1 ? this.#free.length : next, 0, block);
    const merged: Block[] = [];
    for (const each of this.#free) {
      const last = merged.at(-1);
      if (last !== undefined && last.address + last.bytes === each.address) {
        merged[merged.length - 1] = { address: last.address, bytes: last.bytes + each.bytes };
      } else merged.push(each);
    }
    const last = merged.at(-1);
    if (last !== undefined && last.address + last.bytes === this.#top) {
      this.#top = last.address;
      merged.pop();
    }
    this.#free = merged;
  }

  /** The elements at `address`; valid until the memory grows, and ever after if it is shared. */
  view<D extends DType>(dtype: D, address: number, length: number): DataOf<D> {
    const Elements = allocate(dtype, 0).constructor as unknown as new (
      buffer: ArrayBufferLike,
      offset: number,
      length: number,
    ) => DataOf<D>;
    return new Elements(this.memory.buffer, address, length);
  }

  #take(size: number): Block {
    for (let evicts = true; ; evicts = this.#evict()) {
      const mayGrow = !evicts || this.#top + size <= budgetBytes;
      const block = this.#reuse(size) ?? (mayGrow ? this.#extend(size) : undefined);
      if (block !== undefined) return block;
      if (evicts) continue;
      throw this.#tooMuch(size);
    }
  }

  #tooMuch(size: number): ArgumentError {
    return new ArgumentError({
      operation: "wasm",
      received: `a program or value of ${size} bytes on top of ${this.bytesInUse} in use`,
      expected: "at most 4 GiB in all",
      fix: "Use smaller batches, or the reference backend.",
    });
  }

  #reuse(size: number): Block | undefined {
    const index = this.#free.findIndex((block) => block.bytes >= size);
    if (index === -1) return undefined;
    const block = this.#free[index]!;
    if (block.bytes === size) this.#free.splice(index, 1);
    else this.#free[index] = { address: block.address + size, bytes: block.bytes - size };
    return { address: block.address, bytes: size };
  }

  /** A block behind all others; undefined where the memory cannot grow so far. */
  #extend(size: number): Block | undefined {
    const end = this.#top + size;
    const missing = Math.ceil((end + pageBytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      // Growing by an eighth at least keeps the number of times that views are renewed small.
      const pages = this.memory.buffer.byteLength / pageBytes;
      const wanted = Math.min(Math.ceil(pages / 8), maximumPages - pages);
      if (!this.#grow(Math.max(missing, wanted)) && !this.#grow(missing)) return undefined;
    }
    const block = { address: this.#top, bytes: size };
    this.#top = end;
    this.#highest = Math.max(this.#highest, end);
    return block;
  }

  /** Whether the system gave that many pages more. */
  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}

/** Bytes of `length` elements, with room for a whole vector where the last one is not full. */
export function paddedBytes(dtype: DType, length: number): number {
  return Math.ceil((length * bytesPerElement[dtype] + 16) / alignment) * alignment;
}
