import { describe, expect, test } from "vitest";
import { viewColumn } from "./decode/columns.ts";
import {
  ArrowError,
  type Column,
  cutFrames,
  encodeStreamBatch,
  encodeStreamStart,
  endMark,
  type Field,
  hasValue,
  joinBytes,
  listAt,
  listColumn,
  locateColumns,
  nullableNumberColumn,
  numberColumn,
  readableFields,
  readSchema,
  textAt,
  textColumn,
} from "./index.ts";

const fields: readonly Field[] = [
  { name: "step", type: "int32", nullable: false },
  { name: "name", type: "utf8", nullable: false },
  { name: "value", type: "float64", nullable: true },
  { name: "data", type: { kind: "list", item: "float32" }, nullable: true },
];
const metadata = new Map([
  ["format", "1"],
  ["", "学習"],
]);
const start = encodeStreamStart({ fields, metadata });
const batch = encodeStreamBatch(fields, [
  numberColumn(Int32Array.of(1, 2, 3)),
  textColumn(["a", "", "ü€"]),
  nullableNumberColumn([0.5, null, Number.NaN]),
  listColumn([null, [1, 2], []], Float32Array),
]);
const empty = encodeStreamBatch(fields, [
  numberColumn(new Int32Array(0)),
  textColumn([]),
  nullableNumberColumn([]),
  listColumn([], Float32Array),
]);
const stream = joinBytes([start, batch, empty, endMark]);

/** Everything that the stream holds, by the schema that it says of itself. */
function readAll(bytes: Uint8Array) {
  const { frames, end, ended } = cutFrames(bytes);
  const [schemaFrame, ...batches] = frames;
  if (schemaFrame?.kind !== "schema") throw new ArrowError("no schema");
  const schema = readSchema(schemaFrame.header);
  const own = readableFields(schema);
  const columns = batches.map(({ kind, header, body }) => {
    if (kind !== "batch") throw new ArrowError("a second schema");
    return locateColumns(header, body.byteLength, own).columns.map((place) => viewColumn(body, place));
  });
  return { schema, columns, end, ended };
}

test("a stream reads back as written, over the same bytes", () => {
  const { schema, columns, end, ended } = readAll(stream);
  expect(schema).toEqual({ fields, metadata });
  expect([end, ended]).toEqual([stream.length - endMark.length, true]);
  const [step, name, value, data] = columns[0] as Column[];
  const rows = [0, 1, 2].map((i) => [
    step!.values[i],
    textAt(name!, i),
    hasValue(value!, i) ? value!.values[i] : null,
    hasValue(data!, i) ? [...listAt(data!, i)] : null,
  ]);
  expect(rows).toEqual([
    [1, "a", 0.5, null],
    [2, "", null, [1, 2]],
    [3, "ü€", Number.NaN, []],
  ]);
  expect(columns[1]!.map(({ rows }) => rows)).toEqual([0, 0, 0, 0]);
  expect(step!.values.buffer).toBe(stream.buffer);
});

test.each([1, 4, 8])("from memory that begins at byte %i it reads the same", (shift) => {
  const shifted = new Uint8Array(stream.length + shift).subarray(shift);
  shifted.set(stream);
  expect(readAll(shifted).columns).toEqual(readAll(stream).columns);
});

test("cut anywhere it reads up to its last whole frame", () => {
  const ends = [0, start.length, start.length + batch.length, start.length + batch.length + empty.length];
  for (let length = 0; length < stream.length; length++) {
    const { frames, end, ended } = cutFrames(stream.subarray(0, length));
    const whole = ends.filter((position) => position > 0 && position <= length);
    expect([frames.length, end, ended]).toEqual([whole.length, whole.at(-1) ?? 0, false]);
  }
});

test.each([0, 1, 7, 0x7f, 0x80, 0xff])("with byte %i anywhere it is refused or read", (value) => {
  for (let at = 0; at < stream.length; at++) {
    const altered = stream.slice();
    altered[at] = value;
    isRefusedOrRead(altered);
  }
});

