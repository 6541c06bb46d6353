/** The largest and smallest elements along axes, and where the largest stands. */

import { ShapeError, type Valid } from "../errors.ts";
import { applyOp, checkTensor, type Op } from "../op.ts";
import { checkOptions } from "../options.ts";
import { formatShape, resolveAxis, type Shape, type ShapeOr, sizeOf, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { divide, multiply } from "./arithmetic.ts";
import { broadcastOffsets } from "./broadcast-offsets.ts";
import { broadcastTo } from "./broadcast-to.ts";
import { cast } from "./cast.ts";
import { equal } from "./comparison.ts";
import {
  droppedShape,
  keptShape,
  type Reduced,
  type ReductionFunction,
  type ReductionOptions,
  reductionAxes,
} from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

interface ExtremumAttributes {
  readonly axes: readonly number[];
}

function extremumOp(name: string, pick: (a: number, b: number) => number): Op<ExtremumAttributes> {
  return {
    name,
    infer([x], { axes }) {
      if (axes.some((axis) => x!.shape[axis] === 0)) {
        throw new ShapeError({
          operation: name,
          received: `shape ${formatShape(x!.shape)}`,
          expected: "at least one element to choose from",
        });
      }
      return { shape: keptShape(x!.shape, axes), dtype: x!.dtype };
    },
    run([x], output, { axes }) {
      const from = x!.data;
      const to = output.data;
      const offsetOf = broadcastOffsets(output.shape, x!.shape);
      const rowLength = x!.shape.at(-1) ?? 1;
      const stride = axes.includes(x!.shape.length - 1) ? 0 : 1;
      const seen = new Uint8Array(to.length);
      for (let row = 0, i = 0; i < from.length; row++) {
        let target = offsetOf(row);
        for (const end = i + rowLength; i < end; i++, target += stride) {
          to[target] = seen[target] ? pick(to[target]!, from[i]!) : from[i]!;
          seen[target] = 1;
        }
      }
    },
    // Elements that tie for the extremum share its gradient equally.
    derivative({ inputs, output, dOutput, attributes }) {
      const x = inputs[0]!;
      const tied = cast(equal(x, broadcastTo(output, x.shape)), x.dtype);
      const share = divide(dOutput, sum(tied, { axis: attributes.axes, keepDims: true }));
      return [multiply(tied, broadcastTo(share, x.shape))];
    },
  };
}

function extremum<Name extends string>(name: Name, pick: (a: number, b: number) => number): ReductionFunction<Name> {
  const op = extremumOp(name, pick);
  return ((x: Tensor, options: ReductionOptions = {}) => {
    checkTensor(name, x);
    const axes = reductionAxes(name, x.shape, options);
    const kept = applyOp(op, [x], { axes });
    return options.keepDims ? kept : reshape(kept, droppedShape(x.shape, axes));
  }) as ReductionFunction<Name>;
}

/** The largest element along `axis` (default all); NaN if there is one. Those that tie share the gradient. @throws ShapeError over no elements. */
export const max: ReductionFunction<"max"> = extremum("max", Math.max);

/** The smallest element along `axis` (default all); NaN if there is one. Those that tie share the gradient. @throws ShapeError over no elements. */
export const min: ReductionFunction<"min"> = extremum("min", Math.min);

const argmaxOp: Op<{ readonly axis: number }> = {
  name: "argmax",
  infer([x], { axis }) {
    if (x!.shape[axis] === 0) {
      throw new ShapeError({
        operation: "argmax",
        received: `shape ${formatShape(x!.shape)}`,
        expected: "at least one element to choose from",
      });
    }
    return { shape: droppedShape(x!.shape, [axis]), dtype: "int32" };
  },
  run([x], output, { axis }) {
    const from = x!.data;
    const length = x!.shape[axis]!;
    const stride = stridesOf(x!.shape)[axis]!;
    for (let i = 0; i < output.data.length; i++) {
      const start = Math.floor(i / stride) * stride * length + (i % stride);
      let best = 0;
      for (let j = 1; j < length; j++) {
        const value = from[start + j * stride]!;
        const largest = from[start + best * stride]!;
        // The first NaN wins, as in NumPy.
        if (value > largest || (Number.isNaN(value) && !Number.isNaN(largest))) best = j;
      }
      output.data[i] = best;
    }
  },
};

/**
 * The index of the largest element along `axis` (default: of all elements, row-major), in int32; the first of equals.
 * @throws ShapeError over no elements.
 */
export function argmax<S extends Shape, const Options extends { readonly axis?: number } = Record<never, never>>(
  x: Tensor<S>,
  options?: Options & Valid<Reduced<"argmax", S, Options>>,
): Tensor<ShapeOr<Reduced<"argmax", S, Options>>, "int32">;
export function argmax(x: Tensor, options: { readonly axis?: number } = {}): Tensor {
  checkTensor("argmax", x);
  checkOptions("argmax", options, { axis: true });
  const along = options.axis === undefined ? reshape(x, [sizeOf(x.shape)]) : x;
  return applyOp(argmaxOp, [along], { axis: resolveAxis("argmax", options.axis ?? 0, along.shape) });
}
