/** Memory planning: values that never live at the same time share memory. */

/** A value's need of memory, in bytes, over kernels counted from 0: from its first write to its last read. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** Where each value lies from the start of a common block, and how large that must be. */
export interface MemoryPlan {
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** Places the largest values first, each at the lowest offset that is free for as long as it lives. */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: number[] = [];
  let bytes = 0;
  const bySize = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b]!.bytes - lifetimes[a]!.bytes || a - b);
  for (const index of bySize) {
    const value = lifetimes[index]!;
    const neighbours = placed
      .filter((other) => lifetimes[other]!.first <= value.last && value.first <= lifetimes[other]!.last)
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let offset = 0;
    for (const other of neighbours) {
      if (offset + value.bytes <= offsets[other]!) break;
      offset = Math.max(offset, offsets[other]! + lifetimes[other]!.bytes);
    }
    offsets[index] = offset;
    placed.push(index);
    bytes = Math.max(bytes, offset + value.bytes);
  }
  return { offsets, bytes };
}
