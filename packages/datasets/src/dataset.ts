/** What a dataset is to everything that trains on one, and the way from your own arrays to one. No parsing and no I/O. */

import { ArgumentError, DTypeError, formatShape, type Shape, ShapeError, sizeOf, type Tensor } from "@nn/tensor";
import type { BatchOptions } from "./batches.ts";
import { Columns, type InputData } from "./columns.ts";
import { plural } from "./plural.ts";
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

export interface DatasetArrays<In extends Shape, Names extends readonly string[]> {
  readonly name: string;
  /** (rows, …inputShape), float64, float32 or uint8, every value finite. Shared, not copied. */
  readonly inputs: Tensor<readonly [number, ...In]>;
  /** One integer 0 … K − 1 a row. */
  readonly labels: ArrayLike<number> | Tensor<readonly [number]>;
  /** K names, 1 to 256 of them, in the order of the labels. */
  readonly classNames: Names;
}

/**
 * A dataset of your own arrays.
 * @throws ShapeError when inputs and labels differ in length or there is no row. @throws DTypeError for int32 inputs.
 * @throws ArgumentError for a label that is no integer 0 … K − 1 or an input that is NaN or infinite.
 * @example datasetFromArrays({ name: "xor", inputs: tensor([[0, 0], [0, 1]]), labels: [0, 1], classNames: ["no", "yes"] })
 */
export function datasetFromArrays<In extends Shape, const Names extends readonly string[]>(
  arrays: DatasetArrays<In, Names>,
): Dataset<In, Names["length"]> {
  const { name, inputs, classNames } = arrays;
  const [rows = 0, ...inputShape] = inputs.shape as Shape;
  const labels = "shape" in arrays.labels ? arrays.labels.data : arrays.labels;
  checkNames(classNames);
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
      received: `inputs of shape ${formatShape(inputs.shape)} and ${plural(labels.length, "label")}`,
      expected: "at least 1 row of at least 1 value, and one label a row",
    });
  }
  const data = inputs.data as InputData;
  checkFinite(data, sizeOf(inputShape));
  return new StoredDataset<In, Names["length"]>({
    name,
    inputShape: inputShape as Shape as In,
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
  const { inputShape, classCount } = expected;
  if (formatShape(data.inputShape) === formatShape(inputShape) && data.classCount === classCount) {
    return data as unknown as Dataset<In, K>;
  }
  throw new ShapeError({
    operation: "expectDataset",
    received: `${data.name} with inputs of shape ${formatShape(data.inputShape)} and ${plural(data.classCount, "class")}`,
    expected: `inputs of shape ${formatShape(inputShape)} and ${plural(classCount, "class")}`,
  });
}

const operation = "datasetFromArrays";

function checkNames(classNames: readonly string[]): void {
  if (classNames.length >= 1 && classNames.length <= 256) return;
  throw new ArgumentError({
    operation,
    received: plural(classNames.length, "class name"),
    expected: "1 to 256, one for each label",
  });
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
        received: `label ${String(label)} in row ${row}`,
        expected: `integers from 0 to ${classCount - 1}, one for each of ${plural(classCount, "class name")}`,
      });
    }
    checked[row] = label;
  }
  return checked;
}
