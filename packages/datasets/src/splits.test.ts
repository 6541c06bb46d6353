import { ArgumentError, DTypeError, fromArray, ShapeError, type Tensor } from "@nn/tensor";
import fc from "fast-check";
import { expect, describe as suite, test } from "vitest";
import { augment } from "./augment.ts";
import { Columns } from "./columns.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Dataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { describe } from "./describe.ts";
import { mapDataset } from "./map.ts";
import { makeMoons } from "./moons.ts";
import { concatDatasets, kFold, stratifiedSplit } from "./splits.ts";
import { StoredDataset } from "./stored-dataset.ts";
import type { ClassesTarget } from "./target.ts";

/** Row i is (i), labelled as `labels` says. */
function sample(
  labels: ArrayLike<number>,
  classes = 3,
  dtype: "float32" | "float64" = "float32",
): Dataset<[1], ClassesTarget> {
  const values = Float64Array.from(labels, (_, i) => i);
  const inputs: Tensor = fromArray(dtype === "float32" ? Float32Array.from(values) : (values as never), [
    labels.length,
    1,
  ]);
  const classNames = Array.from({ length: classes }, (_, i) => String(i));
  return datasetFromArrays({ name: "s", inputs: inputs as Tensor<readonly [number, 1]>, labels, classNames }) as never;
}

const rowsOf = (data: Dataset) => [...data.inputs.data];
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const labelsArray = fc.array(fc.nat(2), { minLength: 2, maxLength: 60 });
const countOf = (data: Dataset, label: number) => data.targets.data.filter((own) => own === label).length;

suite("stratifiedSplit", () => {
  test("every row is in one part, each class in proportion", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 40, maxLength: 90 }), fc.nat(), (labels, seed) => {
        const data = sample(labels);
        const parts = stratifiedSplit(data, { fractions: [0.5, 0.3, 0.2], seed });
        expect(parts.flatMap(rowsOf).sort((a, b) => a - b)).toEqual(range(0, labels.length));
        for (const [part, fraction] of [0.5, 0.3, 0.2].entries()) {
          for (const label of [0, 1, 2]) {
            expect(Math.abs(countOf(parts[part]!, label) - fraction * countOf(data, label))).toBeLessThanOrEqual(1);
          }
          expect(rowsOf(parts[part]!)).toEqual(rowsOf(parts[part]!).sort((a, b) => a - b));
        }
      }),
    );
  });

  test("takes a class of a million rows", () => {
    const [train, rest] = stratifiedSplit(sample(new Uint8Array(1e6), 1), { fractions: [0.9, 0.1] });
    expect([train!.size, rest!.size]).toEqual([900_000, 100_000]);
  });

  test("depends on the seed alone", () => {
    const data = sample(range(0, 60).map((i) => i % 3));
    const of = (seed: number) => rowsOf(stratifiedSplit(data, { fractions: [0.5, 0.5], seed })[0]!).join();
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
  });

  test.each([[[0.5, 0.6]], [[1, 0]], [[]], [[Number.NaN, 1]], [[0.99, 0.01]]])("refuses %j of 6 rows", (fractions) => {
    expect(() => stratifiedSplit(sample([0, 1, 2, 0, 1, 2]), { fractions })).toThrow(ArgumentError);
  });
});

suite("kFold", () => {
  test("every row is tested once, folds differ by at most a row, of each class too", () => {
    fc.assert(
      fc.property(labelsArray, fc.integer({ min: 2, max: 9 }), fc.boolean(), (labels, wanted, stratified) => {
        const folds = Math.min(wanted, labels.length);
        const data = sample(labels);
        const all = kFold(data, { folds, seed: 7, stratified });
        expect(all.flatMap(({ test }) => rowsOf(test)).sort((a, b) => a - b)).toEqual(range(0, labels.length));
        for (const { train, test } of all) {
          expect([...rowsOf(train), ...rowsOf(test)].sort((a, b) => a - b)).toEqual(range(0, labels.length));
          expect(Math.abs(test.size - labels.length / folds)).toBeLessThan(1);
          if (!stratified) continue;
          for (const label of [0, 1, 2]) {
            expect(Math.abs(countOf(test, label) - countOf(data, label) / folds)).toBeLessThan(2);
          }
        }
      }),
    );
  });

  test.each([1, 0, 7, 2.5])("refuses %d folds of 6 rows", (folds) => {
    expect(() => kFold(sample([0, 1, 2, 0, 1, 2]), { folds })).toThrow(ArgumentError);
  });
});

