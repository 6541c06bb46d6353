/** Splitting a dataset in two, as scikit-learn's `train_test_split` does. */

import { ArgumentError, RandomState, type Shape } from "@nn/tensor";
import { checkBoolean, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import type { Dataset } from "./dataset.ts";
import { checkDataset, type Target } from "./target.ts";

export interface SplitOptions {
  /** A fraction between 0 and 1, of which ⌈size · testSize⌉ rows are taken, or a number of rows; default 0.25. */
  readonly testSize?: number;
  /** Seed of the permutation, 0 … 2³² − 1; default 0. */
  readonly seed?: number;
  /** Whether rows are drawn at random (default) or the last ones are the test part. */
  readonly shuffle?: boolean;
}

/**
 * Two parts of `data` that share its rows without copying them: the very rows, in the very order, that scikit-learn's
 * `train_test_split(…, test_size, random_state=seed, shuffle)` gives. With p the permutation of the seed and t the
 * number of test rows, test = p[0 … t − 1] and train = p[t … n − 1].
 * @throws ArgumentError when `testSize` or `seed` is out of range, or a part would be empty.
 * @example const { train, test } = trainTestSplit(makeMoons({ samples: 200 }), { testSize: 0.2, seed: 42 });
 */
export function trainTestSplit<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  options: SplitOptions = {},
): { train: Dataset<In, T>; test: Dataset<In, T> } {
  checkDataset("trainTestSplit", data);
  checkOptions("trainTestSplit", options, { testSize: true, seed: true, shuffle: true });
  const { testSize = 0.25, seed = 0, shuffle = true } = options;
  checkSeed("trainTestSplit", seed);
  checkBoolean("trainTestSplit", "shuffle", shuffle);
  const { size } = data;
  const testRows = countTestRows(testSize, size);
  if (!shuffle) {
    return { train: data.subset(range(0, size - testRows)), test: data.subset(range(size - testRows, size)) };
  }
  const order = range(0, size);
  new RandomState(seed).shuffle(order);
  return { train: data.subset(order.subarray(testRows)), test: data.subset(order.subarray(0, testRows)) };
}

function countTestRows(testSize: number, size: number): number {
  const isFraction = typeof testSize === "number" && testSize > 0 && testSize < 1;
  const isCount = Number.isInteger(testSize) && testSize >= 1 && testSize < size;
  const rows = isFraction ? Math.ceil(testSize * size) : testSize;
  if ((isFraction || isCount) && rows < size) return rows;
  throw new ArgumentError({
    operation: "trainTestSplit",
    received: `testSize ${formatValue(testSize)} for ${size} ${size === 1 ? "row" : "rows"}`,
    expected: "a fraction between 0 and 1 or a number of rows, leaving at least 1 row to each part",
  });
}

function range(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}
