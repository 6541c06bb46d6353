/** Every kind of target, with weights and without, through everything that gives rows. */

import { ArgumentError, DTypeError, fromArray, type Shape, reshape, ShapeError, tensor } from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import diabetes from "../../train/goldens/diabetes.json" with { type: "json" };
import goldens from "../goldens/splits.json" with { type: "json" };
import { augment } from "./augment.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { expectDataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { describe as card } from "./describe.ts";
import { mapDataset } from "./map.ts";
import { makeMoons } from "./moons.ts";
import { concatDatasets, kFold, stratifiedSplit } from "./parts.ts";
import { prefetchWith } from "./prefetch/prefetch.ts";
import type { StartWorker } from "./prefetch/protocol.ts";
import { serveBatches } from "./prefetch/serve.ts";
import { datasetSource } from "./prepare/sources/dataset.ts";
import { trainTestSplit } from "./split.ts";
import type { ClassesTarget, FlagsTarget, Target, ValuesTarget } from "./target.ts";

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
  const base = { name: kind, inputs: asImages ? reshape(points, [size, 2, 1]) : points, ...(isWeighted && { weights: rows.map(weightOf) }) };
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

/** Past the compiler. */
const fromAny = datasetFromArrays as unknown as (arrays: object) => Dataset;

const good = { name: "d", inputs: [[1], [2]] };

describe("datasetFromArrays", () => {
  test("takes one number a row in any array, in the dtype of float inputs or its own", () => {
    const wide = { ...good, inputs: tensor([[1], [2]], { dtype: "float64" }) };
    const bytes = { ...good, inputs: tensor([[1], [2]], { dtype: "uint8" }) };
    const cases: [given: object, numbers: unknown, dtype: string][] = [
      [good, [0.1, 2], "float32"],
      [wide, [0.1, 2], "float64"],
      [bytes, [0.1, 2], "float32"],
      [good, Float64Array.of(0.1, 2), "float64"],
      [wide, Float32Array.of(0.1, 2), "float32"],
      [wide, Int32Array.of(1, 2), "float64"],
      [good, tensor([1, 2], { dtype: "int32" }), "float32"],
    ];
    for (const [given, numbers, dtype] of cases) {
      const data: Dataset = fromAny({ ...given, values: numbers, weights: numbers });
      expect(data.targets).toMatchObject({ dtype, shape: [2, 1] });
      expect(data.weights).toMatchObject({ dtype, shape: [2] });
      if (numbers instanceof Float64Array) {
        expect(data.targets.data).toBe(numbers);
        expect(data.weights!.data).toBe(numbers);
      }
    }
    const nested = datasetFromArrays({ ...good, values: tensor([[1], [2]], { dtype: "float64" }) });
    expect(nested.targets).toMatchObject({ dtype: "float64", shape: [2, 1] });
  });

  test("keeps labels above 256 classes in int32, and the bytes of others as they were", () => {
    const classNames = Array.from({ length: 257 }, (_, i) => String(i));
    expect(datasetFromArrays({ ...good, labels: [0, 256], classNames }).targets.dtype).toBe("int32");
    expect(datasetFromArrays({ ...good, labels: [0, 255], classNames: classNames.slice(1) }).targets.dtype).toBe(
      "uint8",
    );
  });

  test("a weight of NaN, in JavaScript, is not absent", () => {
    expect(datasetFromArrays({ ...good, values: [1, 2] }).weights).toBeUndefined();
    expect([...datasetFromArrays({ ...good, values: [1, 2], weights: [0, 3] }).weights!.data]).toEqual([0, 3]);
  });

  const names = ["a", "b"];
  test.each<[change: object, type: new (...given: never[]) => Error, message: string]>([
    [{}, ArgumentError, "no targets; expected exactly one of labels (with classNames), values and flags"],
    [{ classNames: names }, ArgumentError, "labels undefined"],
    [{ labels: [0, 1], classNames: names, values: [1, 2] }, ArgumentError, "both labels and values"],
    [{ values: [1, 2], flags: [[1], [0]] }, ArgumentError, "both values and flags"],
    [
      { labels: [0, 1], classNames: names, values: [1, 2], flags: [[1], [0]] },
      ArgumentError,
      "both labels and values and flags",
    ],
    [{ values: [1, 2], classNames: names }, ArgumentError, "classNames with values"],
    [{ values: [1, 2], flagNames: names }, ArgumentError, "flagNames with values"],
    [{ flags: [[1], [0]], classNames: names }, ArgumentError, "classNames with flags"],
    [{ labels: [0, 1] }, ArgumentError, "classNames undefined"],
    [{ values: [1] }, ShapeError, "inputs of shape [2, 1] and values of shape [1]"],
    [{ values: [] }, ShapeError, "values of shape [0]"],
    [{ values: [[], []] }, ShapeError, "values of shape [2, 0]"],
    [{ values: 3 }, ArgumentError, "values 3"],
    [{ values: null }, ArgumentError, "values null"],
    [{ values: tensor(3) }, ShapeError, "values of shape []"],
    [{ values: [1, Number.NaN] }, ArgumentError, "the target value NaN in row 1, value 0"],
    [
      {
        values: [
          [1, 2],
          [3, Infinity],
        ],
      },
      ArgumentError,
      "the target value Infinity in row 1, value 1",
    ],
    [
      { values: [1, 1e300] },
      ArgumentError,
      "the target value Infinity in row 1, value 0; expected values that are finite numbers in float32",
    ],
    [{ values: ["1", "2"] }, ShapeError, 'values with "1" of type string'],
    [{ values: [[1], [2, 3]] }, ShapeError, "values with a row of 2 items"],
    [{ values: BigInt64Array.of(1n, 2n) }, ArgumentError, "values a value of class BigInt64Array"],
    [{ flags: [0, 1] }, ShapeError, "flags of shape [2]; expected two axes"],
    [{ flags: [[0, 1]] }, ShapeError, "inputs of shape [2, 1] and flags of shape [1, 2]"],
    [
      {
        flags: [
          [0, 2],
          [0, 1],
        ],
      },
      ArgumentError,
      "flag 2 in row 0, flag 1",
    ],
    [
      {
        flags: [
          [0, 0.5],
          [0, 1],
        ],
      },
      ArgumentError,
      "flag 0.5 in row 0, flag 1",
    ],
    [
      {
        flags: [
          [0, Number.NaN],
          [0, 1],
        ],
      },
      ArgumentError,
      "flag NaN in row 0, flag 1",
    ],
    [
      {
        flags: [
          [0, -1],
          [0, 1],
        ],
      },
      ArgumentError,
      "flag -1 in row 0, flag 1",
    ],
    [{ flags: [[true], [false]] }, ShapeError, "flags with true of type boolean"],
    [{ flags: [[0], [1]], flagNames: names }, ArgumentError, "2 flag names; expected 1"],
    [
      {
        flags: [
          [0, 1],
          [1, 1],
        ],
        flagNames: ["a", "a"],
      },
      ArgumentError,
      'the flag name "a" for flags 0 and 1',
    ],
    [
      {
        flags: [
          [0, 1],
          [1, 1],
        ],
        flagNames: "ab",
      },
      ArgumentError,
      'flagNames "ab" of type string',
    ],
    [{ values: [1, 2], weights: [1] }, ShapeError, "weights of shape [1]"],
    [{ values: [1, 2], weights: [[1], [2]] }, ShapeError, "weights of shape [2, 1]"],
    [{ values: [1, 2], weights: [1, -1] }, ArgumentError, "weight -1 in row 1"],
    [{ values: [1, 2], weights: [1, Number.NaN] }, ArgumentError, "weight NaN in row 1"],
    [{ values: [1, 2], weights: [1, Infinity] }, ArgumentError, "weight Infinity in row 1"],
    [{ values: [1, 2], weights: [0, 0] }, ArgumentError, "weights that are all 0"],
    [{ values: [1, 2], weights: [1e-60, 0] }, ArgumentError, "weights that are all 0"],
    [{ values: [1, 2], weights: null }, ArgumentError, "weights null"],
    [{ values: [1, 2], weights: ["1", "2"] }, ShapeError, 'weights with "1" of type string'],
  ])("refuses %o", (change, type, message) => {
    const make = () => fromAny({ ...good, ...change });
    expect(make).toThrow(type);
    expect(make).toThrow(`datasetFromArrays: received ${message}`);
  });
});

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

