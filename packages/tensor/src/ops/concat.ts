/** Tensors laid end to end. */

import { ArgumentError, describe, ShapeError } from "../errors.ts";
import { applyOp, checkSameDType, checkTensor, type Op } from "../op.ts";
import { checkOptions } from "../options.ts";
import { type AxisPosition, formatShape, resolveAxis, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { slice } from "./slice.ts";

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

/** The shape of tensors laid end to end, the first of shape `S`: the size along `Axis` is unknown to the compiler. */
export type Concatenated<S extends Shape, Axis extends number> = number extends S["length"] | Axis
  ? Shape
  : { -readonly [Each in keyof S]: Each extends AxisPosition<S, Axis> ? number : S[Each] };

/**
 * The tensors one after another along `axis` (default 0); every other size must be equal, and so must the dtypes.
 * @throws ArgumentError for no tensors or an axis out of range. @throws ShapeError when other sizes differ.
 */
export function concat<const T extends readonly Tensor[], const Axis extends number = 0>(
  tensors: T,
  options?: { readonly axis?: Axis },
): Tensor<Concatenated<T[0]["shape"], Axis>, T[0]["dtype"]>;
export function concat(tensors: readonly Tensor[], options: { readonly axis?: number } = {}): Tensor {
  if (!Array.isArray(tensors)) {
    throw new ArgumentError({ operation: "concat", received: describe(tensors), expected: "an array of tensors" });
  }
  checkOptions("concat", options, { axis: true });
  const first = tensors[0];
  if (first === undefined) {
    throw new ArgumentError({ operation: "concat", received: "no tensors", expected: "at least one" });
  }
  checkTensor("concat", first);
  return applyOp(concatOp, tensors, { axis: resolveAxis("concat", options.axis ?? 0, first.shape) });
}
