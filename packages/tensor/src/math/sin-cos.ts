// Sine and cosine, bit for bit those of the C library on x86-64 Linux with fused multiply-add: checked with glibc 2.36.
// NumPy calls that library, and datasets such as two moons lie on its circles. Every fma below is one there:
// do not rearrange. Not tuned for speed: circles are drawn once.
// Method and polynomials: IBM's Accurate Mathematical Library, as glibc has them since 2.28; the table is computed here.

import { sinCosFixed, toFloat64Pair } from "./fixed-point.ts";
import { highWord } from "./float-bits.ts";
import { fma } from "./fma.ts";
import { type Reduced, reduceHuge, reduceModerate } from "./reduce-half-pi.ts";

const halfPiHigh = 1.5707963267948966;
const halfPiLow = 6.123233995736766e-17;
const gridRounder = 52776558133248; // 1.5·2^45: added and subtracted, it rounds to a multiple of 1/128
const gridPoints = 110; // 0 to 0.8516

/** Per grid point g/128: sin, its tail, cos, its tail. Built by the first call, in about 5 ms. */
let table: Float64Array | undefined;

/**
 * Returns sin(x), x in radians, within 0.55 units in the last place; the same bits on every engine.
 * sin(±0) = ±0; sin(±∞) = sin(NaN) = NaN. Valid for every finite x; equal to glibc's for |x| < 105414350,
 * beyond that reduced with 1200 bits of 2/π.
 */
export function sin(x: number): number {
  const size = upperMagnitude(x);
  if (size < 0x3e500000) return x; // |x| < 2^-26
  if (size < 0x3feb6000) return sinNear(x, 0); // |x| < 0.8555
  if (size < 0x400368fd) {
    // |x| < 2.4263: sin x = cos(π/2 − x)
    const value = cosNear(halfPiHigh - Math.abs(x), halfPiLow);
    return x < 0 ? -value : value;
  }
  if (size >= 0x7ff00000) return Number.NaN;
  return fromQuadrant(reduce(x, size), 0);
}

/**
 * Returns cos(x), x in radians, within 0.55 units in the last place; the same bits on every engine.
 * cos(±∞) = cos(NaN) = NaN. Range as for {@link sin}.
 */
export function cos(x: number): number {
  const size = upperMagnitude(x);
  if (size < 0x3e400000) return 1; // |x| < 2^-27
  if (size < 0x3feb6000) return cosNear(x, 0);
  if (size < 0x400368fd) {
    // cos x = sin(π/2 − x)
    const distance = halfPiHigh - Math.abs(x);
    const high = distance + halfPiLow;
    return sinNear(high, distance - high + halfPiLow);
  }
  if (size >= 0x7ff00000) return Number.NaN;
  return fromQuadrant(reduce(x, size), 1);
}

function upperMagnitude(x: number): number {
  return highWord(x) & 0x7fffffff;
}

function reduce(x: number, size: number): Reduced {
  return size < 0x419921fb ? reduceModerate(x) : reduceHuge(x);
}

// sin(high + low + (quadrant + ahead)·π/2)
function fromQuadrant({ quadrant, high, low }: Reduced, ahead: number): number {
  const turn = quadrant + ahead;
  const value = (turn & 1) === 0 ? sinNear(high, low) : cosNear(high, low);
  return (turn & 2) === 0 ? value : -value;
}

// sin(x + dx), |x| < 0.8594, |dx| below half the last place of x
function sinNear(x: number, dx: number): number {
  if (Math.abs(x) < 0.126) return sinSeries(x, dx);
  const tail = x > 0 ? dx : -dx;
  const shifted = gridRounder + Math.abs(x);
  const d = Math.abs(x) - (shifted - gridRounder);
  const d2 = d * d;
  const s = d + fma(d * d2, sinTail(d2), tail);
  const c = fma(d, tail, d2 * cosTail(d2));

  // sin(g + d) = sin g + (sin g tail + s·cos g tail − c·sin g + s·cos g),  s = sin d, c = 1 − cos d
  table ??= buildTable();
  const entry = gridEntry(shifted);
  const sine = table[entry] as number;
  const rest = fma(-c, sine, fma(table[entry + 3] as number, s, table[entry + 1] as number));
  const value = sine + fma(s, table[entry + 2] as number, rest);
  return x < 0 ? -value : value;
}

// x + (dx + x²·(x·(−1/6 + x²/120 − …) − dx/2)), |x| < 0.126
function sinSeries(x: number, dx: number): number {
  const x2 = x * x;
  let p = fma(-2.5022014848318398e-8, x2, 2.755729806860771e-6);
  p = fma(p, x2, -0.00019841269834414642);
  p = fma(p, x2, 0.008333333333332329);
  p = fma(p, x2, -0.16666666666666666);
  return x + fma(x2, fma(p, x, -0.5 * dx), dx);
}

// cos(x + dx), |x| < 0.8594
function cosNear(x: number, dx: number): number {
  const shifted = gridRounder + Math.abs(x);
  const d = Math.abs(x) - (shifted - gridRounder) + (x < 0 ? -dx : dx);
  const d2 = d * d;
  const s = fma(d * d2, sinTail(d2), d);
  const c = d2 * cosTail(d2);

  // cos(g + d) = cos g + (cos g tail − s·sin g tail − c·cos g − s·sin g)
  table ??= buildTable();
  const entry = gridEntry(shifted);
  const cosine = table[entry + 2] as number;
  const rest = fma(-c, cosine, fma(-s, table[entry + 1] as number, table[entry + 3] as number));
  return cosine + fma(-s, table[entry] as number, rest);
}

// (sin d − d) / d³ and (1 − cos d) / d² for |d| ≤ 1/256, as functions of d²
function sinTail(d2: number): number {
  return fma(0.008333332142857223, d2, -0.16666666666666488);
}

function cosTail(d2: number): number {
  return fma(fma(0.001388888740079376, d2, -0.04166666666666644), d2, 0.5);
}

function gridEntry(shifted: number): number {
  return (shifted - gridRounder) * 512;
}

function buildTable(): Float64Array {
  const fractionBits = 160;
  const entries = new Float64Array(4 * gridPoints);
  for (let g = 0; g < gridPoints; g++) {
    const { sin: sine, cos: cosine } = sinCosFixed(BigInt(g) << BigInt(fractionBits - 7), fractionBits);
    const s = toFloat64Pair(sine, fractionBits);
    const c = toFloat64Pair(cosine, fractionBits);
    entries.set([s.high, s.low, c.high, c.low], 4 * g);
  }
  return entries;
}
