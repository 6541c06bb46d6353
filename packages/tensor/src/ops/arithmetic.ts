/** Sums, products and their relatives, element by element. */

import { greaterEqual, lessEqual } from "./comparison.ts";
import { type BinaryFunction, binary, type UnaryFunction, unary } from "./elementwise.ts";
import { where } from "./where.ts";
import { zerosLike } from "./zeros-like.ts";

/** a + b. Integer dtypes wrap around, here and below: results are exact modulo 2³² in int32, modulo 2⁸ in uint8. */
export const add: BinaryFunction<"add"> = binary({
  name: "add",
  value: (a, b) => a + b,
  derivative: (_a, _b, _y, dy) => [dy, dy],
});

/** a − b. */
export const subtract: BinaryFunction<"subtract"> = binary({
  name: "subtract",
  value: (a, b) => a - b,
  derivative: (_a, _b, _y, dy) => [dy, negative(dy)],
});

/** a · b, element by element; `matmul` is the matrix product. */
export const multiply: BinaryFunction<"multiply"> = binary({
  name: "multiply",
  value: (a, b) => a * b,
  valueInt32: Math.imul,
  derivative: (a, b, _y, dy) => [multiply(dy, b), multiply(dy, a)],
});

/** a / b. Integer dtypes truncate when the quotient is stored. */
export const divide: BinaryFunction<"divide"> = binary({
  name: "divide",
  value: (a, b) => a / b,
  // d(a/b)/db = −(a/b) / b
  derivative: (_a, b, y, dy) => [divide(dy, b), negative(divide(multiply(dy, y), b))],
});

/** The larger of a and b; NaN if either is. At a tie the whole gradient goes to a. */
export const maximum: BinaryFunction<"maximum"> = binary({
  name: "maximum",
  value: Math.max,
  derivative: (a, b, _y, dy) => {
    const fromA = greaterEqual(a, b);
    return [where(fromA, dy, zerosLike(dy)), where(fromA, zerosLike(dy), dy)];
  },
});

/** The smaller of a and b; NaN if either is. At a tie the whole gradient goes to a. */
export const minimum: BinaryFunction<"minimum"> = binary({
  name: "minimum",
  value: Math.min,
  derivative: (a, b, _y, dy) => {
    const fromA = lessEqual(a, b);
    return [where(fromA, dy, zerosLike(dy)), where(fromA, zerosLike(dy), dy)];
  },
});

/** −x. */
export const negative: UnaryFunction = unary({
  name: "negative",
  value: (x) => -x,
  derivative: (_x, _y, dy) => negative(dy),
});

/** |x|, with derivative 1 at 0 from the right. */
export const abs: UnaryFunction = unary({
  name: "abs",
  value: Math.abs,
  derivative: (x, _y, dy) => where(greaterEqual(x, 0), dy, negative(dy)),
});

/** x². */
export const square: UnaryFunction = unary({
  name: "square",
  value: (x) => x * x,
  valueInt32: (x) => Math.imul(x, x),
  derivative: (x, _y, dy) => multiply(dy, multiply(x, 2)),
});
