/** A small dataset for this package's tests: what `fit` needs of one and no more. */

import { type ClassesTarget, classes } from "@nn/model";
import { type DType, fromArray, RandomState, type Shape, type Tensor } from "@nn/tensor";
import type { BatchOrder, TrainingBatch, TrainingData } from "./fit/data.ts";

/** Data whose batches are there at once. */
interface TestData<In extends Shape, K extends number> extends TrainingData<In, ClassesTarget<K>> {
  batches(order: BatchOrder): Iterable<TrainingBatch<In, ClassesTarget<K>>>;
}

/** `rows` of `values` (rows, …inputShape), each with its label. */
export function testData<const In extends Shape, K extends number>(
  inputShape: In,
  classCount: K,
  values: Float64Array | Uint8Array,
  labels: readonly number[],
): TestData<In, K> {
  const width = values.length / labels.length;
  const gather = (rows: readonly number[]): TrainingBatch<In, ClassesTarget<K>> => {
    const inputs = new (values.constructor as Float64ArrayConstructor)(rows.length * width);
    rows.forEach((row, i) => {
      inputs.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return {
      inputs: fromArray(inputs, [rows.length, ...inputShape]) as unknown as Tensor<readonly [number, ...In], DType>,
      targets: fromArray(
        Uint8Array.from(rows, (row) => labels[row]!),
        [rows.length],
      ),
      size: rows.length,
    } as unknown as TrainingBatch<In, ClassesTarget<K>>;
  };
  return {
    size: labels.length,
    inputShape,
    target: classes(classCount) as ClassesTarget<K>,
    *batches({ batchSize, shuffle = false, seed = 0, epoch = 0, from = 0 }) {
      const order = Uint32Array.from(labels, (_, row) => row);
      if (shuffle) new RandomState((seed + 1000 * epoch) % 2 ** 32).shuffle(order);
      for (let at = from * batchSize; at < order.length; at += batchSize)
        yield gather([...order.subarray(at, at + batchSize)]);
    },
  };
}

/** Two noisy half circles, about equally many points on each. */
export function halfCircles(rows: number, seed: number = 0): TestData<[2], 2> {
  const random = new RandomState(seed);
  const angles = random.uniform({ low: 0, high: Math.PI, size: rows }).data;
  const noise = random.normal({ scale: 0.1, size: 2 * rows }).data;
  const values = new Float64Array(2 * rows);
  const labels = Array.from({ length: rows }, (_, row) => row % 2);
  labels.forEach((label, row) => {
    const [x, y] = [Math.cos(angles[row]!), Math.sin(angles[row]!)];
    values[2 * row] = (label === 0 ? x : 1 - x) + noise[2 * row]!;
    values[2 * row + 1] = (label === 0 ? y : 0.5 - y) + noise[2 * row + 1]!;
  });
  return testData([2], 2, values, labels);
}
