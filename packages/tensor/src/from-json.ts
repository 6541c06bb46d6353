/** A tensor as plain data, for JSON: what `JSON.stringify` makes of it, and the way back. */

import { allocate, checkDType, type DataOf, type DType } from "./dtype.ts";
import { ArgumentError, describe, ShapeError } from "./errors.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.ts";
import { fromArray, Tensor } from "./tensor.ts";

/** A number, or as text one that JSON has no number for. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity" | "-0";

/** What `JSON.stringify` writes of a tensor: its elements row-major. */
export interface TensorJson {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly JsonNumber[];
}

/**
 * The tensor that `JSON.stringify` wrote, bit for bit (every NaN as the usual one).
 * @throws ArgumentError for anything else, such as the text itself. @throws ShapeError when data and shape do not fit.
 * @example fromJson(JSON.parse(JSON.stringify(tensor([1, NaN])))) // Tensor([1, NaN], shape [2], float32)
 */
export function fromJson(json: TensorJson): Tensor<Shape, DType> {
  if (typeof json !== "object" || json === null || json instanceof Tensor || !Array.isArray(json.data)) {
    throw new ArgumentError({
      operation: "fromJson",
      received: describe(json),
      expected: "{ shape, dtype, data } as JSON.stringify writes a tensor",
      ...(typeof json === "string" && { fix: "Parse it: fromJson(JSON.parse(text))." }),
    });
  }
  const { shape, dtype, data } = json;
  checkShape("fromJson", shape);
  checkDType("fromJson", dtype);
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError({
      operation: "fromJson",
      received: `${data.length} elements for shape ${formatShape(shape)}`,
      expected: `${sizeOf(shape)} elements`,
    });
  }
  const values = allocate(dtype, data.length);
  for (let i = 0; i < data.length; i++) values[i] = readNumber(data[i], i, dtype);
  return fromArray(values as DataOf, shape) as Tensor<Shape, DType>;
}

const texts: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

const limits = { int32: [-(2 ** 31), 2 ** 31 - 1], uint8: [0, 255] } as const;

function readNumber(value: JsonNumber | undefined, position: number, dtype: DType): number {
  const number = typeof value === "number" ? value : texts.get(value);
  const [least, most] = dtype === "int32" || dtype === "uint8" ? limits[dtype] : [undefined, undefined];
  const fits =
    number !== undefined && (least === undefined || (Number.isInteger(number) && number >= least && number <= most));
  if (fits) return number;
  throw new ArgumentError({
    operation: "fromJson",
    received: `${describe(value)} at position ${position} of data in ${dtype}`,
    expected:
      least === undefined ? 'a number, "NaN", "Infinity", "-Infinity" or "-0"' : `an integer from ${least} to ${most}`,
  });
}
