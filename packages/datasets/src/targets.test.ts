/** Every kind of target, with weights and without, through everything that gives rows. */

import { ArgumentError, DTypeError, reshape, type Shape, tensor } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import { augment } from "./augment.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { describe as card } from "./describe.ts";
import { mapDataset } from "./map.ts";
import { makeMoons } from "./moons.ts";
import { prefetchWith } from "./prefetch/prefetch.ts";
import type { StartWorker } from "./prefetch/protocol.ts";
import { serveBatches } from "./prefetch/serve.ts";
import { datasetSource } from "./prepare/sources/dataset.ts";
import { trainTestSplit } from "./split.ts";
import { concatDatasets, kFold, stratifiedSplit } from "./splits.ts";
import type { Target } from "./target.ts";

const size = 23;
const rows = Array.from({ length: size }, (_, row) => row);

/** Any value, past the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const wrong = (value: unknown): any => value;

/** Row i has the input (i, −i), a target and a weight that tell i. */
const inputs = rows.map((row) => [row, -row]);
const weightOf = (row: number) => (row % 5) / 4;
const targetOf = {
  classes: (row: number) => [row % 3],
  "many classes": (row: number) => [row + 400],
  values: (row: number) => [row / 8],
  "values of a shape": (row: number) => [row, row / 2, -row, 1, 2, 3],
  flags: (row: number) => [row & 1, (row >> 1) & 1, (row >> 2) & 1],
} as const;
type Kind = keyof typeof targetOf;

function sample(kind: Kind, isWeighted: boolean, asImages = false): Dataset<Shape, Target> {
  const points = tensor(inputs);
  const base = {
    name: kind,
    inputs: asImages ? reshape(points, [size, 2, 1]) : points,
    ...(isWeighted && { weights: rows.map(weightOf) }),
  };
  const numbers = rows.map((row) => targetOf[kind](row));
  if (kind === "classes" || kind === "many classes") {
    const classNames = Array.from({ length: kind === "classes" ? 3 : 500 }, (_, i) => `class ${i}`);
    return datasetFromArrays({ ...base, labels: numbers.flat(), classNames });
  }
  if (kind === "flags") return datasetFromArrays({ ...base, flags: numbers, flagNames: ["a", "b", "c"] });
  if (kind === "values") return datasetFromArrays({ ...base, values: Float64Array.from(numbers.flat()) });
  return datasetFromArrays({ ...base, values: numbers.map((six) => [six.slice(0, 3), six.slice(3)]) });
}

/** The rows that are in tensors, each from its input. Throws unless its target and weight belong to it. */
function rowsOf(kind: Kind, isWeighted: boolean, held: Pick<Dataset, "inputs" | "targets" | "weights">): number[] {
  const count = held.inputs.shape[0]!;
  const width = targetOf[kind](0).length;
  expect(held.targets.shape[0]).toBe(count);
  expect(held.weights?.shape).toEqual(isWeighted ? [count] : undefined);
  return Array.from({ length: count }, (_, i) => {
    const row = held.inputs.data[2 * i]!;
    expect([...held.targets.data.slice(i * width, (i + 1) * width)]).toEqual(targetOf[kind](row));
    if (isWeighted) expect(held.weights!.data[i]).toBe(weightOf(row));
    return row;
  });
}

const dtypes = {
  classes: ["uint8", [size]],
  "many classes": ["int32", [size]],
  values: ["float64", [size, 1]],
  "values of a shape": ["float32", [size, 2, 3]],
  flags: ["uint8", [size, 3]],
} as const;

/** A worker on this thread: what it is sent and answers is cloned as it would be. */
const startHere: StartWorker = (onAnswer) => {
  const serve = serveBatches(
    (answer, transfer) => queueMicrotask(() => onAnswer(structuredClone(answer, { transfer }))),
    () => Promise.reject(new Error("no files here")),
  );
  return {
    post: (request, transfer) => void serve(structuredClone(request, { transfer })),
    keepAlive: () => undefined,
    terminate: () => undefined,
  };
};

const tables = (Object.keys(targetOf) as Kind[]).flatMap((kind) =>
  [false, true].map((isWeighted) => ({ kind, isWeighted })),
);

