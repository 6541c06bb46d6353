/** Element types and the typed arrays that hold them. */

import { ArgumentError } from "./errors.ts";

/** The element type of a tensor. Comparisons give `"uint8"` (0 or 1), `argmax` gives `"int32"`. */
export type DType = "float64" | "float32" | "int32" | "uint8";

/** The element types that have derivatives. */
export type FloatDType = "float64" | "float32";

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

/** A zeroed array of `size` elements. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf<D> {
  return new constructors[dtype](size) as DataOf<D>;
}

/** The dtype of a typed array. @throws ArgumentError for any other kind of array. */
export function dtypeOf<A extends DataOf>(data: A): DTypeOf<A> {
  for (const name of Object.keys(constructors) as DType[]) {
    if (data instanceof constructors[name]) return name as DTypeOf<A>;
  }
  throw new ArgumentError({
    operation: "fromArray",
    received: Object.prototype.toString.call(data),
    expected: "a Float64Array, Float32Array, Int32Array or Uint8Array",
  });
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float64" || dtype === "float32";
}
