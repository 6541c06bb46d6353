/**
 * Exponential, logarithm and square root. Built on the package's own float64 functions, never on `Math.exp` or
 * `Math.log`, whose bits differ between engines; float32 results are those, rounded once.
 */

import { exp as expOf } from "../math/exp.ts";
import { log as logOf } from "../math/log.ts";
import { divide, multiply } from "./arithmetic.ts";
import { type UnaryFunction, unary } from "./elementwise.ts";

/** eˣ. */
export const exp: UnaryFunction = unary({
  name: "exp",
  floatOnly: true,
  value: expOf,
  derivative: (_x, y, dy) => multiply(dy, y),
});

/** The natural logarithm; −∞ at 0 and NaN below. */
export const log: UnaryFunction = unary({
  name: "log",
  floatOnly: true,
  value: logOf,
  derivative: (x, _y, dy) => divide(dy, x),
});

/** √x; NaN below 0. */
export const sqrt: UnaryFunction = unary({
  name: "sqrt",
  floatOnly: true,
  value: Math.sqrt,
  derivative: (_x, y, dy) => divide(dy, multiply(y, 2)),
});
