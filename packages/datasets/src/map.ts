/** A dataset whose inputs are made from another's, row by row, as batches are asked for. */

import { ArgumentError, type FloatDType, type Shape, ShapeError, sizeOf, type Tensor } from "@nn/tensor";
import { checkChoice, checkOptions, formatValue } from "@nn/tensor/arguments";
import type { AugmentOptions } from "./augment.ts";
import type { BatchOptions } from "./batches.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { sha256Text } from "./fingerprint.ts";
import { dtypeOf, type InputData, type InputDType, inputArrays, type Rows } from "./row-arrays.ts";
import { inputTensor } from "./row-tensors.ts";
import { StoredDataset } from "./stored-dataset.ts";
import { checkDataset, type Target, type TargetTensor } from "./target.ts";

/** Where in the data a row stands. */
export interface RowContext {
  /** Number of the row in the dataset that is mapped. */
  readonly index: number;
  /** Epoch of the batch; 0 for `inputs`. */
  readonly epoch: number;
}

export interface MapOptions<Out extends Shape> {
  /** Shape of what `map` returns; default: that of the inputs. */
  readonly inputShape?: readonly [...Out];
  /** Dtype of what `map` returns; default: that of the inputs. */
  readonly dtype?: InputDType;
  /** What was done, as `name@version(params)`: part of the fingerprint. */
  readonly step: string;
}

/** Writes the new values of one row into `out`; `input` must not be changed. */
export type RowMap = (input: InputData, out: InputData, context: RowContext) => void;

/**
 * `data` with every input replaced. Targets, weights, order and batches stay what they are. `map` must be a function of its arguments
 * alone, so that an epoch can be resumed.
 * @throws ArgumentError when `step` is empty.
 * @example mapDataset(data, (input, out) => input.forEach((v, i) => { out[i] = 255 - v; }), { step: "invert@1()" })
 */
export function mapDataset<In extends Shape, T extends Target, Out extends Shape = In>(
  data: Dataset<In, T>,
  map: RowMap,
  options: MapOptions<Out>,
): Dataset<Out, T> {
  checkDataset("mapDataset", data);
  checkOptions("mapDataset", options, { inputShape: true, dtype: true, step: true });
  const expected = 'what was done, such as "invert@1()"';
  if (typeof map !== "function") {
    const received = `map ${formatValue(map)}`;
    throw new ArgumentError({ operation: "mapDataset", received, expected: "a function (input, out) that fills out" });
  }
  if (typeof options.step !== "string" || options.step === "") {
    const received = options.step === "" ? "an empty step" : `step ${formatValue(options.step)}`;
    throw new ArgumentError({ operation: "mapDataset", received, expected });
  }
  if (options.dtype !== undefined) checkChoice("mapDataset", "dtype", options.dtype, Object.keys(inputArrays));
  const inputShape = (options.inputShape ?? data.inputShape) as Shape as Out;
  if (sizeOf(inputShape) === 0) {
    const received = `the shape [${inputShape.join(", ")}]`;
    throw new ShapeError({ operation: "mapDataset", received, expected: "at least 1 value a row" });
  }
  return new MappedDataset<Out, T>(data as unknown as Dataset<Shape, T>, map, { ...options, inputShape });
}

type MappedOptions<Out extends Shape> = Omit<MapOptions<Out>, "inputShape"> & {
  readonly inputShape: Out;
  /** What `map` does, where it is what `augment` does with these options: a function cannot be sent to another thread. */
  readonly augment?: AugmentOptions;
};

/** For the package itself: users call `mapDataset`. */
export class MappedDataset<Out extends Shape, T extends Target> implements Dataset<Out, T> {
  readonly name: string;
  readonly size: number;
  readonly inputShape: Out;
  readonly target: T;
  readonly base: Dataset<Shape, T>;
  readonly #map: RowMap;
  readonly options: MappedOptions<Out>;
  #inputs: Tensor<readonly [number, ...Out], InputDType> | undefined;

  constructor(base: Dataset<Shape, T>, map: RowMap, options: MappedOptions<Out>) {
    this.base = base;
    this.#map = map;
    this.options = options;
    this.name = base.name;
    this.size = base.size;
    this.inputShape = options.inputShape;
    this.target = base.target;
  }

  get fingerprint(): string {
    return sha256Text(`${this.base.fingerprint}\n${this.options.step}\n`);
  }

  get inputs(): Tensor<readonly [number, ...Out], InputDType> {
    if (this.#inputs === undefined) {
      const indices = Uint32Array.from({ length: this.size }, (_, i) => i);
      this.#inputs = inputTensor(this.#mapped(this.base.inputs.data as InputData, indices, 0), this.inputShape);
    }
    return this.#inputs;
  }

  get targets(): TargetTensor<T> {
    return this.base.targets;
  }

  get weights(): Tensor<readonly [number], FloatDType> | undefined {
    return this.base.weights;
  }

  batches(options: BatchOptions): Iterable<Batch<Out, T>> {
    const { epoch = 0 } = options;
    const batches = this.base.batches(options);
    const mapped = (batch: Batch, before: InputData | undefined): InputData =>
      this.#mapped(batch.inputs.data as InputData, batch.indices, epoch, before);
    const { inputShape } = this;
    return {
      *[Symbol.iterator]() {
        let before: InputData | undefined;
        for (const batch of batches) {
          before = mapped(batch, before);
          yield { ...batch, inputs: inputTensor(before, inputShape) };
        }
      },
    };
  }

  subset(indices: ArrayLike<number>): Dataset<Out, T> {
    return new MappedDataset<Out, T>(this.base.subset(indices), this.#map, this.options);
  }

  take(count: number): Dataset<Out, T> {
    return new MappedDataset<Out, T>(this.base.take(count), this.#map, this.options);
  }

  /** For `JoinedColumns`, which knows that the base is of this package: the rows with these numbers, in an epoch. */
  gather(rows: Uint32Array, epoch: number): Rows {
    const base = this.base as StoredDataset<Shape, T> | MappedDataset<Shape, T>;
    const own = base.gather(rows, epoch);
    return { ...own, inputs: this.#mapped(own.inputs, rows, epoch) };
  }

  #mapped(data: InputData, indices: Uint32Array, epoch: number, room?: InputData): InputData {
    const { inputShape, dtype = dtypeOf(data) } = this.options;
    const [width, outWidth] = [sizeOf(this.base.inputShape), sizeOf(inputShape)];
    const length = indices.length * outWidth;
    // Zeros in any case: what `map` leaves out must not depend on the batch before.
    const out = room?.length === length ? room.fill(0) : (new inputArrays[dtype](length) as InputData);
    indices.forEach((index, i) => {
      const row = out.subarray(i * outWidth, (i + 1) * outWidth);
      this.#map(data.subarray(i * width, (i + 1) * width), row, { index, epoch });
    });
    return out;
  }
}

/** The dtype of the inputs. One row is read for it, and only of a dataset that is not of this package. */
export function inputDType(data: Dataset): InputDType {
  if (data instanceof MappedDataset) return data.options.dtype ?? inputDType(data.base as Dataset);
  if (data instanceof StoredDataset) return data.fields.columns.dtype;
  const [batch] = data.batches({ batchSize: 1, to: 1 });
  return batch!.inputs.dtype;
}