suite("concatDatasets", () => {
  test("gives the rows of all, also in batches and parts", () => {
    const all = concatDatasets([sample([0, 1, 2]), sample([2, 2]).subset([1]), sample([1, 0])]);
    expect(rowsOf(all)).toEqual([0, 1, 2, 1, 0, 1]);
    expect([...all.targets.data]).toEqual([0, 1, 2, 2, 1, 0]);
    expect(Array.from(all.batches({ batchSize: 4 }), copyBatch).map(({ inputs }) => [...inputs.data])).toEqual([
      [0, 1, 2, 1],
      [0, 1],
    ]);
    expect(rowsOf(all.subset([5, 3]))).toEqual([1, 1]);
    expect(all.fingerprint).toBe(all.subset(range(0, 6)).fingerprint);
  });

  test("refuses what does not fit", () => {
    expect(() => concatDatasets([])).toThrow(ArgumentError);
    expect(() => concatDatasets([sample([0]), sample([0], 2)])).toThrow(ArgumentError);
    expect(() => concatDatasets([sample([0]), sample([0], 3, "float64")])).toThrow(DTypeError);
    expect(() => concatDatasets<never, never>([sample([0]) as never, makeMoons() as never])).toThrow(ShapeError);
  });
});

suite("concatDatasets of what is made or read when it is wanted", () => {
  const tagged = (data: Dataset<[1], ClassesTarget>, tag: number) =>
    mapDataset(
      data,
      (input, out, { index, epoch }) => {
        out[0] = 1000 * tag + 100 * epoch + 10 * index + input[0]! / 10;
      },
      { step: `tag@1(${tag})` },
    );

  test("mapped rows are those of their dataset in every epoch, in any order and part", () => {
    const parts = [
      tagged(sample([0, 1, 2]), 1),
      sample([2, 2]),
      tagged(tagged(sample([1, 0, 1]).subset([2, 0]), 2), 3),
    ];
    const joined = concatDatasets(parts);
    for (const epoch of [0, 3]) {
      const of = (data: Dataset) =>
        Array.from(data.batches({ batchSize: 2, epoch }), copyBatch).flatMap(({ inputs }) => [...inputs.data]);
      const expected = parts.flatMap(of);
      expect(of(joined)).toEqual(expected);
      for (const { inputs, indices } of joined.batches({ batchSize: 3, epoch, shuffle: true })) {
        expect([...inputs.data]).toEqual([...indices].map((row) => expected[row]));
      }
      expect(of(joined.subset([6, 0, 4, 5]))).toEqual([6, 0, 4, 5].map((row) => expected[row]));
      expect(of(concatDatasets([joined.take(4), sample([0])]))).toEqual([...expected.slice(0, 4), 0]);
    }
    expect(rowsOf(joined)).toEqual(parts.flatMap(rowsOf));
    expect(joined.fingerprint).not.toBe(concatDatasets([parts[0]!, parts[1]!, tagged(parts[2]!, 4)]).fingerprint);
  });

  /** Ten chunks of four rows, which add to `reads` when they are read. */
  const stored = (reads: number[], memory: number): Dataset<[1], ClassesTarget> => {
    const chunks = range(0, 10).map((chunk) => ({
      rows: 4,
      readTargets: () => ({ targets: new Uint8Array(4) }),
      read: () => {
        reads.push(chunk);
        return { inputs: Float32Array.from(range(4 * chunk, 4 * chunk + 4)), targets: new Uint8Array(4) };
      },
    }));
    const columns = new Columns(chunks, { width: 1, dtype: "float32", memory });
    const target: ClassesTarget = { kind: "classes", count: 3, names: ["0", "1", "2"] };
    return new StoredDataset({ name: "stored", inputShape: [1], target, steps: [], columns });
  };

  test("nothing is read at the call, and each chunk once in an epoch, within the memory of each", () => {
    for (const shuffle of [false, true]) {
      const reads: number[] = [];
      const [one, other] = [stored(reads, 2 * 16), stored(reads, 3 * 16)];
      const joined = concatDatasets([one, tagged(other.subset(range(0, 40).reverse()), 1), sample(Array(500).fill(1))]);
      expect([...joined.targets.data]).toEqual([...Array(80).fill(0), ...Array(500).fill(1)]);
      expect(reads).toEqual([]);
      const rows = Array.from(joined.batches({ batchSize: 5, shuffle }), copyBatch).flatMap(({ indices }) => [
        ...indices,
      ]);
      expect(rows.toSorted((a, b) => a - b)).toEqual(range(0, 580));
      expect(reads).toHaveLength(20);
    }
  });

  test("refuses a dataset that is not of this package", () => {
    const foreign = { ...sample([0, 1]) } as Dataset<[1], ClassesTarget>;
    expect(() => concatDatasets([sample([0]), foreign])).toThrow(ArgumentError);
    expect(() => concatDatasets([tagged(foreign, 1)])).toThrow(/another kind.*datasetFromArrays/s);
  });
});

