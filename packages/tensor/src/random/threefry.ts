// Threefry-2x32: random words as a pure function of a key and a counter, so any element can be drawn in any order.
// For draws inside compiled steps, such as dropout: key (seed, operation), counter (step, element).

/**
 * Writes two random words for one counter into `out[offset]` and `out[offset + 1]`. All four inputs are taken as
 * 32-bit integers. 20 rounds.
 * Source: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
  offset = 0,
): void {
  const key2 = 0x1bd11bda ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  // Five groups of four rounds (x0 += x1, then x1 = rotate(x1) ^ x0); after each, two of the key words go in.
  for (let group = 1; group <= 5; group++) {
    const odd = (group & 1) === 1;
    x0 = (x0 + x1) | 0;
    x1 = (odd ? rotate(x1, 13) : rotate(x1, 17)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (odd ? rotate(x1, 15) : rotate(x1, 29)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (odd ? rotate(x1, 26) : rotate(x1, 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (odd ? rotate(x1, 6) : rotate(x1, 24)) ^ x0;
    x0 = (x0 + (group % 3 === 0 ? key0 : group % 3 === 1 ? key1 : key2)) | 0;
    x1 = (x1 + (group % 3 === 0 ? key1 : group % 3 === 1 ? key2 : key0) + group) | 0;
  }
  out[offset] = x0;
  out[offset + 1] = x1;
}

/** The upper 24 bits of a random word as a uniform multiple of 2⁻²⁴ in [0, 1), exact in float32. */
export function unitFloat32(word: number): number {
  return (word >>> 8) / 16777216;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
