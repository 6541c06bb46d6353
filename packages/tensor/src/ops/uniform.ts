/** Random numbers as a pure function of seed, step and position: what dropout draws inside a compiled step. */

import { checkInteger, DTypeError, ShapeError } from "../errors.ts";
import type { TensorType } from "../graph/graph.ts";
import { applyOp, type Op } from "../op.ts";
import { checkOptions } from "../options.ts";
import { threefry2x32, unitFloat32 } from "../random/threefry.ts";
import { checkShape, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Which numbers to draw. */
export interface UniformOptions {
  /** Of the whole run. */
  readonly seed: Tensor<readonly [], "int32">;
  /** Of this draw: another step gives other numbers. */
  readonly step: Tensor<readonly [], "int32">;
  /** Tells draws of one step apart; from 0 to 2³² − 1. */
  readonly stream: number;
}

const uniformOp: Op<{ readonly shape: Shape; readonly stream: number }> = {
  name: "uniform",
  infer([seed, step], { shape }) {
    checkScalar("seed", seed!);
    checkScalar("step", step!);
    return { shape, dtype: "float32" };
  },
  run([seed, step], output, { stream }) {
    const words = new Uint32Array(2);
    for (let i = 0; i < output.data.length; i++) {
      threefry2x32(seed!.data[0]!, stream, step!.data[0]!, i, words);
      output.data[i] = unitFloat32(words[0]!);
    }
  },
};

function checkScalar(name: string, input: TensorType): void {
  if (input.shape.length > 0) {
    throw new ShapeError({
      operation: "uniform",
      received: `${name} of shape ${formatShape(input.shape)}`,
      expected: "a scalar",
    });
  }
  if (input.dtype !== "int32") {
    throw new DTypeError({ operation: "uniform", received: `${name} in ${input.dtype}`, expected: "int32" });
  }
}

/**
 * Uniform float32 numbers in [0, 1), multiples of 2⁻²⁴: element i (row-major) is the upper 24 bits of the first word of
 * threefry2x32 with key (seed, stream) and counter (step, i). No gradient flows through it.
 * @throws ShapeError unless seed and step are scalars. @throws DTypeError unless they are int32. @throws ArgumentError for a stream out of range.
 * @example uniform([64, 256], { seed, step, stream: 0 })
 */
export function uniform<const S extends Shape>(shape: readonly [...S], options: UniformOptions): Tensor<S, "float32"> {
  checkOptions("uniform", options, { seed: true, step: true, stream: true });
  const { seed, step, stream } = options;
  checkShape("uniform", shape);
  checkInteger("uniform", "stream", stream, 0, 0xffffffff);
  return applyOp(uniformOp, [seed, step], { shape: Array.from(shape), stream }) as Tensor<Shape, "float32"> as never;
}
