/** A value passed on unchanged: a new name for it in the graph, so that a derivative can stop there. */

import type { DType } from "../dtype.ts";
import { applyOp, type Op } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const identityOp: Op<undefined> = {
  name: "identity",
  infer: ([x]) => x!,
  run: ([x], output) => output.data.set(x!.data),
  derivative: ({ dOutput }) => [dOutput],
};

/** `x` under a name of its own. */
export function identity<S extends Shape, D extends DType>(x: Tensor<S, D>): Tensor<S, D> {
  return applyOp(identityOp, [x], undefined) as Tensor<S, D>;
}
