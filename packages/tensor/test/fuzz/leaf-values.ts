/** Values for the leaves of random programs: ordinary ones, and every kind of float that arithmetic treats specially. */

import type { DataOf, DType } from "../../src/index.ts";
import type { Draws } from "./draws.ts";

/** The largest magnitude of an int32 leaf. */
const largestInteger = 2 ** 31 - 1;

const special: readonly number[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1, 0.5],
  // The smallest and largest subnormal float32, its smallest normal and its largest number.
  ...[2 ** -149, -(2 ** -149), 2 ** -126 - 2 ** -149, 2 ** -126, 2 ** 128 - 2 ** 104, -(2 ** 128 - 2 ** 104)],
  ...[1 + 2 ** -23, 88.7, -87.4, 103.9, 1e-20, 3e38, Math.PI],
];

type Fill = (draws: Draws) => number;

const normal: Fill = (draws) => draws.unit() + draws.unit() + draws.unit() + draws.unit() - 2;
const small: Fill = (draws) => draws.integer(-3, 4);

const fills: readonly (readonly [number, Fill])[] = [
  [4, normal],
  [3, small],
  [1, (draws) => normal(draws) * 10 ** draws.integer(-30, 30)],
  [1, (draws) => draws.pick(special)],
  [1, (draws) => (draws.chance(0.1) ? draws.pick(special) : normal(draws))],
  [1, (draws) => (draws.chance(0.2) ? normal(draws) : 0)],
];

const integerFills: readonly (readonly [number, Fill])[] = [
  [3, small],
  [1, (draws) => draws.integer(-largestInteger - 1, largestInteger)],
  [1, (draws) => draws.pick([0, 1, -1, largestInteger, -largestInteger - 1, 2, 255, 256])],
];

const byteFills: readonly (readonly [number, Fill])[] = [
  [2, (draws) => draws.integer(0, 1)],
  [1, (draws) => draws.integer(0, 255)],
  [2, (draws) => draws.integer(0, 2)],
];

/** `size` elements of `dtype`, all from one distribution that is drawn too. */
export function leafValues(draws: Draws, dtype: DType, size: number): DataOf {
  const from = (choices: readonly (readonly [number, Fill])[]): number[] => {
    const fill = draws.weighted(choices);
    return Array.from({ length: size }, () => fill(draws));
  };
  if (dtype === "float32") return Float32Array.from(from(fills));
  if (dtype === "float64") return Float64Array.from(from(fills));
  return dtype === "int32" ? Int32Array.from(from(integerFills)) : Uint8Array.from(from(byteFills));
}
