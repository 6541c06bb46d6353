/** Small datasets for this package's tests: what `fit` needs of one and no more. */

import { type ClassesTarget, classes, type Target, targetShape } from "@nn/model";
import { type DataOf, fromArray, RandomState, type Shape, sizeOf, type Tensor } from "@nn/tensor";
import type { BatchOrder, TrainingBatch, TrainingData } from "./fit/data.ts";

/** Data whose batches are there at once. */
interface TestData<In extends Shape, T extends Target> extends TrainingData<In, T> {
  batches(order: BatchOrder): Iterable<TrainingBatch<In, T>>;
}

/** `inputs` (rows, …inputShape) with their `targets`, and a weight each where there are any. */
export function dataOf<const In extends Shape, T extends Target>(given: {
  readonly inputShape: In;
  readonly target: T;
  readonly inputs: Float64Array | Uint8Array;
  readonly targets: DataOf;
  readonly weights?: readonly number[];
}): TestData<In, T> {
  const { inputShape, target, inputs, targets, weights } = given;
  const size = inputs.length / sizeOf(inputShape);
  const gather = (data: DataOf, shape: Shape, rows: readonly number[]): Tensor => {
    const width = sizeOf(shape);
    const taken = new (data.constructor as Float64ArrayConstructor)(rows.length * width);
    rows.forEach((row, i) => {
      taken.set(data.subarray(row * width, (row + 1) * width), i * width);
    });
    return fromArray(taken, [rows.length, ...shape]) as Tensor;
  };
  return {
    size,
    inputShape,
    target,
    *batches({ batchSize, shuffle = false, seed = 0, epoch = 0, from = 0 }) {
      const order = Uint32Array.from({ length: size }, (_, row) => row);
      if (shuffle) new RandomState((seed + 1000 * epoch) % 2 ** 32).shuffle(order);
      for (let at = from * batchSize; at < size; at += batchSize) {
        const rows = [...order.subarray(at, at + batchSize)];
        yield {
          inputs: gather(inputs, inputShape, rows),
          targets: gather(targets, targetShape(target), rows),
          ...(weights && { weights: gather(Float64Array.from(weights), [], rows) }),
          size: rows.length,
        } as unknown as TrainingBatch<In, T>;
      }
    },
  };
}

/** `rows` of `values` (rows, …inputShape), each with its label. */
export function testData<const In extends Shape, K extends number>(
  inputShape: In,
  classCount: K,
  values: Float64Array | Uint8Array,
  labels: readonly number[],
): TestData<In, ClassesTarget<K>> {
  const target = classes(classCount) as ClassesTarget<K>;
  return dataOf({ inputShape, target, inputs: values, targets: Uint8Array.from(labels) });
}

/** Two noisy half circles, about equally many points on each. */
export function halfCircles(rows: number, seed: number = 0): TestData<[2], ClassesTarget<2>> {
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
