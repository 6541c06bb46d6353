/**
 * The dtypes that a safetensors file may hold, and what each is read as: the dtype itself where @nn/tensor has it, else the
 * next one that holds every value.
 */

import type { DataOf, DType } from "@nn/tensor";

/** How a dtype of the format is read. */
export interface StoredDType {
  /** Of one element in the file. */
  readonly bytes: number;
  /** What it becomes. */
  readonly dtype: DType;
  /** The elements, from bytes that belong to nobody else. @throws UnreadableValue for one that `dtype` does not hold. */
  readonly read: (buffer: ArrayBuffer) => DataOf;
}

/** A value of a file that its tensor cannot hold. */
export class UnreadableValue extends Error {
  readonly value: string;
  readonly expected: string;

  constructor(value: string, expected: string) {
    super(`${value} is not ${expected}`);
    this.name = "UnreadableValue";
    this.value = value;
    this.expected = expected;
  }
}

/** By the code in a file's header. */
export const storedDTypes: ReadonlyMap<string, StoredDType> = new Map<string, StoredDType>([
  ["F64", { bytes: 8, dtype: "float64", read: (buffer) => new Float64Array(buffer) }],
  ["F32", { bytes: 4, dtype: "float32", read: (buffer) => new Float32Array(buffer) }],
  [
    "F16",
    { bytes: 2, dtype: "float32", read: (buffer) => floats(new Uint16Array(buffer), { exponentBits: 5, bias: 15 }) },
  ],
  ["BF16", { bytes: 2, dtype: "float32", read: readBfloat16 }],
  ["F8_E4M3", smallFloat({ exponentBits: 4, bias: 7, specials: "nan" })],
  ["F8_E5M2", smallFloat({ exponentBits: 5, bias: 15 })],
  ["F8_E4M3FNUZ", smallFloat({ exponentBits: 4, bias: 8, specials: "negative zero" })],
  ["F8_E5M2FNUZ", smallFloat({ exponentBits: 5, bias: 16, specials: "negative zero" })],
  ["F8_E8M0", { bytes: 1, dtype: "float32", read: readPowersOfTwo }],
  ["I32", { bytes: 4, dtype: "int32", read: (buffer) => new Int32Array(buffer) }],
  ["I16", { bytes: 2, dtype: "int32", read: (buffer) => Int32Array.from(new Int16Array(buffer)) }],
  ["U16", { bytes: 2, dtype: "int32", read: (buffer) => Int32Array.from(new Uint16Array(buffer)) }],
  ["I8", { bytes: 1, dtype: "int32", read: (buffer) => Int32Array.from(new Int8Array(buffer)) }],
  ["U32", { bytes: 4, dtype: "int32", read: (buffer) => narrowed(new Uint32Array(buffer)) }],
  ["I64", { bytes: 8, dtype: "int32", read: (buffer) => narrowed(new BigInt64Array(buffer)) }],
  ["U64", { bytes: 8, dtype: "int32", read: (buffer) => narrowed(new BigUint64Array(buffer)) }],
  ["U8", { bytes: 1, dtype: "uint8", read: (buffer) => new Uint8Array(buffer) }],
  ["BOOL", { bytes: 1, dtype: "uint8", read: readBooleans }],
]);

function readBooleans(buffer: ArrayBuffer): Uint8Array {
  const values = new Uint8Array(buffer);
  const other = values.find((value) => value > 1);
  if (other !== undefined) throw new UnreadableValue(String(other), "0 or 1");
  return values;
}

/** Integers as int32, where all of them fit. */
function narrowed(values: Uint32Array | BigInt64Array | BigUint64Array): Int32Array {
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    result[i] = value;
    if (result[i] !== value) throw new UnreadableValue(String(values[i]), "an integer from -2147483648 to 2147483647");
  }
  return result;
}

/** The upper halves of float32. */
function readBfloat16(buffer: ArrayBuffer): Float32Array {
  const bits = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/** Exponents alone: 2^(byte − 127), NaN for 255. */
function readPowersOfTwo(buffer: ArrayBuffer): Float32Array {
  return Float32Array.from(new Uint8Array(buffer), (byte) => (byte === 255 ? Number.NaN : 2 ** (byte - 127)));
}

/** A float of a sign, an exponent and a fraction. */
interface FloatFormat {
  readonly exponentBits: number;
  readonly bias: number;
  /**
   * Which patterns are no numbers. Default: the largest exponent is infinity and NaN, as in IEEE 754. `"nan"`: all ones is
   * NaN, and nothing is infinite. `"negative zero"`: only the pattern of −0 is NaN.
   */
  readonly specials?: "nan" | "negative zero";
}

function smallFloat(format: FloatFormat): StoredDType {
  return { bytes: 1, dtype: "float32", read: (buffer) => floats(new Uint8Array(buffer), format) };
}

/** float32 holds every value of a format of 8 or 16 bits. */
function floats(patterns: Uint8Array | Uint16Array, { exponentBits, bias, specials }: FloatFormat): Float32Array {
  const bits = 8 * patterns.BYTES_PER_ELEMENT;
  const fractionBits = bits - 1 - exponentBits;
  const signBit = 2 ** (bits - 1);
  const ones = signBit - 1;
  const topExponent = 2 ** exponentBits - 1;
  const result = new Float32Array(patterns.length);
  for (let i = 0; i < patterns.length; i++) {
    const pattern = patterns[i]!;
    const sign = (pattern & signBit) === 0 ? 1 : -1;
    const exponent = (pattern & ones) >> fractionBits;
    const fraction = pattern & (2 ** fractionBits - 1);
    const notANumber =
      specials === "negative zero"
        ? pattern === signBit
        : specials === "nan"
          ? (pattern & ones) === ones
          : exponent === topExponent && fraction !== 0;
    if (notANumber) result[i] = Number.NaN;
    else if (specials === undefined && exponent === topExponent) result[i] = sign * Number.POSITIVE_INFINITY;
    // Below the smallest exponent there is no leading one.
    else if (exponent === 0) result[i] = sign * fraction * 2 ** (1 - bias - fractionBits);
    else result[i] = sign * (fraction + 2 ** fractionBits) * 2 ** (exponent - bias - fractionBits);
  }
  return result;
}
