/** A hash of 32 bits: the finaliser of MurmurHash3, a bijection of 0 … 2³² − 1. */
export function hashSeed(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
