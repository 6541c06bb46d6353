/**
 * The engine's memory: one WebAssembly memory, from which programs and stored values take blocks and to which they
 * return them when they are garbage-collected. Nobody disposes of anything.
 */

import { allocate, bytesPerElement, type DataOf, type DType } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import { createMemory, type Memory } from "./web-assembly.ts";

/** Blocks start at multiples of a cache line. */
export const alignment = 64;

/** The first bytes, where threads meet; no value has address 0. */
const reservedBytes = 512;

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
  readonly #registry = new FinalizationRegistry<Block>((block) => this.release(block));

  constructor(shared: boolean) {
    this.shared = shared;
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

  /** A block of at least `bytes`, returned when `owner` is garbage-collected. @throws ArgumentError beyond the 4 GiB of a memory. */
  allocate(bytes: number, owner: object): Block {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    const used = this.#highest;
    const block = this.#reuse(size) ?? this.#extend(size);
    // Memory that was given out before holds old values.
    const stale = Math.min(used, block.address + size) - block.address;
    if (stale > 0) new Uint8Array(this.memory.buffer, block.address, stale).fill(0);
    this.#registry.register(owner, block);
    return block;
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

  #reuse(size: number): Block | undefined {
    const index = this.#free.findIndex((block) => block.bytes >= size);
    if (index === -1) return undefined;
    const block = this.#free[index]!;
    if (block.bytes === size) this.#free.splice(index, 1);
    else this.#free[index] = { address: block.address + size, bytes: block.bytes - size };
    return { address: block.address, bytes: size };
  }

  #extend(size: number): Block {
    const end = this.#top + size;
    const missing = Math.ceil((end + pageBytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      // Growing by an eighth at least keeps the number of times that views are renewed small.
      const pages = this.memory.buffer.byteLength / pageBytes;
      const wanted = Math.min(Math.ceil(pages / 8), maximumPages - pages);
      if (!this.#grow(Math.max(missing, wanted)) && !this.#grow(missing)) {
        throw new ArgumentError({
          operation: "wasm",
          received: `a program or value of ${size} bytes on top of ${this.bytesInUse} in use`,
          expected: "at most 4 GiB in all",
          fix: "Use smaller batches, or the reference backend. What was dropped comes back between turns of the event loop: await one.",
        });
      }
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