test("types: each kind has its own, and what does not belong together does not compile", () => {
  const line = datasetFromArrays({ name: "l", inputs: [[1], [2]], values: [1, 2] });
  expectTypeOf(line).toEqualTypeOf<Dataset<[1], ValuesTarget<[1]>>>();
  expectTypeOf(datasetFromArrays({ ...good, values: Float64Array.of(1, 2) }).target).toEqualTypeOf<ValuesTarget<[1]>>();
  const planes = datasetFromArrays({
    name: "p",
    inputs: [[1], [2]],
    values: [
      [1, 2, 3],
      [4, 5, 6],
    ],
  });
  expectTypeOf(planes).toEqualTypeOf<Dataset<[1], ValuesTarget<[3]>>>();
  const tags = datasetFromArrays({
    name: "t",
    inputs: [[1], [2]],
    flags: [
      [0, 1],
      [1, 1],
    ],
    flagNames: ["x", "y"],
  });
  expectTypeOf(tags).toEqualTypeOf<Dataset<[1], FlagsTarget<2>>>();
  const moons = makeMoons();
  expectTypeOf(moons).toEqualTypeOf<Dataset<[2], ClassesTarget<2>>>();
  expectTypeOf(trainTestSplit(planes).train).toEqualTypeOf<Dataset<[1], ValuesTarget<[3]>>>();
  expectTypeOf(stratifiedSplit(moons, { fractions: [0.5, 0.5] })).toEqualTypeOf<Dataset<[2], ClassesTarget<2>>[]>();
  expectTypeOf(concatDatasets([tags, tags])).toEqualTypeOf<Dataset<[1], FlagsTarget<2>>>();
  expectTypeOf(mapDataset(tags, (input, out) => out.set(input), { step: "x" })).toEqualTypeOf<
    Dataset<[1], FlagsTarget<2>>
  >();
  expectTypeOf([...planes.batches({ batchSize: 1 })]).toEqualTypeOf<Batch<[1], ValuesTarget<[3]>>[]>();
  expectTypeOf(expectDataset(moons as Dataset, { inputShape: [2], target: moons.target })).toEqualTypeOf(moons);
  // Any dataset is a `Dataset`.
  const all: Dataset[] = [line, planes, tags, moons];
  expect(all).toHaveLength(4);
  const refusals = (): unknown[] => [
    // @ts-expect-error values are not classes
    stratifiedSplit(line, { fractions: [0.5, 0.5] }),
    // @ts-expect-error flags cannot be stratified
    kFold(tags, { folds: 2, stratified: true }),
    // @ts-expect-error two kinds of targets
    datasetFromArrays({ ...good, values: [1, 2], flags: [[1], [0]] }),
    // @ts-expect-error no targets
    datasetFromArrays({ ...good }),
    // @ts-expect-error classNames belong to labels
    datasetFromArrays({ ...good, values: [1, 2], classNames: ["a"] }),
    // @ts-expect-error different targets
    concatDatasets<[1], ValuesTarget<[1]>>([line, planes]),
    // @ts-expect-error batches always may reuse arrays
    moons.batches({ batchSize: 1, reuse: true }),
    // @ts-expect-error one word for one thing: targets
    moons.labels,
  ];
  expect(refusals).toBeTypeOf("function");
});

