/** The part of Arrow's types that this package reads and writes, and the typed arrays that hold their values. */

/** An element of a typed array. */
export type NumberType = "uint8" | "int32" | "float32" | "float64";

/** The typed array for each type of number. */
export interface ArrayOf {
  readonly uint8: Uint8Array;
  readonly int32: Int32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

export type NumberArray = ArrayOf[NumberType];

/** Rows of different length. */
export interface ListType {
  readonly kind: "list";
  readonly item: NumberType;
}

/** Rows of `size` items each. Nested ones lie in memory as one flat list does. */
export interface FixedSizeListType {
  readonly kind: "fixedSizeList";
  /** At least 1. */
  readonly size: number;
  readonly item: NumberType | FixedSizeListType;
}

export type ArrowType = NumberType | "utf8" | ListType | FixedSizeListType;

/** A type that was found in a file and cannot be read, such as `int64` or `dictionary`. */
export interface OtherType {
  readonly kind: "other";
  readonly name: string;
}

/** One column of a schema. */
export interface Field<Type extends ArrowType | OtherType = ArrowType> {
  readonly name: string;
  readonly type: Type;
  /** Whether rows may be null. Values within a list never are. */
  readonly nullable: boolean;
}

/** The columns, and text by key. The order of both is kept. */
export interface Schema<Type extends ArrowType | OtherType = ArrowType> {
  readonly fields: readonly Field<Type>[];
  readonly metadata: ReadonlyMap<string, string>;
}

interface ArrayClass<Values> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Values;
}

/** The class of typed array for each type of number. */
export const arrayClasses: { readonly [Type in NumberType]: ArrayClass<ArrayOf[Type]> } = {
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** The type as text: `int32`, `list<float32>`, `fixedSizeList<uint8>[784]`. */
export function formatType(type: ArrowType | OtherType): string {
  if (typeof type === "string") return type;
  if (type.kind === "other") return type.name;
  if (type.kind === "list") return `list<${type.item}>`;
  return `fixedSizeList<${formatType(type.item)}>[${type.size}]`;
}

/** How the values of a column lie in memory: their type, and how many a row has; undefined where offsets say so. */
export function valueLayout(type: ArrowType): { readonly item: NumberType; readonly perRow: number | undefined } {
  if (type === "utf8") return { item: "uint8", perRow: undefined };
  if (typeof type === "string") return { item: type, perRow: 1 };
  if (type.kind === "list") return { item: type.item, perRow: undefined };
  const { item, perRow = 1 } = valueLayout(type.item);
  return { item, perRow: type.size * perRow };
}
