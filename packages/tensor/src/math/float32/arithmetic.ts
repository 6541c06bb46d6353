/**
 * What the float32 functions are written in: single float32 operations, each rounded once. `scalar.ts` does them with
 * numbers, `backend/wasm/kernels/float32-math.ts` emits instructions for four or eight lanes. One source, so the same bits.
 */

/** Arithmetic on floats `F`, their bits as 32-bit integers `I`, and the results of comparisons `M`. */
export interface Float32Arithmetic<F, I, M> {
  /** A number that is a float32. */
  constant(value: number): F;
  add(a: F, b: F): F;
  subtract(a: F, b: F): F;
  multiply(a: F, b: F): F;
  divide(a: F, b: F): F;
  /** a − b and a · b where the result is a float32 as it is: for numbers, a rounding less. */
  subtractExactly(a: F, b: F): F;
  multiplyExactly(a: F, b: F): F;
  /** b < a ? b : a. A NaN in `a` passes through. */
  least(a: F, b: F): F;
  /** a < b ? b : a. A NaN in `a` passes through. */
  greatest(a: F, b: F): F;
  /** −|a|. */
  negativeAbsolute(a: F): F;
  /** `a`, whose own sign bit must be 0, with the sign of `sign`. */
  withSign(a: F, sign: F): F;

  /** a < b; false with a NaN. */
  less(a: F, b: F): M;
  select(mask: M, then: F, otherwise: F): F;
  /** `then` where the sign bit of `sign` is set. */
  selectNegative(sign: F, then: F, otherwise: F): F;

  /** The bits of a float. */
  bits(a: F): I;
  fromBits(a: I): F;
  integer(value: number): I;
  addBits(a: I, b: I): I;
  subtractBits(a: I, b: I): I;
  shiftLeft(a: I, count: number): I;
  /** Shifts copies of the sign bit in. */
  shiftRight(a: I, count: number): I;
  /** The float of a signed integer below 2^24 in magnitude. */
  convert(a: I): F;
}

/** A function of one float in any such arithmetic. */
export type Float32Function = <F, I, M>(arithmetic: Float32Arithmetic<F, I, M>, x: F) => F;
