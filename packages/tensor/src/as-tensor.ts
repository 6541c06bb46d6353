/** Plain arrays where a tensor is wanted: what people have at hand when they ask for one prediction. */

import type { DType } from "./dtype.ts";
import { ArgumentError, describe, ShapeError } from "./errors.ts";
import { Tensor, tensor } from "./tensor.ts";

/**
 * `value` itself where it is a tensor; nested arrays of numbers as a new tensor in `dtype`, default `"float32"`.
 * @throws ShapeError for nested arrays of uneven lengths or with items that are no numbers. @throws ArgumentError for
 * everything else; both name `operation` and the argument, `name`.
 */
export function asTensor(operation: string, name: string, value: unknown, dtype: DType = "float32"): Tensor {
  if (value instanceof Tensor) return value;
  if (!Array.isArray(value)) {
    throw new ArgumentError({
      operation,
      received: `${name} ${describe(value)}`,
      expected: "a tensor or nested arrays of numbers",
      ...(ArrayBuffer.isView(value) && { fix: "Give it a shape: fromArray(values, shape)." }),
    });
  }
  try {
    return (tensor as (values: unknown, options: { readonly dtype: DType }) => Tensor)(value, { dtype });
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { received, expected } = error;
    throw new ShapeError({ operation, received: `${name} with ${received}`, expected });
  }
}

/** Throws unless `value` is a tensor, of values or traced. */
export function checkIsTensor(operation: string, name: string, value: unknown): asserts value is Tensor {
  if (value instanceof Tensor) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${describe(value)}`,
    expected: "a tensor",
    fix: "Make one with tensor(values).",
  });
}
