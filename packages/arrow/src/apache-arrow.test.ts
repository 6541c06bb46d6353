/** The bytes are those of apache-arrow's writers, and its readers read them. */

import {
  Field as ApacheField,
  Schema as ApacheSchema,
  AsyncByteQueue,
  type Data,
  DataType,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Struct,
  tableFromIPC,
  Uint8,
  Utf8,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import {
  type ArrowType,
  type Column,
  encodeStreamBatch,
  encodeStreamStart,
  endMark,
  type Field,
  FileEncoder,
  fixedSizeListColumn,
  joinBytes,
  listColumn,
  nullableNumberColumn,
  numberColumn,
  type Schema,
  textColumn,
} from "./index.ts";

const field = (name: string, type: ArrowType, nullable = false): Field => ({ name, type, nullable });
const list = (item: "int32" | "float32"): ArrowType => ({ kind: "list", item });

interface Case {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly columns: readonly Column[];
  /** The same for apache-arrow. */
  readonly values: readonly (readonly unknown[])[];
  readonly metadata?: readonly (readonly [string, string])[];
}

const texts = ["", "loss", "Überanpassung — 学習", "a".repeat(3000)];
const cases: readonly Case[] = [
  { name: "no columns", fields: [], columns: [], values: [] },
  {
    name: "numbers of all types",
    fields: [field("i", "int32"), field("f", "float32"), field("d", "float64", true), field("u", "uint8", true)],
    columns: [
      numberColumn(Int32Array.of(-1, 2, 3)),
      numberColumn(Float32Array.of(0.5, Number.NaN, -0)),
      numberColumn(Float64Array.of(0.1, Number.POSITIVE_INFINITY, 3)),
      numberColumn(Uint8Array.of(1, 2, 255)),
    ],
    values: [
      [-1, 2, 3],
      [0.5, Number.NaN, -0],
      [0.1, Number.POSITIVE_INFINITY, 3],
      [1, 2, 255],
    ],
    metadata: [
      ["key", "value"],
      ["", ""],
      ["long", "x".repeat(5000)],
    ],
  },
  {
    name: "text",
    fields: [field("t", "utf8"), field("n", "int32")],
    columns: [textColumn(texts), numberColumn(Int32Array.of(1, 2, 3, 4))],
    values: [texts, [1, 2, 3, 4]],
  },
  {
    name: "nulls and lists",
    fields: [field("v", "float64", true), field("s", list("int32"), true), field("x", list("float32"), true)],
    columns: [
      nullableNumberColumn([null, 1, null, 4, 5, 6, 7, 8, 9]),
      listColumn([[1], null, [2, 3], [], null, null, null, null, null], Int32Array),
      listColumn([null, null, [0.5], [1, 2, 3], null, null, null, null, [4]], Float32Array),
    ],
    values: [
      [null, 1, null, 4, 5, 6, 7, 8, 9],
      [[1], null, [2, 3], [], null, null, null, null, null],
      [null, null, [0.5], [1, 2, 3], null, null, null, null, [4]],
    ],
  },
  {
    name: "rows of fixed size",
    fields: [field("image", { kind: "fixedSizeList", size: 3, item: "uint8" }, true), field("label", "uint8", true)],
    columns: [fixedSizeListColumn(Uint8Array.of(1, 2, 3, 4, 5, 6), 2), numberColumn(Uint8Array.of(0, 1))],
    values: [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [0, 1],
    ],
    metadata: Array.from({ length: 40 }, (_, i) => [`key${i}`, "y".repeat(i * 31)] as const),
  },
  {
    name: "fixed size in fixed size, rows none",
    fields: [field("p", { kind: "fixedSizeList", size: 2, item: { kind: "fixedSizeList", size: 3, item: "float64" } })],
    columns: [fixedSizeListColumn(new Float64Array(0), 0)],
    values: [[]],
  },
];

describe.each(cases)("$name", ({ fields, columns, values, metadata = [] }) => {
  const schema: Schema = { fields, metadata: new Map(metadata) };

  test("as a stream has apache-arrow's bytes", () => {
    const ours = joinBytes([encodeStreamStart(schema), encodeStreamBatch(fields, columns), endMark]);
    const writer = new RecordBatchStreamWriter();
    writer.write(apacheBatch(schema, columns));
    writer.finish();
    expect(Buffer.compare(ours, writer.toUint8Array(true))).toBe(0);
    expect(rowsOf(ours)).toEqual(values);
  });

  test("as a file of two batches has apache-arrow's bytes", () => {
    const encoder = new FileEncoder();
    const parts = [
      ...encoder.batch(fields, columns).parts,
      ...encoder.batch(fields, columns).parts,
      encoder.end(schema),
    ];
    const writer = new RecordBatchFileWriter();
    const sink = new AsyncByteQueue();
    writer.reset(sink, apacheSchema(schema));
    writer.write(apacheBatch(schema, columns));
    writer.write(apacheBatch(schema, columns));
    writer.finish();
    expect(Buffer.compare(joinBytes(parts), sink.toUint8Array(true))).toBe(0);
    expect(rowsOf(joinBytes(parts))).toEqual(values.map((column) => [...column, ...column]));
  });
});

test("a file without batches has apache-arrow's bytes", () => {
  const schema: Schema = { fields: [field("n", "int32")], metadata: new Map() };
  const sink = new AsyncByteQueue();
  const writer = new RecordBatchFileWriter();
  writer.reset(sink, apacheSchema(schema));
  writer.finish();
  expect(Buffer.compare(new FileEncoder().end(schema), sink.toUint8Array(true))).toBe(0);
});

function apacheType(type: ArrowType): DataType {
  if (typeof type === "string") {
    return new { uint8: Uint8, int32: Int32, float32: Float32, float64: Float64, utf8: Utf8 }[type]();
  }
  const item = new ApacheField("item", apacheType(type.item), true);
  return type.kind === "list" ? new List(item) : new FixedSizeList(type.size, item);
}

function apacheSchema({ fields, metadata }: Schema): ApacheSchema {
  const list = fields.map(({ name, type, nullable }) => new ApacheField(name, apacheType(type), nullable));
  return new ApacheSchema(list, new Map(metadata));
}

function apacheBatch(of: Schema, columns: readonly Column[]): RecordBatch {
  const schema = apacheSchema(of);
  const children = schema.fields.map(({ type }, i) => apacheData(type, columns[i] as Column));
  const length = children[0]?.length ?? 0;
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

function apacheData(type: DataType, { rows: length, validity, offsets: valueOffsets, values }: Column): Data {
  const nulls = Array.from({ length }, (_, row) => ((validity?.[row >> 3] ?? 255) >> (row & 7)) & 1);
  const common = { length, nullCount: nulls.filter((bit) => bit === 0).length, nullBitmap: validity };
  if (DataType.isList(type) || DataType.isFixedSizeList(type)) {
    const { listSize } = type as FixedSizeList;
    const child = numberColumn(values);
    const items = apacheData(type.valueType, {
      ...child,
      rows: listSize === undefined ? child.rows : length * listSize,
    });
    return makeData({ ...common, type, valueOffsets, child: items } as never);
  }
  return makeData({ ...common, type, valueOffsets, data: values } as never);
}

function rowsOf(bytes: Uint8Array): unknown[][] {
  const table = tableFromIPC(bytes);
  return table.schema.fields.map((_, i) => [...(table.getChildAt(i) ?? [])].map(plain));
}

function plain(value: unknown): unknown {
  const isVector = typeof value === "object" && value !== null && "toArray" in value;
  return isVector ? Array.from((value as { toArray(): Iterable<unknown> }).toArray(), plain) : value;
}
