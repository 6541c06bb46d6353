/**
 * Exponential, logarithm and square root. Built on the package's own float64 functions, never on `Math.exp` or
 * `Math.log`, whose bits differ between engines; float32 has functions of its own, the
 * same in the loops here and in the kernels.
 */

import { exp as expOf } from "../math/exp.ts";
import { exp32, log32 } from "../math/float32/scalar.ts";
import { log as logOf } from "../math/log.ts";
import { divide, multiply } from "./arithmetic.ts";
import { type FloatFunction, floatUnary } from "./elementwise.ts";

/** eˣ. */
export const exp: FloatFunction<"exp"> = floatUnary({
  name: "exp",
  value: expOf,
  value32: exp32,
  derivative: (_x, y, dy) => multiply(dy, y),
});

/** The natural logarithm; −∞ at 0 and NaN below. */
export const log: FloatFunction<"log"> = floatUnary({
  name: "log",
  value: logOf,
  value32: log32,
  derivative: (x, _y, dy) => divide(dy, x),
});

/** √x; NaN below 0. */
export const sqrt: FloatFunction<"sqrt"> = floatUnary({
  name: "sqrt",
  value: Math.sqrt,
  derivative: (_x, y, dy) => divide(dy, multiply(y, 2)),
});
