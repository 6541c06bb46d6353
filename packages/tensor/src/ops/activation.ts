/** The activation functions of layers, element by element. `softmax` works along an axis and has a file of its own. */

import { exp as expOf } from "../math/exp.ts";
import { sigmoid32, tanh32 } from "../math/float32/scalar.ts";
import { tanh as tanhOf } from "../math/tanh.ts";
import { multiply, square, subtract } from "./arithmetic.ts";
import { greater } from "./comparison.ts";
import { type FloatFunction, floatUnary, type UnaryFunction, unary } from "./elementwise.ts";
import { where } from "./where.ts";
import { zerosLike } from "./zeros-like.ts";

/** σ(x) = 1 / (1 + e⁻ˣ), computed from e^−|x| so that it never overflows. */
export const sigmoid: FloatFunction<"sigmoid"> = floatUnary({
  name: "sigmoid",
  value: (x) => {
    const e = expOf(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  },
  value32: sigmoid32,
  // σ' = σ (1 − σ)
  derivative: (_x, y, dy) => multiply(dy, multiply(y, subtract(1, y))),
});

/** The hyperbolic tangent. */
export const tanh: FloatFunction<"tanh"> = floatUnary({
  name: "tanh",
  value: tanhOf,
  value32: tanh32,
  // tanh' = 1 − tanh²
  derivative: (_x, y, dy) => multiply(dy, subtract(1, square(y))),
});

/** max(x, 0), with derivative 0 at 0; NaN stays NaN. */
export const relu: UnaryFunction = unary({
  name: "relu",
  value: (x) => (x < 0 ? 0 : x),
  derivative: (x, _y, dy) => where(greater(x, 0), dy, zerosLike(dy)),
});
