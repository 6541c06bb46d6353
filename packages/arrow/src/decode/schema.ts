/** A schema from its FlatBuffers table. The inverse is `encode/schema.ts`. */

import { ArrowError } from "../error.ts";
import { precisions, types } from "../format.ts";
import type { ArrowType, Field, FixedSizeListType, NumberType, OtherType, Schema } from "../types.ts";
import type { FlatTable } from "./flat-table.ts";

const mostFields = 64;
const mostEntries = 64;
/** Of lists in lists. */
const deepest = 8;

/**
 * What the schema says. A type that this package cannot read becomes an `OtherType`, so that the caller can name it.
 * @throws ArrowError when the table is damaged, or says that values are big-endian.
 */
export function readSchema(table: FlatTable): Schema<ArrowType | OtherType> {
  if (table.int16(0) !== 0) throw new ArrowError("big-endian values");
  const fields = table.tables(1, mostFields).map((field): Field<ArrowType | OtherType> => {
    return { name: field.string(0), type: readType(field, deepest), nullable: field.int8(1) !== 0 };
  });
  const metadata = new Map(table.tables(2, mostEntries).map((entry) => [entry.string(0), entry.string(1)]));
  return { fields, metadata };
}

/** @throws ArrowError unless every column has a type that this package reads. */
export function readableFields(schema: Schema<ArrowType | OtherType>): readonly Field[] {
  return schema.fields.map(({ name, type, nullable }) => {
    if (typeof type !== "string" && type.kind === "other") throw new ArrowError(`a column ${name} of ${type.name}`);
    return { name, type, nullable };
  });
}

function readType(field: FlatTable, depth: number): ArrowType | OtherType {
  const id = field.int8(2);
  if (field.has(4)) return other("dictionary");
  const isList = id === types.list || id === types.fixedSizeList;
  const items = field.tables(5, mostFields);
  if (items.length !== Number(isList)) return other("nested");
  if (id === types.int) return intType(field.table(3));
  if (id === types.floatingPoint) return floatType(field.table(3));
  if (id === types.utf8) return "utf8";
  const [itemField] = items;
  if (itemField === undefined) return other(`type ${id}`);
  const item = depth === 0 ? other("…") : readType(itemField, depth - 1);
  if (id === types.list) return isNumber(item) ? { kind: "list", item } : other(`list<${nameOf(item)}>`);
  const size = field.table(3).int32(0);
  const isReadable = size > 0 && (isNumber(item) || isFixedSizeList(item));
  return isReadable ? { kind: "fixedSizeList", size, item } : other(`fixedSizeList<${nameOf(item)}>[${size}]`);
}

function intType(type: FlatTable): NumberType | OtherType {
  const name = `${type.int8(1) === 0 ? "uint" : "int"}${type.int32(0)}`;
  return name === "uint8" || name === "int32" ? name : other(name);
}

function floatType(type: FlatTable): NumberType | OtherType {
  const name = precisions[type.int16(0)] ?? "float";
  return name === "float32" || name === "float64" ? name : other(name);
}

const other = (name: string): OtherType => ({ kind: "other", name });

const isNumber = (type: ArrowType | OtherType): type is NumberType => typeof type === "string" && type !== "utf8";

const isFixedSizeList = (type: ArrowType | OtherType): type is FixedSizeListType =>
  typeof type !== "string" && type.kind === "fixedSizeList";

const nameOf = (type: ArrowType | OtherType): string =>
  typeof type === "string" ? type : type.kind === "other" ? type.name : type.kind;
