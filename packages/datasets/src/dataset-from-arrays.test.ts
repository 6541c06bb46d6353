import { ArgumentError, ShapeError, tensor } from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Batch, Dataset } from "./dataset.ts";
import { expectDataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { mapDataset } from "./map.ts";
import { makeMoons } from "./moons.ts";
import { trainTestSplit } from "./split.ts";
import { concatDatasets, kFold, stratifiedSplit } from "./splits.ts";
import type { ClassesTarget, FlagsTarget, ValuesTarget } from "./target.ts";

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
