/** Choice between two tensors, element by element. */

import type { DType } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { applyOp, checkSameDType, type Op } from "../op.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { zerosLike } from "./zeros-like.ts";

const whereOp: Op<undefined> = {
  name: "where",
  infer([condition, a, b]) {
    if (condition!.dtype !== "uint8") {
      throw new DTypeError({
        operation: "where",
        received: `a condition in ${condition!.dtype}`,
        expected: "uint8, as comparisons give",
      });
    }
    if (!sameShape(condition!.shape, a!.shape) || !sameShape(a!.shape, b!.shape)) {
      const shapes = [condition!, a!, b!].map((each) => formatShape(each.shape)).join(", ");
      throw new ShapeError({
        operation: "where",
        received: `shapes ${shapes}`,
        expected: "one shape for all three",
        fix: "Use broadcastTo.",
      });
    }
    return { shape: a!.shape, dtype: checkSameDType("where", [a!, b!]) };
  },
  run([condition, a, b], output) {
    for (let i = 0; i < output.data.length; i++) output.data[i] = condition!.data[i] !== 0 ? a!.data[i]! : b!.data[i]!;
  },
  derivative({ inputs, dOutput }) {
    const condition = inputs[0] as Tensor<Shape, "uint8">;
    const zero = zerosLike(dOutput);
    return [undefined, where(condition, dOutput, zero), where(condition, zero, dOutput)];
  },
};

/**
 * `a` where `condition` is not 0, else `b`; all of one shape, `a` and `b` of one dtype.
 *
 * The gradient goes to the one chosen. The other gets 0, also where its own derivative is infinite or NaN: `where(greater(x,
 * 0), sqrt(x), zerosLike(x))` has the derivative 0 at 0. That holds through elementwise operations, sums, changes of shape
 * and further choices (`relu`, `maximum`, `minimum`, `max`, `slice` alike). Products of matrices and softmax mix their
 * elements, and there 0 · ∞ is NaN: choose a harmless input before them, `matmul(where(valid, x, zerosLike(x)), w)`.
 * @throws ShapeError when the shapes differ. @throws DTypeError unless `condition` is uint8 and the dtypes are one.
 */
export function where<S extends Shape, D extends DType>(
  condition: Tensor<S, "uint8">,
  a: Tensor<S, D>,
  b: Tensor<S, D>,
): Tensor<S, D> {
  return applyOp(whereOp, [condition, a, b], undefined) as Tensor<S, D>;
}