describe("describe", () => {
  const weighted = {
    name: "d",
    inputs: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    weights: [0.5, 2, 1],
  };

  test("values", () => {
    expect(card(datasetFromArrays({ ...weighted, values: [1, 2, 4] }))).toMatchInlineSnapshot(`
      "d: 3 rows of [2] float32, values of shape [1]
      inputs 1 to 6, mean 3.5, deviation 1.70783
      targets 1 to 4, mean 2.33333, deviation 1.24722
      weights 0.5 to 2, sum 3.5
      sha256:089617f3386b1d6fd0bf2a6d18904fae358225c623da9839332c5aec82968dea
      "
    `);
  });

  test("flags", () => {
    const flags = [
      [1, 0],
      [1, 1],
      [0, 0],
    ];
    expect(card(datasetFromArrays({ ...weighted, flags, flagNames: ["red", "round"] }))).toMatchInlineSnapshot(`
      "d: 3 rows of [2] float32, 2 flags
      inputs 1 to 6, mean 3.5, deviation 1.70783
        red    2   66.7 %
        round  1   33.3 %
      weights 0.5 to 2, sum 3.5
      sha256:8a5503879fe8c8c91dbf8cb086a871cb85f6198c3c8b45e1776a3930ea380da3
      "
    `);
    const { weights: _, ...bare } = weighted;
    expect(card(datasetFromArrays({ ...bare, flags }))).toContain("  1  1   33.3 %");
  });
});

describe("regression data", () => {
  test.each(goldens.rows.filter(({ train }) => train !== undefined))(
    "trainTestSplit equals scikit-learn: $samples rows, test size $testSize, seed $seed, shuffle $shuffle",
    ({ samples, testSize, seed, shuffle, train, test }) => {
      const values = Float64Array.from({ length: samples }, (_, row) => row);
      const data = datasetFromArrays({
        name: "r",
        inputs: fromArray(values, [samples, 1]),
        values,
        weights: values.with(0, 1),
      });
      const parts = trainTestSplit(data, { testSize, seed, shuffle });
      expect([...parts.train.targets.data]).toEqual(train);
      expect([...parts.test.targets.data]).toEqual(test);
      expect([...parts.train.weights!.data]).toEqual(train!.map((row) => row || 1));
    },
  );

  test("scikit-learn's diabetes data: its rows, its split", () => {
    const inputs = tensor(diabetes.inputs, { dtype: "float64" }) as never;
    const data: Dataset<[10], ValuesTarget<[1]>> = datasetFromArrays({
      name: "diabetes",
      inputs,
      values: diabetes.targets,
    }) as never;
    expect(data).toMatchObject({ size: 442, inputShape: [10], target: { kind: "values", shape: [1] } });
    const { testSize, seed, ...split } = diabetes.split;
    const { train, test } = trainTestSplit(data, { testSize, seed });
    expect([...train.targets.data]).toEqual(split.train.map((row) => diabetes.targets[row]));
    expect([...test.targets.data]).toEqual(split.test.map((row) => diabetes.targets[row]));
    expect(data.targets.dtype).toBe("float64");
  });
});

test("fingerprints of class datasets are those that they had before there were other targets", () => {
  expect(makeMoons({ samples: 10, seed: 1 }).fingerprint).toBe(
    "sha256:0155c2a80e6c19da618414afaf050ae568ad1428e7520d880c6dead661db7169",
  );
});
