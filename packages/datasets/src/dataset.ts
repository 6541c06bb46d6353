/**
 * What a dataset is to everything that trains on one, and the implementation behind every dataset here: columns in memory
 * and, for a part of another dataset, the rows it names. No parsing and no I/O.
 */

import {
  ArgumentError,
  DTypeError,
  formatShape,
  fromArray,
  type Shape,
  ShapeError,
  sizeOf,
  type Tensor,
} from "@nn/tensor";
import { type BatchOptions, planBatches } from "./batches.ts";
import { Columns, type InputData, type Rows } from "./columns.ts";
import { Fingerprint, type Hash } from "./fingerprint.ts";

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
  /** All inputs. The stored array itself where it lies in one piece, else gathered on first use and kept. */
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  readonly labels: Tensor<readonly [number], "uint8">;
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
      received: `inputs of shape ${formatShape(inputs.shape)} and ${labels.length} labels`,
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
    received: `${data.name} with inputs of shape ${formatShape(data.inputShape)} and ${data.classCount} classes`,
    expected: `inputs of shape ${formatShape(inputShape)} and ${classCount} classes`,
  });
}

interface StoredFields<In extends Shape> {
  readonly name: string;
  readonly inputShape: In;
  readonly classNames: readonly string[];
  /** The pipeline's steps: part of the fingerprint. */
  readonly steps: readonly string[];
  readonly columns: Columns;
  /** Rows of `columns`, in this order; all of them when absent. */
  readonly indices?: Uint32Array;
  /** Where it is already known. */
  readonly fingerprint?: string;
  /** A faster SHA-256 than the one in JavaScript, where there is one. */
  readonly createHash?: () => Hash;
}

/** For the package itself: values and labels were checked by whoever made the columns. */
export class StoredDataset<In extends Shape, K extends number> implements Dataset<In, K> {
  readonly name: string;
  readonly size: number;
  readonly inputShape: In;
  readonly classCount: K;
  readonly classNames: readonly string[];
  readonly #fields: StoredFields<In>;
  #fingerprint: string | undefined;
  #gathered: Rows | undefined;
  #labels: Uint8Array | undefined;

  constructor(fields: StoredFields<In>) {
    this.#fields = fields;
    this.#fingerprint = fields.fingerprint;
    this.name = fields.name;
    this.size = fields.indices?.length ?? fields.columns.rows;
    this.inputShape = fields.inputShape;
    this.classNames = fields.classNames;
    this.classCount = fields.classNames.length as K;
  }

  get inputs(): Tensor<readonly [number, ...In], InputDType> {
    return this.#tensor(this.#whole().inputs);
  }

