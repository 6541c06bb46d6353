/** What a dataset is to everything that trains on one. No parsing and no I/O. */

import { type FloatDType, formatShape, type Shape, ShapeError, type Tensor } from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import type { BatchOptions } from "./batches.ts";
import type { InputDType } from "./row-arrays.ts";
import {
  checkDataset,
  checkTarget,
  formatTarget,
  isSameTarget,
  type PlainTarget,
  type Target,
  type TargetTensor,
} from "./target.ts";

export type { InputDType } from "./row-arrays.ts";

/**
 * Rows for one step of training. `In` is the shape of one row's input, `T` what a row should give. Valid until the next
 * batch is requested: its arrays may be overwritten then; `copyBatch` keeps it. Not to be written into: its arrays may be
 * those of the dataset.
 */
export interface Batch<In extends Shape = Shape, T extends Target = Target> {
  /** (size, …In). */
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  /** (size) of classes, (size, …shape) of values, (size, K) of flags. */
  readonly targets: TargetTensor<T>;
  /** (size): how much each row counts; absent where each counts 1. They may all be 0 in a batch, though not in a dataset. */
  readonly weights?: Tensor<readonly [number], FloatDType>;
  /** Rows in the batch. */
  readonly size: number;
  /** The numbers of these rows in the dataset: in an array of the batch's own. */
  readonly indices: Uint32Array;
}

/** Inputs of shape `In`, each with a target `T`. */
export interface Dataset<In extends Shape = Shape, T extends Target = Target> {
  readonly name: string;
  /** Rows. At least 1. */
  readonly size: number;
  readonly inputShape: In;
  /** What a row should give: one of `count` classes, values of a shape, or `count` flags. */
  readonly target: T;
  /** `"sha256:…"` of the content: inputs, targets, weights and their order. Computed when first read, unless it was stored. */
  readonly fingerprint: string;
  /**
   * All inputs. The stored array itself where it lies in one piece, else gathered on first use and kept, unless they are
   * more than the memory that the dataset was opened with. Of a mapped dataset, those of epoch 0, kept.
   */
  readonly inputs: Tensor<readonly [number, ...In], InputDType>;
  /** All targets: (size) of classes, (size, …shape) of values, (size, K) of flags. */
  readonly targets: TargetTensor<T>;
  /** All weights, (size): how much each row counts, finite and at least 0; undefined where each counts 1. */
  readonly weights?: Tensor<readonly [number], FloatDType> | undefined;
  /**
   * One epoch, or the rest of one, batch by batch. Options are checked at the call, rows copied as they are requested. A
   * batch is valid until the next is requested: its arrays may be overwritten then. Keep one with `copyBatch`, and all of
   * them with `Array.from(data.batches(options), copyBatch)`.
   */
  batches(options: BatchOptions): Iterable<Batch<In, T>>;
  /** The rows that `indices` names, in that order, sharing this dataset's memory until they are gathered. */
  subset(indices: ArrayLike<number>): Dataset<In, T>;
  /** The first `count` rows. */
  take(count: number): Dataset<In, T>;
}

/**
 * `data` itself, with the shape and target in its type that it was checked to have. Names are not compared.
 * @throws ShapeError when it has others.
 * @example expectDataset(data, { inputShape: [28, 28, 1], target: { kind: "classes", count: 10 } })
 */
export function expectDataset<In extends Shape, const T extends Target>(
  data: Dataset,
  expected: { readonly inputShape: readonly [...In]; readonly target: T },
): Dataset<In, PlainTarget<T>> {
  checkDataset(operation, data);
  checkMembers(operation, "what is expected", expected, ["inputShape", "target"], "{ inputShape, target }");
  const { inputShape, target } = expected;
  checkTarget(operation, target);
  if (formatShape(data.inputShape) === formatShape(inputShape) && isSameTarget(data.target, target)) {
    return data as unknown as Dataset<In, PlainTarget<T>>;
  }
  throw new ShapeError({
    operation,
    received: `${data.name} with inputs of shape ${formatShape(data.inputShape)} and ${formatTarget(data.target)}`,
    expected: `inputs of shape ${formatShape(inputShape)} and ${formatTarget(target)}`,
  });
}

const operation = "expectDataset";
