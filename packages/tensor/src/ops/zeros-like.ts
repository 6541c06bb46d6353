/** A zero of another tensor's type, known without its values. */

import type { DType } from "../dtype.ts";
import { checkTensor } from "../op.ts";
import type { Shape } from "../shape.ts";
import { type Tensor, zeros } from "../tensor.ts";

/** Zeros of the shape and dtype of `x`, which may be traced. */
export function zerosLike<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  checkTensor("zerosLike", x);
  return zeros(x.shape, { dtype: x.dtype }) as unknown as Tensor<S, D>;
}