const hostile = [0x7fffffffffffffffn, -1n, 0xffffffffn, 0x7fffffffn, 0x80000000n, 0x100000000n, 1n << 53n, 1n << 31n];

test.each(hostile)("with %i anywhere it is refused or read, over its own bytes", (value) => {
  for (let at = 0; at + 8 <= stream.length; at += 4) {
    const altered = stream.slice();
    new DataView(altered.buffer).setBigUint64(at, BigInt.asUintN(64, value), true);
    isRefusedOrRead(altered);
  }
});

/** All that is read shares memory with the bytes: nothing was allocated for a size that they claim. */
function isRefusedOrRead(bytes: Uint8Array): void {
  try {
    for (const { values, offsets, validity } of readAll(bytes).columns.flat())
      for (const array of [values, offsets, validity]) expect(array?.buffer ?? bytes.buffer).toBe(bytes.buffer);
  } catch (error) {
    expect(error).toBeInstanceOf(ArrowError);
  }
}

describe("is refused", () => {
  test.each([
    ["text", new TextEncoder().encode("step,loss\n1,0.5\n"), "no message marker at byte 0"],
    ["bytes after the end", joinBytes([stream, Uint8Array.of(1)]), "1 bytes after the end mark at byte"],
    [
      "a size of metadata below 0",
      Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 128),
      "metadata size -2147483648 at byte 4",
    ],
    [
      "a table outside",
      Uint8Array.of(255, 255, 255, 255, 8, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0),
      "an offset outside the message at byte 0",
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => cutFrames(bytes)).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }));
    expect(() => cutFrames(bytes)).toThrow(ArrowError);
  });

  const three = numberColumn(Int32Array.of(1, 2, 3));
  const one = (type: Field["type"], nullable = false): readonly Field[] => [{ name: "n", type, nullable }];

  test.each<[string, readonly Field[], readonly Field[], Column, string]>([
    ["a wider type", one("int32"), one("float64"), three, "in column n 16 bytes for 3 values of float64"],
    ["more columns", one("int32"), fields.slice(0, 2), three, "in column name no node: the batch has 1"],
    ["fewer columns", one("int32"), [], three, "a batch of 1 nodes and 2 buffers"],
    ["text", one("int32"), one("utf8"), three, "in column n no buffer: the batch has 2"],
    ["no nulls", one("float64", true), one("float64"), nullableNumberColumn([null]), "in column n 1 nulls"],
  ])("a batch where %s are expected", (_, written, expected, column, message) => {
    const [frame] = cutFrames(encodeStreamBatch(written, [column])).frames;
    expect(() => locateColumns(frame!.header, frame!.body.byteLength, expected)).toThrow(message);
  });

  test.each<[string, Field["type"], Column, string]>([
    [
      "values of another class",
      "int32",
      numberColumn(Float32Array.of(1)),
      "in column x of int32 values in a Float32Array",
    ],
    ["no offsets", "utf8", numberColumn(Uint8Array.of(1)), "in column x of utf8 0 offsets for 1 rows"],
    [
      "too few values",
      { kind: "fixedSizeList", size: 3, item: "uint8" },
      numberColumn(Uint8Array.of(1)),
      "1 values in 1 rows",
    ],
    ["offsets", "uint8", textColumn(["a"]), "in column x of uint8 offsets"],
    ["nulls", "float64", nullableNumberColumn([null]), "in column x of float64 nulls"],
  ])("a column with %s, when it is written", (_, type, column, message) => {
    expect(() => encodeStreamBatch([{ name: "x", type, nullable: false }], [column])).toThrow(message);
  });

  test("columns of different length, when they are written", () => {
    const columns = [numberColumn(Int32Array.of(1)), textColumn([])];
    expect(() => encodeStreamBatch(fields.slice(0, 2), columns)).toThrow(
      "in column name of utf8 0 rows where 1 belong",
    );
    expect(() => encodeStreamBatch(fields, columns)).toThrow("2 columns for 4 fields");
  });
});
