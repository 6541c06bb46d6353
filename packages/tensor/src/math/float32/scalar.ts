/** The float32 functions on numbers, for reference loops: the same bits as the kernels'. */

import type { Float32Arithmetic } from "./arithmetic.ts";
import { exp } from "./exp.ts";
import { log } from "./log.ts";
import { sigmoid } from "./sigmoid.ts";
import { tanh } from "./tanh.ts";

const float = new Float32Array(1);
const integer = new Int32Array(float.buffer);

const scalar: Float32Arithmetic<number, number, boolean> = {
  constant: (value) => value,
  add: (a, b) => Math.fround(a + b),
  subtract: (a, b) => Math.fround(a - b),
  multiply: (a, b) => Math.fround(a * b),
  divide: (a, b) => Math.fround(a / b),
  least: (a, b) => (b < a ? b : a),
  greatest: (a, b) => (a < b ? b : a),
  absolute: Math.abs,
  negativeAbsolute: (a) => -Math.abs(a),
  withSign: (a, sign) => (sign < 0 || Object.is(sign, -0) ? -a : a),
  less: (a, b) => a < b,
  select: (mask, then, otherwise) => (mask ? then : otherwise),
  bits: (a) => {
    float[0] = a;
    return integer[0]!;
  },
  fromBits: (a) => {
    integer[0] = a;
    return float[0]!;
  },
  integer: (value) => value,
  addBits: (a, b) => (a + b) | 0,
  subtractBits: (a, b) => (a - b) | 0,
  shiftLeft: (a, count) => a << count,
  shiftRight: (a, count) => a >> count,
  convert: (a) => a,
};

/** e^x of a float32. */
export function exp32(x: number): number {
  return exp(scalar, x);
}

/** The natural logarithm of a float32. */
export function log32(x: number): number {
  return log(scalar, x);
}

/** The hyperbolic tangent of a float32. */
export function tanh32(x: number): number {
  return tanh(scalar, x);
}

/** 1 / (1 + e^−x) of a float32. */
export function sigmoid32(x: number): number {
  return sigmoid(scalar, x);
}
