/** Conversion between dtypes. */

import { checkDType, type DType, isFloat } from "../dtype.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const castOp: Op<{ readonly dtype: DType }> = {
  name: "cast",
  infer: ([x], { dtype }) => ({ shape: x!.shape, dtype }),
  run: ([x], output) => output.data.set(x!.data),
  derivative: ({ inputs, dOutput }) => [isFloat(inputs[0]!.dtype) ? cast(dOutput, inputs[0]!.dtype) : undefined],
};

/**
 * `x` in another dtype: float64 → float32 rounds to nearest, floats → integers truncate and wrap as typed arrays do (NaN
 * and infinities become 0). A gradient flows between floats only. @throws DTypeError for an unknown dtype.
 */
export function cast<S extends Shape, D extends DType>(x: Tensor<S>, dtype: D): Tensor<S, D> {
  checkTensor("cast", x);
  checkDType("cast", dtype);
  if (x.dtype === (dtype as DType)) return x as unknown as Tensor<S, D>;
  return applyOp(castOp, [x], { dtype }) as Tensor<S, D>;
}
