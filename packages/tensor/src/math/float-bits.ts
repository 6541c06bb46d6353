// Float64 bit moves through one shared scratch cell, right on either byte order.

const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);

scratch[0] = 1;
const high = words[1] !== 0 ? 1 : 0;
const low = 1 - high;

/** Upper 32 bits of `x` (sign, 11 exponent bits, 20 fraction bits), as a signed integer. */
export function highWord(x: number): number {
  scratch[0] = x;
  return words[high] as number;
}

/** Lower 32 bits of `x`, as a signed integer. */
export function lowWord(x: number): number {
  scratch[0] = x;
  return words[low] as number;
}

/** The float64 next to `x` on the side away from zero (`outwards`) or towards it; `x` finite and not zero. */
export function neighbour(x: number, outwards: boolean): number {
  scratch[0] = x;
  const before = words[low] as number;
  words[low] = before + (outwards ? 1 : -1);
  if (outwards && before === -1) words[high] = (words[high] as number) + 1;
  if (!outwards && before === 0) words[high] = (words[high] as number) - 1;
  return scratch[0] as number;
}

const lowestExponent = -1074;
const highestExponent = 1023;
const powers = buildPowers();

/**
 * 2^exponent, exact, for an integer exponent in [-1074, 1023].
 * A table, as assembling the bits would stall the load that follows the two half-word stores.
 */
export function powerOfTwo(exponent: number): number {
  return powers[exponent - lowestExponent] as number;
}

// By doubling: the exactness of the ** operator is left to the engine.
function buildPowers(): Float64Array {
  const table = new Float64Array(highestExponent - lowestExponent + 1);
  let power = Number.MIN_VALUE;
  for (let i = 0; i < table.length; i++) {
    table[i] = power;
    power *= 2;
  }
  return table;
}
