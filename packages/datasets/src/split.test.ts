import { createHash } from "node:crypto";
import { ArgumentError, fromArray } from "@nn/tensor";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import goldens from "../goldens/splits.json" with { type: "json" };
import type { Dataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { makeMoons } from "./moons.ts";
import { type SplitOptions, trainTestSplit } from "./split.ts";
import type { ClassesTarget } from "./target.ts";

const sha256 = (data: NodeJS.ArrayBufferView) => createHash("sha256").update(data).digest("hex");

/** A dataset whose input is its row number. */
function counting(size: number): Dataset<readonly [1], ClassesTarget<1>> {
  const inputs = fromArray(
    Float64Array.from({ length: size }, (_, i) => i),
    [size, 1],
  );
  return datasetFromArrays({ name: "counting", inputs, labels: new Uint8Array(size), classNames: ["only"] });
}

const rowsOf = (data: Dataset) => Uint32Array.from(data.inputs.data);

describe("trainTestSplit", () => {
  test.each(goldens.rows)(
    "equals scikit-learn: $samples rows, test size $testSize, seed $seed, shuffle $shuffle",
    (row) => {
      const { testSize, seed, shuffle } = row;
      const { train, test } = trainTestSplit(counting(row.samples), { testSize, seed, shuffle });
      expect([train.size, test.size]).toEqual(row.sizes);
      if (row.train !== undefined) {
        expect([...rowsOf(train)]).toEqual(row.train);
        expect([...rowsOf(test)]).toEqual(row.test);
      }
      expect(sha256(rowsOf(train))).toBe(row.trainSha256);
      expect(sha256(rowsOf(test))).toBe(row.testSha256);
    },
  );

  test("keeps shape and classes, in types as well", () => {
    const { train, test } = trainTestSplit(makeMoons({ samples: 10 }), { testSize: 0.2 });
    expectTypeOf(train).toEqualTypeOf<Dataset<[2], ClassesTarget<2>>>();
    expect(train).toMatchObject({ name: "moons", size: 8, inputShape: [2], target: { kind: "classes", count: 2 } });
    expect(test).toMatchObject({ size: 2, target: { names: ["outer", "inner"] } });
  });

  test("takes a quarter by default, and splits parts further", () => {
    const { train } = trainTestSplit(counting(100));
    expect(train.size).toBe(75);
    const inner = trainTestSplit(train, { testSize: 5, seed: 1 });
    const rows = [...rowsOf(inner.train), ...rowsOf(inner.test)].sort((a, b) => a - b);
    expect(rows).toEqual([...rowsOf(train)].sort((a, b) => a - b));
  });

  test("every row lands in exactly one part", () => {
    const sizes = fc.integer({ min: 2, max: 60 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        testSize: fc.oneof(fc.integer({ min: 1, max: size - 1 }), fc.double({ min: 0.01, max: 0.5, noNaN: true })),
        seed: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(sizes, ({ size, testSize, seed }) => {
        const { train, test } = trainTestSplit(counting(size), { testSize, seed });
        const rows = [...rowsOf(train), ...rowsOf(test)].sort((a, b) => a - b);
        expect(rows).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  test.each<[SplitOptions, string]>([
    [{ testSize: 0 }, "testSize 0"],
    [{ testSize: 1.5 }, "testSize 1.5"],
    [{ testSize: -0.2 }, "testSize -0.2"],
    [{ testSize: 10 }, "testSize 10"],
    [{ testSize: 0.95 }, "testSize 0.95"],
    [{ testSize: Number.NaN }, "testSize NaN"],
    [{ seed: -1 }, "seed -1"],
    [{ seed: 2 ** 32 }, "seed 4294967296"],
  ])("refuses %o of 10 rows", (options, received) => {
    expect(() => trainTestSplit(counting(10), options)).toThrow(ArgumentError);
    expect(() => trainTestSplit(counting(10), options)).toThrow(`trainTestSplit: received ${received}`);
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
});
