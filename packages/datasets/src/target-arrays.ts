/** Targets and weights out of the arrays that `datasetFromArrays` is given, each number checked. */

import {
  ArgumentError,
  type FloatDType,
  formatShape,
  fromArray,
  type Shape,
  ShapeError,
  type Tensor,
} from "@nn/tensor";
import { asTensor, classLabels, formatValue } from "@nn/tensor/arguments";
import { plural } from "./plural.ts";
import { arrays, type TargetData, type WeightData } from "./row-arrays.ts";
import type { Target } from "./target.ts";

export const operation = "datasetFromArrays";

export interface GivenTargets {
  readonly target: Target;
  readonly data: TargetData;
  readonly rows: number;
  /** What was given, for errors: `3 labels`, `values of shape [3, 2]`. */
  readonly given: string;
}

/** One class a row. @throws as `datasetFromArrays`. */
export function classTargets(labels: unknown, classNames: readonly string[] | undefined): GivenTargets {
  const numbers = classLabels(operation, "labels", labels);
  checkNames("class", "label", classNames);
  const count = classNames!.length;
  const data = count > 256 ? new Int32Array(numbers.length) : new Uint8Array(numbers.length);
  for (let row = 0; row < data.length; row++) {
    const label = numbers[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= count) {
      throw new ArgumentError({
        operation,
        received: `label ${formatValue(label)} in row ${row}`,
        expected: `integers from 0 to ${count - 1}, one for each of ${plural(count, "class name")}`,
      });
    }
    data[row] = label;
  }
  const target: Target = { kind: "classes", count, names: classNames! };
  return { target, data, rows: data.length, given: plural(data.length, "label") };
}

/** Numbers a row. `dtype` is that of values in plain arrays. @throws as `datasetFromArrays`. */
export function valueTargets(values: unknown, dtype: FloatDType): GivenTargets {
  const tensor = floatTensor("values", values, dtype);
  const [rows = 0, ...rest] = tensor.shape as Shape;
  const shape = rest.length === 0 ? [1] : rest;
  const given = `values of shape ${formatShape(tensor.shape)}`;
  if (tensor.size === 0 || tensor.shape.length === 0) {
    throw new ShapeError({ operation, received: given, expected: "(rows) or (rows, …shape), at least 1 value a row" });
  }
  const data = tensor.data as WeightData;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const width = data.length / rows;
    throw new ArgumentError({
      operation,
      received: `the target value ${data[at]} in row ${Math.floor(at / width)}, value ${at % width}`,
      expected: `values that are finite numbers in ${tensor.dtype}`,
      fix: "Leave such rows out or fill the gaps before making the dataset.",
    });
  }
  return { target: { kind: "values", shape }, data, rows, given };
}

/** Answers of 0 and 1 a row. @throws as `datasetFromArrays`. */
export function flagTargets(flags: unknown, flagNames: readonly string[] | undefined): GivenTargets {
  const tensor = asTensor(operation, "flags", flags);
  const given = `flags of shape ${formatShape(tensor.shape)}`;
  if (tensor.shape.length !== 2 || tensor.size === 0) {
    const expected = "two axes, (rows, K), with at least 1 flag a row";
    const fix = "For one flag a row nest each: [[0], [1]].";
    throw new ShapeError({ operation, received: given, expected, ...(tensor.shape.length === 1 && { fix }) });
  }
  const [rows, count] = tensor.shape as readonly [number, number];
  const data = new Uint8Array(rows * count);
  for (let i = 0; i < data.length; i++) {
    const flag = tensor.data[i]!;
    if (flag !== 0 && flag !== 1) {
      throw new ArgumentError({
        operation,
        received: `flag ${formatValue(flag)} in row ${Math.floor(i / count)}, flag ${i % count}`,
        expected: "0 for no and 1 for yes",
      });
    }
    data[i] = flag;
  }
  if (flagNames === undefined) return { target: { kind: "flags", count }, data, rows, given };
  checkNames("flag", "flag", flagNames);
  if (flagNames.length !== count) {
    throw new ArgumentError({
      operation,
      received: plural(flagNames.length, "flag name"),
      expected: `${count}, one for each flag`,
    });
  }
  return { target: { kind: "flags", count, names: flagNames }, data, rows, given };
}

/** How much each of `rows` rows counts. `dtype` is that of weights in plain arrays. @throws as `datasetFromArrays`. */
export function rowWeights(weights: unknown, rows: number, dtype: FloatDType): WeightData {
  const tensor = floatTensor("weights", weights, dtype);
  if (tensor.shape.length !== 1 || tensor.size !== rows) {
    throw new ShapeError({
      operation,
      received: `weights of shape ${formatShape(tensor.shape)}`,
      expected: `[${rows}]: one weight a row`,
    });
  }
  const data = tensor.data as WeightData;
  const at = data.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (at >= 0) {
    const received = `weight ${data[at]} in row ${at}`;
    throw new ArgumentError({ operation, received, expected: `finite numbers of at least 0 in ${tensor.dtype}` });
  }
  if (data.every((weight) => weight === 0)) {
    throw new ArgumentError({ operation, received: "weights that are all 0", expected: "at least one above 0" });
  }
  return data;
}

/** `value` as a tensor of floats: shared where it holds them, else converted to `dtype`. */
function floatTensor(name: string, value: unknown, dtype: FloatDType): Tensor<Shape, FloatDType> {
  const isNumbers =
    ArrayBuffer.isView(value) &&
    "length" in value &&
    !(value instanceof BigInt64Array || value instanceof BigUint64Array);
  const numbers = value as unknown as ArrayLike<number>;
  const tensor = isNumbers
    ? fromArray(isFloats(value) ? value : new arrays[dtype](numbers), [numbers.length])
    : asTensor(operation, name, value, dtype);
  if (tensor.dtype === "float64" || tensor.dtype === "float32") return tensor as Tensor<Shape, FloatDType>;
  return fromArray(new arrays[dtype](tensor.data) as Float32Array, tensor.shape as Shape);
}

const isFloats = (value: unknown): value is WeightData =>
  value instanceof Float64Array || value instanceof Float32Array;

/** Throws unless `names` are strings, at least 1 of them, all different. */
function checkNames(of: "class" | "flag", numbered: string, names: unknown): asserts names is readonly string[] {
  if (!Array.isArray(names)) {
    throw new ArgumentError({
      operation,
      received: `${of}Names ${formatValue(names)}`,
      expected: `an array of names, one for each ${numbered}`,
    });
  }
  if (names.length < 1) {
    const received = plural(names.length, `${of} name`);
    throw new ArgumentError({ operation, received, expected: `at least 1, one for each ${numbered}` });
  }
  const numbers = new Map<string, number>();
  for (const [number, name] of names.entries()) {
    if (typeof name !== "string") {
      throw new ArgumentError({ operation, received: `${of} name ${formatValue(name)}`, expected: "strings" });
    }
    if (numbers.has(name)) {
      throw new ArgumentError({
        operation,
        received: `the ${of} name ${JSON.stringify(name)} for ${numbered}s ${numbers.get(name)} and ${number}`,
        expected: `a name of its own for each ${numbered}`,
      });
    }
    numbers.set(name, number);
  }
}
