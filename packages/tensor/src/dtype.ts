/** Element types and the typed arrays that hold them. */

import { ArgumentError, DTypeError, describe, type ErrorText, type Mismatch } from "./errors.ts";

/** The element type of a tensor. Comparisons give `"uint8"` (0 or 1), `argmax` gives `"int32"`. */
export type DType = "float64" | "float32" | "int32" | "uint8";

/** The element types that have derivatives. */
export type FloatDType = "float64" | "float32";

/** `D` where it may be a float, else a Mismatch. */
export type FloatOnly<Name extends string, D extends DType> = [Extract<D, FloatDType>] extends [never]
  ? Mismatch<ErrorText<Name, D, "float32 or float64", 'Convert with cast(x, "float32").'>>
  : D;

/** The common dtype of two inputs that must have the same, or a Mismatch. */
export type SameDType<Name extends string, A extends DType, B extends DType> = [A & B] extends [never]
  ? Mismatch<ErrorText<Name, `${A} and ${B}`, "inputs of one dtype", `Convert with cast(x, "${A}").`>>
  : A & B;

interface ArrayByDType {
  float64: Float64Array<ArrayBufferLike>;
  float32: Float32Array<ArrayBufferLike>;
  int32: Int32Array<ArrayBufferLike>;
  uint8: Uint8Array<ArrayBufferLike>;
}

/** The typed array that holds elements of `D`. */
export type DataOf<D extends DType = DType> = ArrayByDType[D];

/** The dtype whose elements a typed array of class `A` holds. */
export type DTypeOf<A extends DataOf> = A extends Float64Array
  ? "float64"
  : A extends Float32Array
    ? "float32"
    : A extends Int32Array
      ? "int32"
      : "uint8";

const constructors = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** Bytes of one element. */
export const bytesPerElement: { readonly [D in DType]: number } = { float64: 8, float32: 4, int32: 4, uint8: 1 };

/** A zeroed array of `size` elements. @throws ArgumentError when the engine cannot give that much memory. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf<D> {
  try {
    return new constructors[dtype](size) as DataOf<D>;
  } catch {
    throw new ArgumentError({
      operation: "allocate",
      received: `${size} elements of ${dtype}`,
      expected: `at most as many bytes as there is memory for, not ${size * bytesPerElement[dtype]}`,
    });
  }
}

/** Throws unless `dtype` is one. */
export function checkDType(operation: string, dtype: DType): void {
  if (typeof dtype === "string" && Object.hasOwn(constructors, dtype)) return;
  throw new DTypeError({
    operation,
    received: `dtype ${describe(dtype)}`,
    expected: "float64, float32, int32 or uint8",
  });
}

/** The dtype of a typed array. @throws ArgumentError for any other kind of array. */
export function dtypeOf<A extends DataOf>(data: A): DTypeOf<A> {
  for (const name of Object.keys(constructors) as DType[]) {
    if (data instanceof constructors[name]) return name as DTypeOf<A>;
  }
  throw new ArgumentError({
    operation: "fromArray",
    received: describe(data),
    expected: "a Float64Array, Float32Array, Int32Array or Uint8Array",
  });
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float64" || dtype === "float32";
}
