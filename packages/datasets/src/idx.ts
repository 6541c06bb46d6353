/** The IDX format of the original MNIST files: a magic number, sizes, then the elements, all big-endian. Reads only. */

import { type DType, fromArray, type Shape, sizeOf, type Tensor } from "@nn/tensor";
import { DataError } from "./errors.ts";
import { plural } from "./plural.ts";

interface ElementType {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, size: number) => Int32Array | Float32Array | Float64Array | Uint8Array;
}

// Third byte of the magic number → how elements are stored. int8 and int16 widen to int32, the nearest dtype.
const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { bytes: 1, dtype: "uint8", read: (view, size) => new Uint8Array(view.buffer, view.byteOffset, size) }],
  [
    0x09,
    { bytes: 1, dtype: "int32", read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt8(i)) },
  ],
  [
    0x0b,
    {
      bytes: 2,
      dtype: "int32",
      read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt16(2 * i)),
    },
  ],
  [
    0x0c,
    {
      bytes: 4,
      dtype: "int32",
      read: (view, size) => Int32Array.from({ length: size }, (_, i) => view.getInt32(4 * i)),
    },
  ],
  [
    0x0d,
    {
      bytes: 4,
      dtype: "float32",
      read: (view, size) => Float32Array.from({ length: size }, (_, i) => view.getFloat32(4 * i)),
    },
  ],
  [
    0x0e,
    {
      bytes: 8,
      dtype: "float64",
      read: (view, size) => Float64Array.from({ length: size }, (_, i) => view.getFloat64(8 * i)),
    },
  ],
]);

/**
 * The tensor in an IDX file. Bytes (dtype code 0x08) are shared, not copied; other types are converted from big-endian.
 * Every header field is checked against the number of bytes before anything is allocated.
 * @throws DataError when `bytes` is no IDX file, is cut short, or is longer than its header says.
 */
export function parseIdx(bytes: Uint8Array): Tensor<Shape, DType> {
  const { shape, headerBytes, totalBytes } = parseIdxHeader(bytes);
  if (bytes.byteLength !== totalBytes) {
    throw notIdx(
      plural(bytes.byteLength, "byte"),
      `${totalBytes} bytes for the shape [${shape.join(", ")}] that the header states`,
      bytes.byteLength < totalBytes ? truncated : "The file has bytes after its end.",
    );
  }
  const type = elementTypes.get(bytes[2]!)!;
  const size = sizeOf(shape);
  const data = type.read(new DataView(bytes.buffer, bytes.byteOffset + headerBytes, size * type.bytes), size);
  return fromArray(data as Uint8Array, shape);
}

export interface IdxHeader {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly headerBytes: number;
  /** Of the whole file. */
  readonly totalBytes: number;
}

/** What the first bytes of an IDX file say of it. @throws DataError when they are none, or too few. */
export function parseIdxHeader(bytes: Uint8Array): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 4) throw notIdx(plural(bytes.byteLength, "byte"), "at least the 4 bytes of the magic number");
  const type = elementTypes.get(bytes[2]!);
  if (bytes[0] !== 0 || bytes[1] !== 0 || type === undefined) {
    const magic = view.getUint32(0).toString(16).padStart(8, "0");
    throw notIdx(
      `the magic number 0x${magic}`,
      "0x0000TTDD with a type code TT of 08, 09, 0b, 0c, 0d or 0e",
      bytes[0] === 0x1f && bytes[1] === 0x8b ? "The bytes are compressed with gzip: decompress them first." : undefined,
    );
  }
  const rank = bytes[3]!;
  const headerBytes = 4 + 4 * rank;
  if (rank === 0) throw notIdx("no dimension", "at least 1 dimension");
  if (bytes.byteLength < headerBytes) {
    throw notIdx(
      plural(bytes.byteLength, "byte"),
      `a header of ${headerBytes} bytes for ${rank} dimensions`,
      truncated,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const totalBytes = headerBytes + sizeOf(shape) * type.bytes;
  return { shape, dtype: type.dtype, headerBytes, totalBytes };
}

const truncated = "The file is cut short: get it again.";

function notIdx(received: string, expected: string, fix?: string): DataError {
  return new DataError({ operation: "parseIdx", received, expected, ...(fix === undefined ? {} : { fix }) });
}
