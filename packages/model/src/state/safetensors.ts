/**
 * The safetensors format: named tensors and a few strings in one file, read and written whole. A file is the header's
 * length (8 bytes, little-endian), the header as JSON, and the values. What a file says of itself is checked against its
 * length before anything is made of it.
 * Source: https://github.com/huggingface/safetensors#format
 */

import { ArgumentError, type DType, fromArray, type Shape, type Tensor } from "@nn/tensor";
import { checkOptions, formatValue } from "@nn/tensor/arguments";
import { UnreadableValue } from "./safetensors-dtypes.ts";
import { checkLayout, formatHeader, type HeaderEntry, parseHeader, refuse, show } from "./safetensors-header.ts";

/** Tensors by name. */
export type NamedTensors = { readonly [name: string]: Tensor<Shape, DType> };

/** The content of a file. */
export interface SafetensorsContent {
  readonly parameters: NamedTensors;
  /** Free strings by name; empty when the file has none. */
  readonly metadata: { readonly [name: string]: string };
}

const lengthBytes = 8;
/** The reference implementation's limit, in bytes. */
const longestHeader = 100_000_000;

/**
 * The bytes of a safetensors file. The same tensors and metadata give the same bytes, whatever the order of the records:
 * values stand in order of dtype (F64, F32, I32, U8, so that each is aligned), then of name, as the reference
 * implementation writes them.
 * @throws ArgumentError for a name or metadata that the format cannot carry.
 * @example await writeFile("model.safetensors", saveSafetensors(parameters, { metadata: { recipe: "moons" } }));
 */
export function saveSafetensors(
  parameters: NamedTensors,
  options: { readonly metadata?: { readonly [name: string]: string } } = {},
): Uint8Array {
  checkRecord("parameters", parameters);
  checkOptions("saveSafetensors", options, { metadata: true });
  if (options.metadata !== undefined) checkRecord("metadata", options.metadata);
  const { header, order } = formatHeader(parameters, options.metadata ?? {});
  const total = order.reduce((sum, tensor) => sum + tensor.data.byteLength, lengthBytes + header.byteLength);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  bytes.set(header, lengthBytes);
  let offset = lengthBytes + header.byteLength;
  for (const { data } of order) {
    // Typed arrays are little-endian, as the format is, wherever JavaScript runs today.
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function checkRecord(name: string, value: unknown): void {
  if (Object.prototype.toString.call(value) === "[object Object]") return;
  throw new ArgumentError({
    operation: "saveSafetensors",
    received: `${name} ${formatValue(value)}`,
    expected: name === "parameters" ? "tensors by name" : "strings by name",
  });
}

/**
 * The tensors and metadata of a safetensors file; the values are copies.
 *
 * F64, F32, I32 and U8 are read as they are. Exactly, and for good (a file saved again holds the new dtype): F16, BF16 and
 * floats of 8 bits become float32; I8, I16 and U16 int32; BOOL uint8; U32, I64 and U64 int32, where all their values fit.
 * C64 and floats below 8 bits are not supported. A file may hold 100,000 tensors and as many strings, in a header of at most
 * 100 MB; the time to read it is in proportion to its length.
 * @throws ArgumentError for a file that is cut, altered or crafted: a header longer than the file, JSON of another form,
 * a name twice, a size that is no count, values that overlap, leave a gap or reach outside the file. Also for a sound file
 * with a dtype that is not supported, or an integer that int32 does not hold.
 */
export function loadSafetensors(bytes: Uint8Array): SafetensorsContent {
  if (!(bytes instanceof Uint8Array)) throw notBytes(bytes);
  if (bytes.byteLength < lengthBytes) refuse(`${bytes.byteLength} bytes`, `at least ${lengthBytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  const available = bytes.byteLength - lengthBytes;
  if (headerLength > available || headerLength > longestHeader) {
    refuse(
      `a header of ${headerLength} bytes in a file of ${bytes.byteLength}`,
      `at most ${Math.min(available, longestHeader)} bytes`,
    );
  }
  const start = lengthBytes + Number(headerLength);
  const header = parseHeader(bytes.subarray(lengthBytes, start));
  checkLayout(header.entries, bytes.byteLength - start);
  const parameters = header.entries.map((entry) => [entry.name, readTensor(bytes, start, entry)] as const);
  return { parameters: Object.fromEntries(parameters), metadata: Object.fromEntries(header.metadata) };
}

function notBytes(received: unknown): ArgumentError {
  return new ArgumentError({
    operation: "loadSafetensors",
    received: formatValue(received),
    expected: "a Uint8Array",
    ...(received instanceof ArrayBuffer && { fix: "Wrap it: new Uint8Array(buffer)." }),
  });
}

function readTensor(bytes: Uint8Array, start: number, { name, code, stored, shape, begin, end }: HeaderEntry): Tensor {
  // Not `slice`, which on Node's Buffer gives a view.
  const { buffer } = new Uint8Array(bytes.subarray(start + begin, start + end));
  try {
    return fromArray(stored.read(buffer), shape);
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    throw new ArgumentError({
      operation: "loadSafetensors",
      received: `${error.value} in ${show(name)} of dtype ${code}`,
      expected: error.expected,
      ...(code !== "BOOL" && {
        fix: "Convert the tensor in the program that wrote it: to F64, or to smaller integers.",
      }),
    });
  }
}
