import {
  Schema as ApacheSchema,
  Bool,
  Dictionary,
  Field,
  Int32,
  Int64,
  List,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import {
  ArrowError,
  FileEncoder,
  fixedSizeListColumn,
  formatType,
  joinBytes,
  numberColumn,
  type Reading,
  readableFields,
  readBlock,
  readFooter,
  readFrom,
  type Schema,
} from "./index.ts";

const schema: Schema = {
  fields: [
    { name: "image", type: { kind: "fixedSizeList", size: 3, item: "uint8" }, nullable: true },
    { name: "label", type: "uint8", nullable: true },
  ],
  metadata: new Map([["rows", "5"]]),
};

function write(rows: readonly number[], metadata = schema.metadata): Uint8Array {
  const encoder = new FileEncoder();
  let next = 0;
  const parts = rows.flatMap((count) => {
    const images = Uint8Array.from({ length: 3 * count }, () => next++);
    return encoder.batch(schema.fields, [fixedSizeListColumn(images, count), numberColumn(new Uint8Array(count))])
      .parts;
  });
  return joinBytes([...parts, encoder.end({ ...schema, metadata })]);
}

/** The schema, and the bytes of the first column of each batch. */
function* readImages(size: number): Reading<{ schema: Schema<never> | Schema; images: [number, number][] }> {
  const footer = yield* readFooter(size);
  const fields = readableFields(footer.schema);
  const images: [number, number][] = [];
  for (const block of footer.blocks) {
    const { columns } = yield* readBlock(block, fields);
    const { offset, length } = columns[0]!.item!.values!;
    images.push([block.offset + block.headerBytes + offset, length]);
  }
  return { schema: { fields, metadata: footer.schema.metadata }, images };
}

const read = (bytes: Uint8Array) => readFrom(bytes, readImages(bytes.length));

test("a file reads back as written, and the encoder tells where values lie", () => {
  const bytes = write([2, 3]);
  const { images, ...rest } = read(bytes);
  expect(rest.schema).toEqual(schema);
  expect(images.map(([at]) => bytes.slice(at, at + 6))).toEqual([
    Uint8Array.of(0, 1, 2, 3, 4, 5),
    Uint8Array.of(6, 7, 8, 9, 10, 11),
  ]);
  const { parts, valuesAt } = new FileEncoder().batch(schema.fields, [
    fixedSizeListColumn(Uint8Array.of(1, 2, 3), 1),
    numberColumn(Uint8Array.of(9)),
  ]);
  expect(valuesAt.map((at) => joinBytes(parts)[at])).toEqual([1, 9]);
});

test("a footer of more than the usual size takes one more read", () => {
  const long = new Map([["text", "x".repeat(50_000)]]);
  expect(read(write([1], long)).schema.metadata).toEqual(long);
});

test("a file without batches has none", () => {
  expect(read(write([])).images).toEqual([]);
});

test("only a few kilobytes are read of a large file", () => {
  const bytes = write([100_000]);
  const reading = readImages(bytes.length);
  let total = 0;
  for (let step = reading.next(); !step.done; ) {
    const { offset, length } = step.value;
    total += length;
    step = reading.next(bytes.subarray(offset, offset + length));
  }
  expect(total).toBeLessThan(17_000);
});

test("cut anywhere it is refused", () => {
  const bytes = write([2, 3]);
  for (let length = 0; length < bytes.length; length++)
    expect(() => read(bytes.subarray(0, length))).toThrow(ArrowError);
});

test("cut anywhere and given its end again it is refused", () => {
  const bytes = write([2, 3]);
  const end = bytes.subarray(bytes.length - 10);
  for (let length = 0; length < bytes.length - 10; length++)
    expect(() => read(joinBytes([bytes.subarray(0, length), end]))).toThrow(ArrowError);
});

test("a source that gives fewer bytes than it said is refused", () => {
  const bytes = write([2]);
  expect(() => readFrom(bytes.subarray(0, -9), readImages(bytes.length))).toThrow(/bytes where \d+ were read/);
});

test.each([0x7fffffffffffffffn, -1n, 0xffffffffn, 0x7fffffffn, 0x100000000n, 1n << 53n, 0n, 1n])(
  "with %i anywhere it is refused or read, within its bytes",
  (value) => {
    const bytes = write([2, 3]);
    for (let at = 0; at + 8 <= bytes.length; at += 2) {
      const altered = bytes.slice();
      new DataView(altered.buffer).setBigUint64(at, BigInt.asUintN(64, value), true);
      try {
        for (const [start, length] of read(altered).images) expect(start + length).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ArrowError);
      }
    }
  },
);

describe("types that are not read are named", () => {
  const list = (type: Int32 | Utf8) => new List(new Field("item", type as Int32, true));
  test.each([
    ["int64", new Int64(), [1n]],
    ["type 6", new Bool(), [true]],
    ["dictionary", new Dictionary(new Utf8(), new Int32()), ["a"]],
    ["list<utf8>", list(new Utf8()), [["a"]]],
    ["list<list>", new List(new Field("item", list(new Int32()) as unknown as Int32, true)), [[[1]]]],
  ])("%s", (name, type, values) => {
    const fields = [new Field("x", type as unknown as Int32, true)];
    const table = new Table(new ApacheSchema(fields), {
      x: vectorFromArray(values as unknown as number[], type as unknown as Int32),
    });
    const bytes = tableToIPC(table, "file");
    const readType = function* (): Reading<string> {
      const footer = yield* readFooter(bytes.length);
      expect(() => readableFields(footer.schema)).toThrow(`a column x of ${name}`);
      return formatType(footer.schema.fields[0]!.type);
    };
    if (name === "dictionary") expect(() => readFrom(bytes, readType())).toThrow("dictionaries");
    else expect(readFrom(bytes, readType())).toBe(name);
  });
});
