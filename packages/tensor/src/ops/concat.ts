/** Tensors laid end to end. */

import type { DType } from "../dtype.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { applyOp, checkSameDType, type Op } from "../op.ts";
import { formatShape, resolveAxis, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { slice, type UnknownSizes } from "./slice.ts";

const concatOp: Op<{ readonly axis: number }> = {
  name: "concat",
  infer(inputs, { axis }) {
    const first = inputs[0]!;
    for (const input of inputs) {
      const fits =
        input.shape.length === first.shape.length &&
        input.shape.every((size, i) => i === axis || size === first.shape[i]);
      if (fits) continue;
      throw new ShapeError({
        operation: "concat",
        received: `shapes ${formatShape(first.shape)} and ${formatShape(input.shape)}`,
        expected: `sizes equal along every axis but ${axis}`,
      });
    }
    const total = inputs.reduce((length, input) => length + input.shape[axis]!, 0);
    return { shape: first.shape.with(axis, total), dtype: checkSameDType("concat", inputs) };
  },
  run(inputs, output, { axis }) {
    // Blocks of everything from `axis` inwards follow one another.
    const blocks = sizeOf(output.shape.slice(0, axis));
    let offset = 0;
    for (let block = 0; block < blocks; block++) {
      for (const input of inputs) {
        const length = input.data.length / blocks;
        output.data.set(input.data.subarray(block * length, (block + 1) * length), offset);
        offset += length;
      }
    }
  },
  derivative({ inputs, dOutput, attributes: { axis } }) {
    let start = 0;
    return inputs.map((input) => {
      const stop = start + input.shape[axis]!;
      const ranges = input.shape.map((_, each) => (each === axis ? ([start, stop] as const) : null));
      start = stop;
      return slice(dOutput, ranges);
    });
  },
};

/** The tensors one after another along `axis` (default 0); every other size must be equal. */
export function concat<S extends Shape, D extends DType>(
  tensors: readonly Tensor<S, D>[],
  options: { readonly axis?: number } = {},
): Tensor<UnknownSizes<S>, D> {
  const first = tensors[0];
  if (first === undefined)
    throw new ArgumentError({ operation: "concat", received: "no tensors", expected: "at least one" });
  const axis = resolveAxis("concat", options.axis ?? 0, first.shape.length);
  return applyOp(concatOp, tensors, { axis }) as unknown as Tensor<UnknownSizes<S>, D>;
}
