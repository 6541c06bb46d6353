/** The same elements, in the same order, under another shape. */

import type { DType } from "../dtype.ts";
import { ArgumentError, describe, ShapeError } from "../errors.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

const reshapeOp: Op<{ readonly shape: Shape }> = {
  name: "reshape",
  infer([x], { shape }) {
    if (sizeOf(x!.shape) !== sizeOf(shape)) {
      throw new ShapeError({
        operation: "reshape",
        received: `shape ${formatShape(x!.shape)} for ${formatShape(shape)}`,
        expected: `${sizeOf(x!.shape)} elements before and after`,
      });
    }
    return { shape, dtype: x!.dtype };
  },
  run: ([x], output) => output.data.set(x!.data),
  derivative: ({ inputs, dOutput }) => [reshape(dOutput, inputs[0]!.shape)],
};

/** `S` with −1 as a size unknown to the compiler. */
export type KnownSizes<S extends Shape> = { -readonly [Axis in keyof S]: S[Axis] extends -1 ? number : S[Axis] };

/**
 * `x` under `shape`; one size may be −1 and is then worked out.
 * @throws ShapeError unless the number of elements is kept.
 */
export function reshape<const S extends Shape, D extends DType>(
  x: Tensor<Shape, D>,
  shape: readonly [...S],
): Tensor<KnownSizes<S>, D> {
  checkTensor("reshape", x);
  if (!Array.isArray(shape)) {
    throw new ArgumentError({
      operation: "reshape",
      received: `shape ${describe(shape)}`,
      expected: "an array of sizes",
    });
  }
  for (const length of shape as Shape) {
    if (typeof length === "number") continue;
    throw new ShapeError({
      operation: "reshape",
      received: `shape [${Array.from(shape, describe).join(", ")}]`,
      expected: "sizes that are integers of at least 0, or −1 once",
    });
  }
  return applyOp(reshapeOp, [x], { shape: resolveSizes(x.shape, shape) }) as Tensor<KnownSizes<S>, D>;
}

/** `to` with its −1 worked out from the number of elements of `from`. */
function resolveSizes(from: Shape, to: Shape): number[] {
  const unknown = to.indexOf(-1);
  const known = to.reduce((product, length, axis) => (axis === unknown ? product : product * length), 1);
  const resolved = unknown === -1 || known === 0 ? Array.from(to) : to.with(unknown, sizeOf(from) / known);
  if (resolved.some((length) => !Number.isInteger(length) || length < 0)) {
    throw new ShapeError({
      operation: "reshape",
      received: `shape ${formatShape(from)} for ${formatShape(to)}`,
      expected: "sizes of at least 0 with at most one −1, which the others must divide evenly",
    });
  }
  return resolved;
}
