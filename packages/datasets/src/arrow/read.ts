/**
 * Reading a shard: an Arrow IPC file whose columns become typed arrays over its own bytes, without a copy. The file may be
 * cut, damaged or crafted: sizes and positions are checked before anything is allocated or followed, and whatever is wrong
 * ends in a DataError. Reads the layout of `schema.ts` alone, in a few kilobytes and with no library; what Arrow allows
 * beyond it (compression, dictionaries, nulls, other columns) is refused by name.
 */

import {
  ArrowError,
  type ArrowType,
  type BatchPlace,
  type Block,
  type Field,
  type OtherType,
  type Reading,
  readBlock,
  readFooter,
  readFrom,
  type Schema,
} from "@nn/arrow";
import { bytesPerElement, sizeOf } from "@nn/tensor";
import { type Chunk, type InputData, inputArrays } from "../columns.ts";
import type { InputDType } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { plural } from "../plural.ts";
import { decodeMetadata, type ShardLayout, type ShardMetadata } from "./schema.ts";

export interface Shard {
  readonly layout: ShardLayout;
  readonly metadata: ShardMetadata;
  /** One per record batch, over the file's bytes. */
  readonly chunks: readonly Chunk[];
  readonly rows: number;
}

/** Where the columns of a record batch lie in the file. */
interface Part {
  readonly rows: number;
  readonly inputsAt: number;
  readonly labelsAt: number;
}

/** A shard without its rows. */
export interface ShardMap {
  readonly layout: ShardLayout;
  readonly metadata: ShardMetadata;
  readonly parts: readonly Part[];
  readonly rows: number;
}

/**
 * The rows of a shard, sharing memory with `bytes`. `name` stands for the file in errors.
 * @throws DataError when `bytes` is cut short, no Arrow file, or not a shard of a dataset.
 */
export function readShard(bytes: Uint8Array, name = "the bytes"): Shard {
  return guarded(name, bytes.byteLength, () => {
    const { layout, metadata, parts, rows } = readFrom(bytes, mapShard(bytes.byteLength));
    const width = sizeOf(layout.inputShape);
    let row = 0;
    const chunks = parts.map((part): Chunk => {
      const labels = checkLabels(bytes.subarray(part.labelsAt, part.labelsAt + part.rows), metadata, row);
      row += part.rows;
      const byteLength = part.rows * width * bytesPerElement[layout.dtype];
      return { inputs: readInputs(bytes.subarray(part.inputsAt, part.inputsAt + byteLength), layout.dtype), labels };
    });
    return { layout, metadata, chunks, rows };
  });
}

/**
 * Where the rows of a shard of `size` bytes lie: yields the parts of the file that it wants to see (a few kilobytes), takes
 * their bytes and returns the map. So the same code reads from memory, from disk and over a network. Run it in `guarded`.
 */
export function* mapShard(size: number): Reading<ShardMap> {
  const { schema, blocks } = yield* readFooter(size);
  const { layout, fields } = readFields(schema);
  const metadata = decodeMetadata(schema.metadata);
  const width = sizeOf(layout.inputShape);
  if (sizeOf(metadata.inputShape) !== width || width === 0 || width > 2 ** 31) {
    throw new ArrowError(`rows of ${width} values for the input shape [${metadata.inputShape.join(", ")}]`);
  }
  if (metadata.classNames.length === 0 || metadata.classNames.length > 256) {
    throw new ArrowError(plural(metadata.classNames.length, "class name"));
  }
  const parts: Part[] = [];
  for (const block of blocks) parts.push(locatePart(block, yield* readBlock(block, fields)));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0) throw new ArrowError("no rows");
  return { layout: { ...layout, inputShape: metadata.inputShape }, metadata, parts, rows };
}

/** What `run` returns; what is wrong with the bytes becomes a DataError that names the file. */
export function guarded<T>(name: string, size: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    // DataView throws RangeError where an offset leads outside the bytes.
    if (!(error instanceof ArrowError || error instanceof RangeError) || error instanceof DataError) throw error;
    const reason = error instanceof ArrowError ? error.message : "an offset outside the file";
    throw new DataError({
      operation: "readShard",
      received: `${name} (${size} bytes) with ${reason}`,
      expected: "a whole Arrow IPC file with an input column and a label column",
      fix: "Prepare the dataset again.",
    });
  }
}

/** `bytes` as labels, each checked. `firstRow` is the row of the first, for errors. @throws ArrowError */
export function checkLabels(bytes: Uint8Array, { classNames }: ShardMetadata, firstRow: number): Uint8Array {
  const row = bytes.findIndex((label) => label >= classNames.length);
  if (row < 0) return bytes;
  throw new ArrowError(`label ${bytes[row]} in row ${firstRow + row} for ${plural(classNames.length, "class")}`);
}

/** Values over `bytes`; copied only when they do not lie at a multiple of their size. */
export function readInputs(bytes: Uint8Array, dtype: InputDType): InputData {
  const ArrayClass = inputArrays[dtype];
  const { buffer, byteOffset, byteLength } = byteOffsetFits(bytes, ArrayClass.BYTES_PER_ELEMENT)
    ? bytes
    : bytes.slice();
  return new ArrayClass(buffer as ArrayBuffer, byteOffset, byteLength / ArrayClass.BYTES_PER_ELEMENT);
}

const byteOffsetFits = ({ byteOffset }: Uint8Array, elementBytes: number): boolean => byteOffset % elementBytes === 0;

function readFields(schema: Schema<ArrowType | OtherType>): { layout: ShardLayout; fields: readonly Field[] } {
  const [input, label] = schema.fields;
  if (schema.fields.length !== 2 || input === undefined || label?.name !== "label") {
    const names = schema.fields.map(({ name }) => name.slice(0, 40));
    throw new ArrowError(`columns ${names.join(", ") || "none"}`);
  }
  if (label.type !== "uint8") throw new ArrowError("labels that are not uint8");
  // Nested lists of fixed size lie in memory as one flat list does.
  const inputShape: number[] = [];
  let type = input.type;
  while (typeof type !== "string" && type.kind === "fixedSizeList") {
    inputShape.push(type.size);
    type = type.item;
  }
  const dtype = type === "uint8" || type === "float32" || type === "float64" ? type : undefined;
  if (dtype === undefined || inputShape.length === 0) {
    throw new ArrowError("inputs that are not fixed-size lists of uint8, float32 or float64");
  }
  // Whatever the schema says of nulls, a dataset has none.
  const fields: readonly Field[] = [
    { name: input.name, type: input.type as ArrowType, nullable: false },
    { name: label.name, type: label.type, nullable: false },
  ];
  return { layout: { column: input.name, dtype, inputShape }, fields };
}

/** Where the values of input column and label lie in the file. */
function locatePart({ offset, headerBytes }: Block, { rows, columns }: BatchPlace): Part {
  const [inputsAt, labelsAt] = columns.map((column) => {
    let place = column;
    while (place.item !== undefined) place = place.item;
    return offset + headerBytes + (place.values?.offset ?? 0);
  });
  return { rows, inputsAt: inputsAt ?? 0, labelsAt: labelsAt ?? 0 };
}
