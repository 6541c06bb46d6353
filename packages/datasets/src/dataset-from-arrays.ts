/** The way from your own arrays to a dataset: inputs, one kind of targets, and weights. */

import {
  ArgumentError,
  DTypeError,
  formatShape,
  type Nested,
  type Shape,
  ShapeError,
  type ShapeOfNested,
  sizeOf,
  type Tensor,
} from "@nn/tensor";
import { asTensor, checkOptions, formatValue } from "@nn/tensor/arguments";
import { Columns } from "./columns.ts";
import type { Dataset } from "./dataset.ts";
import type { InputData } from "./row-arrays.ts";
import { StoredDataset } from "./stored-dataset.ts";
import { type ClassesTarget, type FlagsTarget, type Target, targetWidth, type ValuesTarget } from "./target.ts";
import { classTargets, flagTargets, type GivenTargets, operation, rowWeights, valueTargets } from "./target-arrays.ts";

/** Inputs as `datasetFromArrays` takes them: a tensor (rows, …inputShape), or nested arrays of numbers, which become float32. */
export type InputArrays = Tensor<readonly [number, ...Shape]> | readonly Nested[];

/** One number a row. */
export type NumberArrays = ArrayLike<number> | Tensor<readonly [number]>;

/** The shape of one row of `Inputs`, as far as the compiler knows it. */
export type RowShape<Inputs extends InputArrays> =
  ShapeOfInputs<Inputs> extends readonly [number, ...infer In extends Shape] ? In : Shape;

type ShapeOfInputs<Inputs extends InputArrays> = Inputs extends Tensor<infer S> ? S : ShapeOfNested<Inputs>;

/** The shape of one row of values: [1] where there is one number a row. */
type ValueShape<Values extends InputArrays | ArrayLike<number>> = Values extends InputArrays
  ? RowShape<Values> extends readonly []
    ? [1]
    : RowShape<Values>
  : [1];

type FlagCount<Flags extends InputArrays> = RowShape<Flags> extends readonly [infer K extends number] ? K : number;

/** What every dataset of your own arrays has. */
export interface RowArrays<Inputs extends InputArrays> {
  readonly name: string;
  /** (rows, …inputShape), float64, float32 or uint8, every value finite. A tensor is shared, not copied. */
  readonly inputs: Inputs;
  /**
   * How much each row counts, (rows): finite, at least 0, not all 0; default 1 each. Float tensors and arrays are shared,
   * others become the dtype of float inputs, else float32.
   */
  readonly weights?: NumberArrays;
}

/** Rows that are each of one class. */
export interface ClassArrays<Inputs extends InputArrays, Names extends readonly string[]> extends RowArrays<Inputs> {
  /** One integer 0 … K − 1 a row. */
  readonly labels: NumberArrays;
  /** K names, at least 1, all different, in the order of the labels. Labels are kept in uint8, above 256 names in int32. */
  readonly classNames: Names;
  readonly values?: never;
  readonly flags?: never;
}

/** Rows that each give numbers. */
export interface ValueArrays<Inputs extends InputArrays, Values extends InputArrays | ArrayLike<number>>
  extends RowArrays<Inputs> {
  /**
   * (rows), which are values of shape [1], or (rows, …shape); every one finite. Float tensors and arrays are shared, others
   * become the dtype of float inputs, else float32.
   */
  readonly values: Values;
  readonly labels?: never;
  readonly flags?: never;
}

/** Rows that each give K answers, yes or no. */
export interface FlagArrays<Inputs extends InputArrays, Flags extends InputArrays> extends RowArrays<Inputs> {
  /** (rows, K) of 0 and 1. */
  readonly flags: Flags;
  /** K names, all different, in the order of the last axis. */
  readonly flagNames?: readonly string[];
  readonly labels?: never;
  readonly values?: never;
}

/**
 * A dataset of your own arrays, with exactly one of `labels`, `values` and `flags` as its targets.
 * @throws ShapeError when inputs, targets and weights differ in rows, there is no row, labels or weights have more than one
 * axis, flags have other than two, or rows are uneven. @throws DTypeError for int32 inputs.
 * @throws ArgumentError for none or several kinds of targets, a label that is no integer 0 … K − 1, a flag that is not 0 or
 * 1, an input or value that is NaN or infinite, a weight that is below 0 or not finite, weights that are all 0, and names
 * that are equal or not as many.
 * @example datasetFromArrays({ name: "xor", inputs: [[0, 0], [0, 1]], labels: [0, 1], classNames: ["no", "yes"] })
 * @example datasetFromArrays({ name: "line", inputs: [[0], [1], [2]], values: [1, 3, 5] }).targets.shape // [3, 1]
 */
