/** What a dataset is to everything that trains on one, and the way from your own arrays to one. No parsing and no I/O. */

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
import { asTensor, checkMembers, checkOptions, classLabels, formatValue } from "@nn/tensor/arguments";
import type { BatchOptions } from "./batches.ts";
import { Columns, type InputData } from "./columns.ts";
import { StoredDataset } from "./stored-dataset.ts";

/** The dtypes that inputs come in. */
export type InputDType = "float64" | "float32" | "uint8";

/** Rows for one step of training. `In` is the shape of one row's input. */
export interface Batch<In extends Shape = Shape> {
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  readonly labels: Tensor<readonly [number], "uint8">;
  /** Rows in the batch. */
  readonly size: number;
  /** The numbers of these rows in the dataset. */
  readonly indices: Uint32Array;
}

/** Inputs of shape `In`, each with a label 0 … `K` − 1. */
export interface Dataset<In extends Shape = Shape, K extends number = number> {
  readonly name: string;
  /** Rows. At least 1. */
  readonly size: number;
  readonly inputShape: In;
  readonly classCount: K;
  readonly classNames: readonly string[];
  /** `"sha256:…"` of the content: values, labels and their order. Computed when first read, unless it was stored. */
  readonly fingerprint: string;
  /**
   * All inputs. The stored array itself where it lies in one piece, else gathered on first use and kept, unless they are
   * more than the memory that the dataset was opened with. Of a mapped dataset, those of epoch 0, kept.
   */
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  readonly labels: Tensor<readonly [number], "uint8">;
  /** Whether `batches` heeds `reuse`, so that `fit` asks for it. Leave it out where batches are held after the next is asked for. */
  readonly mayReuse?: boolean;
  /** One epoch, or the rest of one, batch by batch. Options are checked at the call, rows copied as they are asked for. */
  batches(options: BatchOptions): Iterable<Batch<In>>;
  /** The rows that `indices` names, in that order, sharing this dataset's memory until they are gathered. */
  subset(indices: ArrayLike<number>): Dataset<In, K>;
  /** The first `count` rows. */
  take(count: number): Dataset<In, K>;
}

/** Inputs as `datasetFromArrays` takes them: a tensor (rows, …inputShape), or nested arrays of numbers, which become float32. */
export type InputArrays = Tensor<readonly [number, ...Shape]> | readonly Nested[];

/** The shape of one row of `Inputs`, as far as the compiler knows it. */
export type RowShape<Inputs extends InputArrays> =
  ShapeOfInputs<Inputs> extends readonly [number, ...infer In extends Shape] ? In : Shape;

type ShapeOfInputs<Inputs extends InputArrays> = Inputs extends Tensor<infer S> ? S : ShapeOfNested<Inputs>;

export interface DatasetArrays<Inputs extends InputArrays, Names extends readonly string[]> {
  readonly name: string;
  /** (rows, …inputShape), float64, float32 or uint8, every value finite. A tensor is shared, not copied. */
  readonly inputs: Inputs;
  /** One integer 0 … K − 1 a row. */
  readonly labels: ArrayLike<number> | Tensor<readonly [number]>;
  /** K names, 1 to 256 of them, all different, in the order of the labels. */
  readonly classNames: Names;
}

/**
 * A dataset of your own arrays.
 * @throws ShapeError when inputs and labels differ in length, there is no row, labels have more than one axis or rows are
 * uneven. @throws DTypeError for int32 inputs.
 * @throws ArgumentError for a label that is no integer 0 … K − 1, an input that is NaN or infinite, two equal class names.
 * @example datasetFromArrays({ name: "xor", inputs: [[0, 0], [0, 1]], labels: [0, 1], classNames: ["no", "yes"] })
 */
