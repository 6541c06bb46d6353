/** Cutting a block out of a tensor, and its opposite: a block set among zeros. */

import type { DType } from "../dtype.ts";
import { ArgumentError, describe } from "../errors.ts";
import { type ArrayView, applyOp, checkTensor, type Op, traced } from "../op.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Start and stop along one axis, the stop excluded; negative ones count from the end. `null` keeps the whole axis. */
export type Range = readonly [start: number, stop?: number] | null;

interface BlockAttributes {
  /** The block's first element along each axis. */
  readonly starts: readonly number[];
  /** The shape of the result. */
  readonly shape: Shape;
}

/** Copies between `block` and the same-sized part of `whole` that begins at `starts`. */
function copyBlock(block: ArrayView, whole: ArrayView, starts: readonly number[], intoBlock: boolean): void {
  const strides = stridesOf(whole.shape);
  let next = 0;
  const walk = (axis: number, offset: number): void => {
    if (axis === block.shape.length) {
      if (intoBlock) block.data[next] = whole.data[offset]!;
      else whole.data[offset] = block.data[next]!;
      next++;
      return;
    }
    for (let i = 0; i < block.shape[axis]!; i++) walk(axis + 1, offset + (starts[axis]! + i) * strides[axis]!);
  };
  if (sizeOf(block.shape) > 0) walk(0, 0);
}

const sliceOp: Op<BlockAttributes> = {
  name: "slice",
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  run: ([x], output, { starts }) => copyBlock(output, x!, starts, true),
  // Recorded though the gradient be a constant: `structural-zeros.ts` reads from the graph where the zeros are.
  derivative: ({ inputs, dOutput, attributes }) => [pad(traced(dOutput), attributes.starts, inputs[0]!.shape)],
};

const padOp: Op<BlockAttributes> = {
  name: "pad",
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  run([x], output, { starts }) {
    output.data.fill(0);
    copyBlock(x!, output, starts, false);
  },
  derivative: ({ inputs, dOutput, attributes }) => [
    applyOp(sliceOp, [dOutput], { starts: attributes.starts, shape: inputs[0]!.shape }),
  ],
};

/** `x` at `starts` in zeros of `shape`. */
function pad(x: Tensor, starts: readonly number[], shape: Shape): Tensor {
  return applyOp(padOp, [x], { starts, shape });
}

/** `S` with the sizes that `Ranges` cut unknown to the compiler. */
export type Sliced<S extends Shape, Ranges extends readonly Range[]> = number extends S["length"]
  ? Shape
  : number extends Ranges["length"]
    ? { -readonly [Axis in keyof S]: number }
    : {
        -readonly [Axis in keyof S]: Axis extends keyof Ranges
          ? Ranges[Axis] extends null
            ? S[Axis]
            : number
          : S[Axis];
      };

/**
 * The block of `x` inside `ranges`, one for each axis; missing ones keep the whole axis.
 * @throws ArgumentError when a range leaves its axis or ends before it starts.
 * @example slice(x, [[0, 10], null, [-3]]) // x[0:10, :, -3:]
 */
export function slice<S extends Shape, D extends DType, const Ranges extends readonly Range[]>(
  x: Tensor<S, D>,
  ranges: Ranges,
): Tensor<Sliced<S, Ranges>, D>;
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  checkTensor("slice", x);
  if (!Array.isArray(ranges)) throw notRanges(ranges);
  if (ranges.length > x.shape.length) {
    throw new ArgumentError({
      operation: "slice",
      received: `${ranges.length} ranges for shape ${formatShape(x.shape)}`,
      expected: `at most ${x.shape.length}`,
    });
  }
  const starts: number[] = [];
  const shape = x.shape.map((length, axis) => {
    const range = ranges[axis] ?? [0];
    if (!Array.isArray(range)) throw notRanges(range);
    const [start, stop = length] = range;
    if (typeof start !== "number" || typeof stop !== "number" || range.length > 2) {
      throw new ArgumentError({
        operation: "slice",
        received: `range [${range.map(describe).join(", ")}] along axis ${axis}`,
        expected: "[start, stop] or null, start and stop integers",
      });
    }
    const first = start < 0 ? start + length : start;
    const end = stop < 0 ? stop + length : stop;
    if (!Number.isInteger(first) || !Number.isInteger(end) || first < 0 || end > length || first > end) {
      throw new ArgumentError({
        operation: "slice",
        received: `range [${start}, ${stop}] along axis ${axis} of size ${length}`,
        expected: `integers with 0 ≤ start ≤ stop ≤ ${length}, negative ones counted from the end`,
      });
    }
    starts.push(first);
    return end - first;
  });
  return applyOp(sliceOp, [x], { starts, shape });
}

function notRanges(received: unknown): ArgumentError {
  return new ArgumentError({
    operation: "slice",
    received: `ranges ${describe(received)}`,
    expected: "an array of [start, stop] or null",
  });
}
