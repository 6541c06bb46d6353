/** Softmax and its logarithm along the last axis, both shifted by the largest logit so that nothing overflows. */

import type { DType, FloatDType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { exp as exp64 } from "../math/exp.ts";
import { exp32, log32 } from "../math/float32/scalar.ts";
import { log as log64 } from "../math/log.ts";
import { type ArrayView, applyOp, checkFloat, type Op } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply, subtract } from "./arithmetic.ts";
import type { FloatFunction } from "./elementwise.ts";
import { exp } from "./exponential.ts";
import { sum } from "./sum.ts";

/** The functions of a dtype; every result is rounded to it. */
function arithmeticIn(dtype: DType): Record<"exp" | "log" | "round", (x: number) => number> {
  if (dtype === "float32") return { exp: exp32, log: log32, round: Math.fround };
  return { exp: exp64, log: log64, round: (x) => x };
}

/** For each row: output = x − max, then `finish` with Σ e^(x − max). Every intermediate is rounded to the dtype. */
function overRows(
  x: ArrayView,
  output: ArrayView,
  finish: (row: { readonly start: number; readonly end: number; readonly sum: number }) => void,
): void {
  const to = output.data;
  const { exp, round } = arithmeticIn(output.dtype);
  const length = x.shape.at(-1)!;
  for (let start = 0; start < to.length; start += length) {
    const end = start + length;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) largest = Math.max(largest, x.data[i]!);
    let total = 0;
    for (let i = start; i < end; i++) {
      to[i] = x.data[i]! - largest;
      total = round(total + exp(to[i]!));
    }
    finish({ start, end, sum: total });
  }
}

function checkRows(operation: string, x: { readonly shape: Shape; readonly dtype: FloatDType | string }): void {
  if (x.shape.length > 0 && x.shape.at(-1) !== 0) return;
  throw new ShapeError({
    operation,
    received: `shape [${x.shape.join(", ")}]`,
    expected: "a last axis of at least one element",
  });
}

const softmaxOp: Op<undefined> = {
  name: "softmax",
  infer([x]) {
    checkFloat("softmax", x!);
    checkRows("softmax", x!);
    return x!;
  },
  run([x], output) {
    const to = output.data;
    const { exp } = arithmeticIn(output.dtype);
    overRows(x!, output, ({ start, end, sum: total }) => {
      for (let i = start; i < end; i++) {
        to[i] = exp(to[i]!);
        to[i] = to[i]! / total;
      }
    });
  },
  // dx = y (dy − Σ dy y)
  derivative({ output, dOutput }) {
    const weighted = sum(multiply(dOutput, output), { axis: -1, keepDims: true });
    return [multiply(output, subtract(dOutput, weighted))];
  },
};

const logSoftmaxOp: Op<undefined> = {
  name: "logSoftmax",
  infer([x]) {
    checkFloat("logSoftmax", x!);
    checkRows("logSoftmax", x!);
    return x!;
  },
  run([x], output) {
    const to = output.data;
    const { log } = arithmeticIn(output.dtype);
    overRows(x!, output, ({ start, end, sum: total }) => {
      const logTotal = log(total);
      for (let i = start; i < end; i++) to[i] = to[i]! - logTotal;
    });
  },
  // dx = dy − softmax(x) Σ dy
  derivative({ output, dOutput }) {
    return [subtract(dOutput, multiply(exp(output), sum(dOutput, { axis: -1, keepDims: true })))];
  },
};

/**
 * eˣ / Σ eˣ along the last axis, computed as e^(x − max) / Σ e^(x − max).
 * @throws ShapeError for a scalar or an empty last axis. @throws DTypeError unless `x` is float32 or float64.
 */
export const softmax: FloatFunction<"softmax"> = (x: Tensor) => applyOp(softmaxOp, [x], undefined);

/**
 * x − log Σ eˣ along the last axis, computed as (x − max) − log Σ e^(x − max).
 * @throws ShapeError for a scalar or an empty last axis. @throws DTypeError unless `x` is float32 or float64.
 */
export const logSoftmax: FloatFunction<"logSoftmax"> = (x: Tensor) => applyOp(logSoftmaxOp, [x], undefined);