export function datasetFromArrays<const Inputs extends InputArrays, const Names extends readonly string[]>(
  arrays: ClassArrays<Inputs, Names>,
): Dataset<RowShape<Inputs>, ClassesTarget<Names["length"]>>;
export function datasetFromArrays<
  const Inputs extends InputArrays,
  const Values extends InputArrays | ArrayLike<number>,
>(arrays: ValueArrays<Inputs, Values>): Dataset<RowShape<Inputs>, ValuesTarget<ValueShape<Values>>>;
export function datasetFromArrays<const Inputs extends InputArrays, const Flags extends InputArrays>(
  arrays: FlagArrays<Inputs, Flags>,
): Dataset<RowShape<Inputs>, FlagsTarget<FlagCount<Flags>>>;
export function datasetFromArrays(arrays: AnyArrays): Dataset {
  checkOptions(operation, arrays, optionNames);
  const { name } = arrays;
  const inputs = asTensor(operation, "inputs", arrays.inputs);
  const [rows = 0, ...inputShape] = inputs.shape as Shape;
  if (typeof name !== "string") {
    throw new ArgumentError({ operation, received: `name ${formatValue(name)}`, expected: "a string" });
  }
  if (inputs.dtype === "int32") {
    throw new DTypeError({
      operation,
      received: "int32 inputs",
      expected: "float64, float32 or uint8",
      fix: 'Convert them with cast(inputs, "float32").',
    });
  }
  // Numbers without a dtype of their own take that of the inputs.
  const dtype = inputs.dtype === "float64" ? "float64" : "float32";
  const { target, data: targets, rows: targetRows, given } = targetsOf(arrays, dtype);
  if (inputs.size === 0 || targetRows !== rows) {
    throw new ShapeError({
      operation,
      received: `inputs of shape ${formatShape(inputs.shape)} and ${given}`,
      expected: "at least 1 row of at least 1 value, and one target a row",
    });
  }
  const data = inputs.data as InputData;
  checkFinite(data, sizeOf(inputShape));
  const weights = arrays.weights === undefined ? {} : { weights: rowWeights(arrays.weights, rows, dtype) };
  return new StoredDataset<Shape, Target>({
    name,
    inputShape,
    target,
    steps: [],
    columns: Columns.of([{ inputs: data, targets, ...weights }], sizeOf(inputShape), targetWidth(target)),
  });
}

interface AnyArrays extends RowArrays<InputArrays> {
  readonly labels?: NumberArrays;
  readonly classNames?: readonly string[];
  readonly values?: InputArrays | ArrayLike<number>;
  readonly flags?: InputArrays;
  readonly flagNames?: readonly string[];
}

const optionNames = {
  name: true,
  inputs: true,
  weights: true,
  labels: true,
  classNames: true,
  values: true,
  flags: true,
  flagNames: true,
} as const;

/** The targets that were given, of whichever kind. */
function targetsOf(arrays: AnyArrays, dtype: "float64" | "float32"): GivenTargets {
  const { labels, classNames, values, flags, flagNames } = arrays;
  const kinds = Object.entries({ labels, values, flags }).filter(([, given]) => given !== undefined);
  const [kind] = kinds[0] ?? [];
  const expected = "exactly one of labels (with classNames), values and flags";
  if (kind === undefined || kinds.length > 1) {
    // With names, it is clear which array is missing.
    const missing = classNames !== undefined ? "labels undefined" : "no targets";
    const received = kind === undefined ? missing : `both ${kinds.map(([name]) => name).join(" and ")}`;
    throw new ArgumentError({ operation, received, expected });
  }
  for (const [names, given, of] of [
    ["classNames", classNames, "labels"],
    ["flagNames", flagNames, "flags"],
  ] as const) {
    if (given === undefined || kind === of) continue;
    throw new ArgumentError({ operation, received: `${names} with ${kind}`, expected: `${names} with ${of} alone` });
  }
  if (kind === "labels") return classTargets(labels, classNames);
  return kind === "values" ? valueTargets(values, dtype) : flagTargets(flags, flagNames);
}

function checkFinite(data: InputData, width: number): void {
  if (data instanceof Uint8Array) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new ArgumentError({
    operation,
    received: `${data[at]} in row ${Math.floor(at / width)}, value ${at % width}`,
    expected: "inputs that are finite numbers",
    fix: "Leave such rows out or fill the gaps before making the dataset.",
  });
}