suite("mapDataset", () => {
  const data = sample(range(0, 10).map((i) => i % 3));
  const doubled = mapDataset(
    data,
    (input, out, { index, epoch }) => {
      out[0] = 2 * input[0]!;
      out[1] = 100 * epoch + index;
    },
    { inputShape: [2], dtype: "float64", step: "double@1()" },
  );

  test("maps inputs and batches, and keeps targets", () => {
    expect(doubled.inputs).toMatchObject({ shape: [10, 2], dtype: "float64" });
    expect([...doubled.inputs.data.slice(0, 6)]).toEqual([0, 0, 2, 1, 4, 2]);
    expect(doubled.targets).toEqual(data.targets);
    const options = { batchSize: 4, shuffle: true, seed: 3, epoch: 2 };
    const [first] = doubled.batches(options);
    const [plain] = data.batches(options);
    expect([...first!.inputs.data]).toEqual([...plain!.inputs.data].flatMap((row) => [2 * row, 200 + row]));
    expect([...doubled.subset([7]).inputs.data]).toEqual([14, 0]);
    expect([...doubled.take(1).inputs.data]).toEqual([0, 0]);
  });

  test("has a fingerprint of its own", () => {
    const other = mapDataset(data, () => undefined, { step: "other@1()" });
    expect(new Set([data.fingerprint, doubled.fingerprint, other.fingerprint]).size).toBe(3);
    expect(() => mapDataset(data, () => undefined, { step: "" })).toThrow(ArgumentError);
    expect(() => mapDataset(data, () => undefined, { step: "x", inputShape: [0] })).toThrow(ShapeError);
  });
});

suite("augment", () => {
  /** Images of 8 × 8 with a bright square in the middle. */
  const image = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 > 2 && i % 8 < 5 && i > 23 && i < 40 ? 200 : 0));
  const images = datasetFromArrays({
    name: "images",
    inputs: fromArray(new Uint8Array(Buffer.concat(Array(6).fill(image))), [6, 8, 8, 1]),
    labels: [0, 1, 0, 1, 0, 1],
    classNames: ["a", "b"],
  });
  const all = { shift: 2, rotation: 30, scale: 0.2, elastic: 1, seed: 5 };
  const epochOf = (data: Dataset, epoch: number, batchSize = 2, options = {}) =>
    Array.from(data.batches({ batchSize, epoch, ...options }), copyBatch).flatMap(({ inputs, indices }) =>
      [...indices].map((index, i) => [index, inputs.data.slice(64 * i, 64 * i + 64).join()] as const),
    );

  test("without any amount, nothing changes", () => {
    expect(augment(images, {}).inputs.data).toEqual(images.inputs.data);
  });

  test("is a function of seed, epoch and row, whatever the batches", () => {
    const data = augment(images, all);
    const first = new Map(epochOf(data, 1));
    expect(new Map(epochOf(data, 1, 5))).toEqual(first);
    expect(new Map(epochOf(data, 1, 4, { shuffle: true, seed: 8 }))).toEqual(first);
    expect(new Set([...first.values()]).size).toBe(6);
    for (const other of [epochOf(data, 2), epochOf(augment(images, { ...all, seed: 6 }), 1)]) {
      for (const [index, pixels] of other) expect(pixels).not.toBe(first.get(index));
    }
  });

  test("gives the same bits everywhere", () => {
    const sum = (data: Dataset) =>
      Array.from(data.inputs.data).reduce((total, value, i) => (total * 31 + value * (i + 1)) % 1000003, 0);
    expect(sum(augment(images, all))).toMatchInlineSnapshot("35836");
  });

  test("keeps the ink within its amounts", () => {
    const mass = (pixels: ArrayLike<number>) => Array.from(pixels).reduce((total, value) => total + value, 0);
    for (const option of [{ shift: 2 }, { rotation: 180 }, { elastic: 0.5 }]) {
      const { data } = augment(images, option).inputs;
      for (let i = 0; i < 6; i++) {
        expect(Math.abs(mass(data.slice(64 * i, 64 * i + 64)) - mass(image)) / mass(image)).toBeLessThan(0.3);
      }
    }
  });

  test.each([
    { shift: -1 },
    { scale: 1 },
    { rotation: Number.NaN },
    { elastic: Infinity },
    { seed: -1 },
    { background: 256 },
    { background: -1 },
    { background: Number.NaN },
  ])("refuses %o", (bad) => {
    expect(() => augment(images, bad)).toThrow(ArgumentError);
    expect(() => augment(sample([0, 1]), all)).toThrow(ShapeError);
  });

  test("what lies beyond the edge is any number that the inputs can be", () => {
    const halves = mapDataset(images, (input, out) => out.set(input.map((value) => value / 255)), {
      step: "halves@1()",
      dtype: "float32",
    });
    expect(augment(halves, { shift: 8, background: -1 }).inputs.data).toContain(-1);
    expect(augment(images, { shift: 8, background: 255 }).inputs.data).toContain(255);
    expect(() => augment(halves, { background: Infinity })).toThrow(ArgumentError);
    // Of a dataset of another kind, what it gives tells.
    const { inputShape, batches } = images;
    const foreign = { ...images, inputShape, batches: batches.bind(images) } as typeof images;
    expect(() => augment(foreign, { background: 256 })).toThrow("from 0 to 255 for uint8");
  });
});

test("describe prints a card", () => {
  expect(describe(sample([0, 1, 1, 1]))).toMatchInlineSnapshot(`
    "s: 4 rows of [1] float32, 3 classes
    inputs 0 to 3, mean 1.5, deviation 1.11803
      0  1   25.0 %
      1  3   75.0 %
      2  0    0.0 %
    sha256:fce77e5ffc2b276890035d7b6362237b79f831ffd5728a53d803277a8212393f
    "
  `);
});