  get labels(): Tensor<readonly [number], "uint8"> {
    const { columns, indices } = this.#fields;
    const labels = columns.labels();
    this.#labels ??= indices === undefined ? labels : Uint8Array.from(indices, (row) => labels[row]!);
    return fromArray(this.#labels, [this.size]);
  }

  get fingerprint(): string {
    if (this.#fingerprint === undefined) {
      const { inputShape, steps, createHash, columns } = this.#fields;
      const fingerprint = new Fingerprint({ dtype: columns.dtype, inputShape, steps }, createHash);
      for (let row = 0; row < this.size; row += rowsAtATime) {
        const { inputs, labels } = this.#rows(row, Math.min(this.size, row + rowsAtATime), undefined);
        fingerprint.update(inputs, labels);
      }
      this.#fingerprint = fingerprint.finish();
    }
    return this.#fingerprint;
  }

  batches(options: BatchOptions): Iterable<Batch<In>> {
    const { batchSize, first, count, order } = planBatches(this.size, this.#withWindow(options), () => this.#starts());
    const batch = (index: number): Batch<In> => {
      const start = index * batchSize;
      const end = Math.min(this.size, start + batchSize);
      const { inputs, labels } = this.#rows(start, end, order);
      const indices = order?.subarray(start, end) ?? Uint32Array.from({ length: end - start }, (_, i) => start + i);
      return { inputs: this.#tensor(inputs), labels: fromArray(labels, [end - start]), size: end - start, indices };
    };
    return {
      *[Symbol.iterator]() {
        for (let index = first; index < count; index++) yield batch(index);
      },
    };
  }

  subset(indices: ArrayLike<number>): Dataset<In, K> {
    const base = this.#fields.indices;
    const { size } = this;
    if (indices.length === 0) throw emptySubset();
    const chosen = new Uint32Array(indices.length);
    for (let i = 0; i < chosen.length; i++) {
      const index = indices[i]!;
      if (!Number.isInteger(index) || index < 0 || index >= size) throw outside(index, i, size);
      chosen[i] = base === undefined ? index : base[index]!;
    }
    const { fingerprint: _, ...fields } = this.#fields;
    return new StoredDataset<In, K>({ ...fields, indices: chosen });
  }

  take(count: number): Dataset<In, K> {
    if (!Number.isInteger(count) || count < 1 || count > this.size) {
      throw new ArgumentError({
        operation: "take",
        received: `count ${String(count)}`,
        expected: `an integer from 1 to ${this.size}, the number of rows`,
      });
    }
    return this.subset(Uint32Array.from({ length: count }, (_, i) => i));
  }

  /** A window that fits into the memory that the columns may take, beside one more chunk. */
  #withWindow(options: BatchOptions): BatchOptions {
    const { columns } = this.#fields;
    const bytes = columns.width * { float64: 8, float32: 4, uint8: 1 }[columns.dtype];
    if (options.window !== undefined || columns.memory >= columns.rows * bytes) return options;
    return { ...options, window: Math.max(1, Math.floor(columns.memory / bytes / 2)) };
  }

  /** Where rows of another chunk begin, in this dataset's own order. */
  #starts(): Uint32Array {
    const { columns, indices } = this.#fields;
    if (indices === undefined) return columns.starts;
    const { starts } = columns;
    const own: number[] = [];
    let [from, to] = [0, 0];
    indices.forEach((row, position) => {
      if (position > 0 && row >= from && row < to) return;
      own.push(position);
      const chunk = starts.findLastIndex((start) => start <= row);
      [from, to] = [starts[chunk]!, starts[chunk + 1] ?? columns.rows];
    });
    return Uint32Array.from(own);
  }

  #whole(): Rows {
    const { columns, indices } = this.#fields;
    if (indices === undefined) return columns.whole();
    this.#gathered ??= columns.gather(indices);
    return this.#gathered;
  }

  /** Rows `start` … `end` − 1 in `order`, which is the dataset's own when undefined. */
  #rows(start: number, end: number, order: Uint32Array | undefined): Rows {
    const { columns, indices } = this.#fields;
    const chosen = order?.subarray(start, end);
    if (indices === undefined) return chosen === undefined ? columns.range(start, end) : columns.gather(chosen);
    return columns.gather(chosen === undefined ? indices.subarray(start, end) : chosen.map((row) => indices[row]!));
  }

  #tensor(data: InputData): Tensor<readonly [number, ...In], InputDType> {
    const shape = [data.length / this.#fields.columns.width, ...this.inputShape] as const;
    return fromArray(data as Uint8Array, shape) as unknown as Tensor<readonly [number, ...In], InputDType>;
  }
}

/** Rows that are copied at a time where all are looked at once. */
const rowsAtATime = 4096;

const operation = "datasetFromArrays";

function checkNames(classNames: readonly string[]): void {
  if (classNames.length >= 1 && classNames.length <= 256) return;
  throw new ArgumentError({
    operation,
    received: `${classNames.length} class names`,
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
        expected: `integers from 0 to ${classCount - 1}, one for each of ${classCount} class names`,
      });
    }
    checked[row] = label;
  }
  return checked;
}

function emptySubset(): ArgumentError {
  return new ArgumentError({ operation: "subset", received: "no index", expected: "at least 1: no dataset is empty" });
}

function outside(index: number, position: number, size: number): ArgumentError {
  return new ArgumentError({
    operation: "subset",
    received: `index ${String(index)} at position ${position}`,
    expected: `integers from 0 to ${size - 1}`,
  });
}