const orders = [{ batchSize: 4 }, { batchSize: 23 }, { batchSize: 5, shuffle: true, seed: 3, epoch: 2 }];

describe.each(tables)("$kind, weights: $isWeighted", ({ kind, isWeighted }) => {
  const data = sample(kind, isWeighted);
  const read = (held: Pick<Dataset, "inputs" | "targets" | "weights">) => rowsOf(kind, isWeighted, held);
  const same = (changed: Dataset, expected: readonly number[]) => {
    expect(read(changed)).toEqual(expected);
    expect(changed.target).toEqual(data.target);
    for (const order of orders) {
      const batches = [];
      for (const batch of changed.batches({ ...order, batchSize: Math.min(order.batchSize, changed.size) })) {
        expect(read(batch)).toEqual(Array.from(batch.indices, (row) => expected[row]));
        batches.push(...batch.indices);
      }
      expect(batches.toSorted((a, b) => a - b)).toEqual(rows.slice(0, changed.size));
    }
  };

  test("the dataset itself", () => {
    const [dtype, shape] = dtypes[kind];
    expect(data.targets).toMatchObject({ dtype, shape });
    same(data, rows);
  });

  test("subset and take", () => {
    same(data.subset([7, 3, 3, 22]), [7, 3, 3, 22]);
    same(data.subset([7, 3, 3, 22]).take(2), [7, 3]);
    same(data.take(5), rows.slice(0, 5));
  });

  test("splits and folds", () => {
    const { train, test } = trainTestSplit(data, { testSize: 0.3, seed: 1 });
    expect([...read(train), ...read(test)].sort((a, b) => a - b)).toEqual(rows);
    const folds = kFold(data, { folds: 4, seed: 2, ...(kind === "many classes" && { stratified: false }) });
    expect(folds.flatMap(({ test }) => read(test)).sort((a, b) => a - b)).toEqual(rows);
    for (const fold of folds) expect(read(fold.train)).toEqual(rows.filter((row) => !read(fold.test).includes(row)));
  });

  test("mapped and augmented", () => {
    const copied = mapDataset(data, (input, out) => out.set(input), { step: "copy@1()" });
    same(copied, rows);
    same(copied.subset([4, 2]), [4, 2]);
    const images = mapDataset(data, (input, out) => out.set(input), { step: "image@1()", inputShape: [2, 1] });
    same(augment(images, {}), rows);
  });

  test("joined", () => {
    const mapped = mapDataset(data.subset([9, 8]), (input, out) => out.set(input), { step: "copy@1()" });
    const joined = concatDatasets([data.take(3), mapped, data.subset([1])]);
    same(joined, [0, 1, 2, 9, 8, 1]);
    same(joined.subset([5, 3]), [1, 9]);
  });

  test("from workers, resumed and over several epochs", async () => {
    const joined = concatDatasets([data, data]).subset(rows.map((row) => row + 10));
    for (const each of [data, joined, augment(sample(kind, isWeighted, true), {})]) {
      const loader = prefetchWith(startHere, each, { workers: 2, bufferSize: 6 });
      for (const order of [...orders, { batchSize: 4, from: 2, to: 5 }, { batchSize: 4, epoch: 1, shuffle: true }]) {
        const expected = Array.from(each.batches(order), copyBatch);
        let batches = 0;
        for await (const batch of loader.batches(order)) {
          expect({ ...batch }).toEqual(expected[batches++]);
          scribble(batch);
        }
        expect(batches).toBe(expected.length);
      }
      expect(loader.target).toEqual(data.target);
      expect(loader.fingerprint).toBe(each.fingerprint);
      if (each !== data) loader.close();
    }
  });

  test("a consumer that writes over each batch that was gathered changes no later one, and copies stay", () => {
    const copied = mapDataset(data, (input, out) => out.set(input), { step: "copy@1()" });
    const before = data.fingerprint;
    for (const each of [
      data,
      data.subset(rows),
      copied,
      concatDatasets([copied, data]),
      augment(mapToImage(data), {}),
    ]) {
      const order = { batchSize: 5, shuffle: true, seed: 1 };
      const expected = [];
      for (const { inputs, targets, weights } of each.batches(order)) {
        expected.push([...inputs.data, ...targets.data, ...(weights?.data ?? [])]);
      }
      const kept = [];
      for (const batch of each.batches(order)) {
        kept.push(copyBatch(batch));
        scribble(batch);
      }
      expect(
        kept.map(({ inputs, targets, weights }) => [...inputs.data, ...targets.data, ...(weights?.data ?? [])]),
      ).toEqual(expected);
    }
    same(data, rows);
    expect(data.subset(rows).fingerprint).toBe(before);
  });

  test("the fingerprint is of the targets and weights too, however rows are stored", () => {
    const prints = [
      data,
      sample(kind, isWeighted),
      data.subset(rows),
      concatDatasets([data.take(9), data.subset(rows.slice(9))]),
    ];
    expect(new Set(prints.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(data.fingerprint).not.toBe(sample(kind, !isWeighted).fingerprint);
  });
});

const mapToImage = (data: Dataset): Dataset<[2, 1]> =>
  mapDataset(data, (input, out) => out.set(input), { step: "image@1()", inputShape: [2, 1] }) as never;

/** What a consumer may do with a batch that it is done with, where rows were gathered. */
function scribble({ inputs, targets, weights, indices }: Batch): void {
  for (const { data } of [inputs, targets, ...(weights ? [weights] : [])]) data.fill(77);
  indices.fill(77);
}

describe("what does not belong together", () => {
  const values = sample("values", false);
  const flags = sample("flags", false);
  const classes = sample("classes", false);

  test("stratifying needs classes", () => {
    const refused = "received values with values of shape [1]; expected a dataset whose targets are classes";
    expect(() => stratifiedSplit(wrong(values), { fractions: [0.5, 0.5] })).toThrow(`stratifiedSplit: ${refused}`);
    expect(() => kFold(values, { folds: 2, stratified: true })).toThrow(`kFold: ${refused}`);
    expect(() => kFold(flags, { folds: 2, stratified: true })).toThrow("3 flags");
    expect(kFold(values, { folds: 2, seed: 1 })).toEqual(kFold(values, { folds: 2, seed: 1, stratified: false }));
  });

  test("datasets of different targets are not joined", () => {
    const cases: [Dataset, Dataset, typeof ArgumentError, string][] = [
      [values, flags, ArgumentError, "flags a, b, c in flags; expected values of shape [1]"],
      [
        classes,
        sample("many classes", false),
        ArgumentError,
        "expected classes class 0, class 1, class 2, as in classes",
      ],
      [values, sample("values of a shape", false), ArgumentError, "values of shape [2, 3]"],
      [
        values,
        datasetFromArrays({ name: "f32", inputs: tensor(inputs), values: rows }),
        DTypeError,
        "float32 targets in f32",
      ],
    ];
    for (const [one, other, type, message] of cases) {
      expect(() => concatDatasets([one, other])).toThrow(type);
      expect(() => concatDatasets([one, other])).toThrow(message);
    }
  });

  test("where some have weights, a row of the others counts 1", () => {
    const joined = concatDatasets([sample("values", true).take(3), values.take(2)]);
    expect([...joined.weights!.data]).toEqual([0, 0.25, 0.5, 1, 1]);
    for (const { weights } of joined.batches({ batchSize: 5 }))
      expect([...weights!.data]).toEqual([0, 0.25, 0.5, 1, 1]);
  });

  test("shards hold classes without weights", () => {
    const options = { column: "x", steps: [] };
    expect(() => datasetSource({ train: wrong(values) }, options)).toThrow(
      "datasetSource: received values with values",
    );
    expect(() => datasetSource({ train: wrong(sample("many classes", false)) }, options)).toThrow(
      "500 classes in split train",
    );
    expect(() => datasetSource({ train: wrong(sample("classes", true)) }, options)).toThrow("weights in split train");
  });

  test("something without a target is no dataset", () => {
    const { target: _, ...fields } = { ...makeMoons(), target: 0 };
    expect(() => trainTestSplit(wrong(fields))).toThrow("trainTestSplit: received data");
    expect(() => card(wrong({ size: 1, inputShape: [1], target: { kind: "ranks" } }))).toThrow(
      'a target of kind "ranks"',
    );
    expect(() => copyBatch(wrong(undefined))).toThrow("copyBatch: received batch undefined");
  });
});