export function datasetFromArrays<const Inputs extends InputArrays, const Names extends readonly string[]>(
  arrays: DatasetArrays<Inputs, Names>,
): Dataset<RowShape<Inputs>, Names["length"]> {
  checkOptions(operation, arrays, { name: true, inputs: true, labels: true, classNames: true });
  const { name, classNames } = arrays;
  const inputs = asTensor(operation, "inputs", arrays.inputs);
  const [rows = 0, ...inputShape] = inputs.shape as Shape;
  const labels = classLabels(operation, "labels", arrays.labels);
  checkName(name);
  checkClassNames(classNames);
  if (inputs.dtype === "int32") {
    throw new DTypeError({
      operation,
      received: "int32 inputs",
      expected: "float64, float32 or uint8",
      fix: 'Convert them with cast(inputs, "float32").',
    });
  }
  if (inputs.size === 0 || labels.length !== rows) {
    throw new ShapeError({
      operation,
      received: `inputs of shape ${formatShape(inputs.shape)} and ${labels.length} labels`,
      expected: "at least 1 row of at least 1 value, and one label a row",
    });
  }
  const data = inputs.data as InputData;
  checkFinite(data, sizeOf(inputShape));
  return new StoredDataset<RowShape<Inputs>, Names["length"]>({
    name,
    inputShape: inputShape as Shape as RowShape<Inputs>,
    classNames,
    steps: [],
    columns: Columns.of([{ inputs: data, labels: checkLabels(labels, classNames.length) }], sizeOf(inputShape)),
  });
}

/**
 * `data` itself, with the shape and class count in its type that it was checked to have.
 * @throws ShapeError when it has others.
 * @example expectDataset(data, { inputShape: [28, 28, 1], classCount: 10 }) // Dataset<[28, 28, 1], 10>
 */
export function expectDataset<In extends Shape, K extends number>(
  data: Dataset,
  expected: { readonly inputShape: readonly [...In]; readonly classCount: K },
): Dataset<In, K> {
  checkMembers("expectDataset", "data", data, ["inputShape", "classCount"], "a dataset");
  checkMembers(
    "expectDataset",
    "what is expected",
    expected,
    ["inputShape", "classCount"],
    "{ inputShape, classCount }",
  );
  const { inputShape, classCount } = expected;
  if (formatShape(data.inputShape) === formatShape(inputShape) && data.classCount === classCount) {
    return data as unknown as Dataset<In, K>;
  }
  throw new ShapeError({
    operation: "expectDataset",
    received: `${data.name} with inputs of shape ${formatShape(data.inputShape)} and ${data.classCount} classes`,
    expected: `inputs of shape ${formatShape(inputShape)} and ${classCount} classes`,
  });
}

const operation = "datasetFromArrays";

function checkName(name: unknown): void {
  if (typeof name === "string") return;
  throw new ArgumentError({ operation, received: `name ${formatValue(name)}`, expected: "a string" });
}

function checkClassNames(classNames: readonly string[]): void {
  if (!Array.isArray(classNames)) {
    throw new ArgumentError({
      operation,
      received: `classNames ${formatValue(classNames)}`,
      expected: "an array of 1 to 256 names, one for each label",
    });
  }
  if (classNames.length < 1 || classNames.length > 256) {
    throw new ArgumentError({
      operation,
      received: `${classNames.length} class names`,
      expected: "1 to 256, one for each label",
    });
  }
  const labels = new Map<string, number>();
  for (const [label, name] of (classNames as readonly string[]).entries()) {
    if (typeof name !== "string") {
      throw new ArgumentError({ operation, received: `class name ${formatValue(name)}`, expected: "strings" });
    }
    if (labels.has(name)) {
      throw new ArgumentError({
        operation,
        received: `the class name ${JSON.stringify(name)} for labels ${labels.get(name)} and ${label}`,
        expected: "a name of its own for each label",
      });
    }
    labels.set(name, label);
  }
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

/** The labels as uint8. */
function checkLabels(labels: ArrayLike<number>, classCount: number): Uint8Array {
  const checked = new Uint8Array(labels.length);
  for (let row = 0; row < checked.length; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new ArgumentError({
        operation,
        received: `label ${formatValue(label)} in row ${row}`,
        expected: `integers from 0 to ${classCount - 1}, one for each of ${classCount} class names`,
      });
    }
    checked[row] = label;
  }
  return checked;
}
