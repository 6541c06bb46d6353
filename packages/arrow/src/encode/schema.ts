/** A schema as a FlatBuffers table. The inverse is `decode/schema.ts`. */

import { precisions, types } from "../format.ts";
import type { ArrowType, Field, Schema } from "../types.ts";
import type { FlatBuilder } from "./flat-builder.ts";

/** Writes the table. @returns its place. */
export function writeSchema(builder: FlatBuilder, { fields, metadata }: Schema): number {
  const fieldsAt = builder.places(fields.map((field) => writeField(builder, field)));
  const entries = [...metadata].map(([key, value]) => {
    const [keyAt, valueAt] = [builder.text(key), builder.text(value)];
    return builder.table([
      [0, "place", keyAt],
      [1, "place", valueAt],
    ]);
  });
  // Field 0 is the byte order: 0 is little-endian.
  return builder.table([
    [1, "place", fieldsAt],
    [2, "place", entries.length === 0 ? 0 : builder.places(entries)],
  ]);
}

function writeField(builder: FlatBuilder, { name, type, nullable }: Field): number {
  const { id, typeAt, item } = writeType(builder, type);
  const items = item === undefined ? [] : [writeField(builder, { name: "item", type: item, nullable: true })];
  const itemsAt = builder.places(items);
  const nameAt = name === "" ? 0 : builder.text(name);
  return builder.table([
    [3, "place", typeAt],
    [2, "int8", id],
    [5, "place", itemsAt],
    [1, "int8", Number(nullable)],
    [0, "place", nameAt],
  ]);
}

interface WrittenType {
  /** In Arrow's Type union. */
  readonly id: number;
  readonly typeAt: number;
  readonly item?: ArrowType;
}

function writeType(builder: FlatBuilder, type: ArrowType): WrittenType {
  if (type === "utf8") return { id: types.utf8, typeAt: builder.table([]) };
  if (type === "uint8") return { id: types.int, typeAt: builder.table([[0, "int32", 8]]) };
  if (type === "int32") {
    const typeAt = builder.table([
      [0, "int32", 32],
      [1, "int8", 1],
    ]);
    return { id: types.int, typeAt };
  }
  if (type === "float32" || type === "float64") {
    return { id: types.floatingPoint, typeAt: builder.table([[0, "int16", precisions.indexOf(type)]]) };
  }
  if (type.kind === "list") return { id: types.list, typeAt: builder.table([]), item: type.item };
  const typeAt = builder.table([[0, "int32", type.size]]);
  return { id: types.fixedSizeList, typeAt, item: type.item };
}
