/** Stretching sizes of 1, and the sum that is its derivative. */

import type { DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
import { checkShape, formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastOffsets } from "./broadcast-offsets.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

const broadcastOp: Op<{ readonly shape: Shape }> = {
  name: "broadcastTo",
  infer([x], { shape }) {
    const missing = shape.length - x!.shape.length;
    if (missing < 0 || x!.shape.some((length, axis) => length !== 1 && length !== shape[missing + axis])) {
      throw new ShapeError({
        operation: "broadcastTo",
        received: `shape ${formatShape(x!.shape)} for ${formatShape(shape)}`,
        expected: "sizes that are equal or 1, aligned at the last axis",
      });
    }
    return { shape, dtype: x!.dtype };
  },
  run([x], output) {
    const to = output.data;
    const offsetOf = broadcastOffsets(x!.shape, output.shape);
    const rowLength = output.shape.at(-1) ?? 1;
    const stride = (x!.shape.at(-1) ?? 1) === 1 ? 0 : 1;
    for (let row = 0, i = 0; i < to.length; row++) {
      let source = offsetOf(row);
      for (const end = i + rowLength; i < end; i++, source += stride) to[i] = x!.data[source]!;
    }
  },
  derivative: ({ inputs, dOutput }) => [sumToShape(dOutput, inputs[0]!.shape)],
};

/**
 * `x` stretched to `shape`: axes aligned at the end, sizes of 1 and missing axes repeated.
 * @throws ShapeError when another size would have to change.
 */
export function broadcastTo<const S extends Shape, D extends DType>(
  x: Tensor<Shape, D>,
  shape: readonly [...S],
): Tensor<S, D> {
  checkTensor("broadcastTo", x);
  checkShape("broadcastTo", shape);
  if (sameShape(x.shape, shape)) return x as unknown as Tensor<S, D>;
  return applyOp(broadcastOp, [x], { shape: Array.from(shape) }) as unknown as Tensor<S, D>;
}

/** Sums `x` over the axes along which `shape` was stretched to `x.shape`: the derivative of broadcasting. */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(sum(x, { axis: axes }), shape);
}
