/**
 * Set up by vitest.config.ts: `toEqual` compares the values of tensors. They are private, and without this two tensors of one
 * shape and dtype are equal to it whatever they hold.
 */
import { expect } from "vitest";

interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly node: unknown;
  readonly data: ArrayLike<number>;
}

/** Knows a tensor by its members: this package does not import @nn/tensor. */
function isTensor(value: unknown): value is TensorLike {
  return (
    typeof value === "object" &&
    value !== null &&
    value.constructor.name === "Tensor" &&
    "dtype" in value &&
    "node" in value &&
    value.node === undefined
  );
}

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (!isTensor(a) || !isTensor(b)) return undefined;
    const sameForm = a.dtype === b.dtype && a.shape.join() === b.shape.join();
    return sameForm && Array.from(a.data).every((value, i) => Object.is(value, b.data[i]));
  },
]);
