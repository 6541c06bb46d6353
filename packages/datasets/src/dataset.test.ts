import { ArgumentError, DTypeError, fromArray, type Shape, ShapeError, type Tensor, tensor } from "@nn/tensor";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type BatchOptions, epochPermutation } from "./batches.ts";
import { Columns, type InputData } from "./columns.ts";
import { copyBatch } from "./copy-batch.ts";
import { type Dataset, expectDataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { mapDataset } from "./map.ts";
import { makeMoons } from "./moons.ts";
import { concatDatasets } from "./splits.ts";
import { StoredDataset } from "./stored-dataset.ts";
import type { ClassesTarget } from "./target.ts";

/** `size` rows (i, 10 i) labelled i mod 3, in chunks of `chunkSize`. */
function sample(size: number, chunkSize = size): Dataset<readonly [2], ClassesTarget<3>> {
  const chunks = Array.from({ length: Math.ceil(size / chunkSize) }, (_, chunk) => {
    const rows = Array.from({ length: Math.min(chunkSize, size - chunk * chunkSize) }, (_, i) => chunk * chunkSize + i);
    return {
      inputs: Float32Array.from(rows.flatMap((i) => [i, 10 * i])),
      targets: Uint8Array.from(rows, (i) => i % 3),
    };
  });
  return new StoredDataset({
    name: "sample",
    inputShape: [2],
    target: { kind: "classes", count: 3, names: ["a", "b", "c"] },
    steps: [],
    columns: Columns.of(chunks, 2),
  });
}

const firsts = (inputs: Tensor) => Array.from({ length: inputs.shape[0]! }, (_, i) => inputs.data[2 * i]!);
const firstIfEven = (input: InputData, out: InputData) => {
  if (input[0]! % 2 === 0) out[0] = input[0]!;
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("datasetFromArrays", () => {
  test.each(["float64", "float32", "uint8"] as const)("shares %s inputs", (dtype) => {
    const inputs = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { dtype },
    );
    const data = datasetFromArrays({ name: "own", inputs, labels: [0, 1, 1], classNames: ["no", "yes"] });
    expect(data.inputs.data).toBe(inputs.data);
    expect(data.inputs).toMatchObject({ shape: [3, 2], dtype });
    expect([...data.targets.data]).toEqual([0, 1, 1]);
    expect(data).toMatchObject({
      name: "own",
      size: 3,
      inputShape: [2],
      target: { kind: "classes", count: 2, names: ["no", "yes"] },
    });
  });

  test("knows shape and class count in its type", () => {
    const inputs = fromArray(new Float64Array(24), [2, 3, 4]);
    const data = datasetFromArrays({ name: "typed", inputs, labels: new Uint8Array(2), classNames: ["x", "y", "z"] });
    expectTypeOf(data.inputShape).toEqualTypeOf<[3, 4]>();
    expectTypeOf(data.target).toEqualTypeOf<ClassesTarget<3>>();
  });

  test("takes inputs as nested arrays, in float32", () => {
    const given = { name: "xor", labels: [0, 1], classNames: ["no", "yes"] } as const;
    const rows = [
      [0, 0.5],
      [0.1, 1],
    ];
    const data = datasetFromArrays({ ...given, inputs: rows });
    expect(data.fingerprint).toBe(datasetFromArrays({ ...given, inputs: tensor(rows) as never }).fingerprint);
    expect(data).toMatchObject({ inputShape: [2], size: 2, target: { kind: "classes", count: 2 } });
    expectTypeOf(data).toEqualTypeOf<Dataset<[number], ClassesTarget<2>>>();
    expectTypeOf(
      datasetFromArrays({
        ...given,
        inputs: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ).toEqualTypeOf<Dataset<[3], ClassesTarget<2>>>();
    expectTypeOf(
      datasetFromArrays({
        ...given,
        inputs: tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      }),
    ).toEqualTypeOf<Dataset<[3], ClassesTarget<2>>>();
  });

  test("takes labels as a tensor", () => {
    const labels = tensor([1, 0], { dtype: "int32" });
    const data = datasetFromArrays({ name: "t", inputs: tensor([[1], [2]]), labels, classNames: ["a", "b"] });
    expect([...data.targets.data]).toEqual([1, 0]);
  });

  const good = {
    name: "bad",
    inputs: tensor([
      [1, 2],
      [3, 4],
    ]) as Tensor<readonly [number, ...Shape]>,
    labels: [0, 1] as ArrayLike<number>,
    classNames: ["a", "b"],
  };
  test.each([
    { change: { labels: [0] }, type: ShapeError, received: "inputs of shape [2, 2] and 1 label" },
    {
      change: { inputs: fromArray(new Float32Array(0), [0, 2]), labels: [] },
      type: ShapeError,
      received: "[0, 2] and 0",
    },
    { change: { labels: [0, 2] }, type: ArgumentError, received: "label 2 in row 1" },
    { change: { labels: [-1, 0] }, type: ArgumentError, received: "label -1 in row 0" },
    { change: { labels: [0.5, 0] }, type: ArgumentError, received: "label 0.5 in row 0" },
    { change: { labels: [0, Number.NaN] }, type: ArgumentError, received: "label NaN in row 1" },
    { change: { labels: ["0", "1"] }, type: ArgumentError, received: 'label "0" of type string in row 0' },
    { change: { labels: [0, 1n] }, type: ArgumentError, received: "label 1n of type bigint in row 1" },
    { change: { labels: BigInt64Array.of(0n, 1n) }, type: ArgumentError, received: "label 0n of type bigint in row 0" },
    { change: { labels: [0, true] }, type: ArgumentError, received: "label true of type boolean in row 1" },
    { change: { labels: [0, null] }, type: ArgumentError, received: "label null in row 1" },
    { change: { labels: "01" }, type: ArgumentError, received: 'labels "01" of type string' },
    { change: { labels: undefined }, type: ArgumentError, received: "labels undefined" },
    { change: { labels: tensor([[0], [1]]) }, type: ShapeError, received: "labels of shape [2, 1]" },
    { change: { labels: [[0], [1]] }, type: ShapeError, received: "labels of shape [2, 1]" },
    { change: { inputs: undefined }, type: ArgumentError, received: "inputs undefined" },
    {
      change: { inputs: Float32Array.of(1, 2) },
      type: ArgumentError,
      received: "inputs a value of class Float32Array",
    },
    { change: { inputs: [[1, 2], [3]] }, type: ShapeError, received: "inputs with a row of 1 items" },
    { change: { inputs: [["1"], ["2"]] }, type: ShapeError, received: 'inputs with "1" of type string' },
    { change: { inputs: [[1], [Number.NaN]] }, type: ArgumentError, received: "NaN in row 1, value 0" },
    { change: { name: undefined }, type: ArgumentError, received: "name undefined" },
    { change: { classNames: undefined }, type: ArgumentError, received: "classNames undefined" },
    { change: { classNames: "ab" }, type: ArgumentError, received: 'classNames "ab" of type string' },
    { change: { classNames: [0, 1] }, type: ArgumentError, received: "class name 0" },
    { change: { classNames: ["a", "a"] }, type: ArgumentError, received: 'the class name "a" for labels 0 and 1' },
    { change: { target: [0, 1] }, type: ArgumentError, received: 'the unknown option "target"' },
    { change: { classNames: [] }, type: ArgumentError, received: "0 class names" },
    {
      change: {
        inputs: tensor([
          [1, 2],
          [3, Number.NaN],
        ]),
      },
      type: ArgumentError,
      received: "NaN in row 1, value 1",
    },
    {
      change: {
        inputs: tensor([
          [1, 2],
          [Infinity, 4],
        ]),
      },
      type: ArgumentError,
      received: "Infinity in row 1, value 0",
    },
    {
      change: {
        inputs: tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: "int32" },
        ),
      },
      type: DTypeError,
      received: "int32 inputs",
    },
  ])("refuses $received", ({ change, type, received }) => {
    const make = () => datasetFromArrays({ ...good, ...change } as unknown as typeof good);
    expect(make).toThrow(type);
    expect(make).toThrow(`datasetFromArrays: received ${received}`.replace("received [", "received inputs of shape ["));
  });
});

describe("batches", () => {
  test.each<{ options: BatchOptions; expected: number[][] }>([
    { options: { batchSize: 3 }, expected: [[0, 1, 2], [3, 4, 5], [6]] },
    {
      options: { batchSize: 3, dropLast: true },
      expected: [
        [0, 1, 2],
        [3, 4, 5],
      ],
    },
    { options: { batchSize: 3, from: 2 }, expected: [[6]] },
    { options: { batchSize: 3, from: 3 }, expected: [] },
    { options: { batchSize: 3, from: 1, to: 2 }, expected: [[3, 4, 5]] },
    { options: { batchSize: 3, to: 0 }, expected: [] },
    { options: { batchSize: 7 }, expected: [range(0, 7)] },
    { options: { batchSize: 1, from: 5 }, expected: [[5], [6]] },
  ])("of 7 rows with $options", ({ options, expected }) => {
    for (const chunkSize of [7, 3, 2, 1]) {
      const batches = Array.from(sample(7, chunkSize).batches(options), copyBatch);
      expect(batches.map((batch) => firsts(batch.inputs))).toEqual(expected);
      for (const batch of batches) {
        expect(batch.inputs.shape).toEqual([batch.size, 2]);
        expect([...batch.targets.data]).toEqual(firsts(batch.inputs).map((i) => i % 3));
      }
    }
  });

  test("shuffled rows come in the order of the seed's and epoch's permutation, however the rows are stored", () => {
    const order = [...epochPermutation(20, 7, 3)];
    for (const chunkSize of [20, 6]) {
      const batches = Array.from(
        sample(20, chunkSize).batches({ batchSize: 8, shuffle: true, seed: 7, epoch: 3 }),
        copyBatch,
      );
      expect(batches.flatMap((batch) => firsts(batch.inputs))).toEqual(order);
    }
  });

  test("the order within windows is the same whatever was read before", () => {
    const options = { batchSize: 8, shuffle: true, seed: 7, epoch: 3, window: 12 };
    const epoch = (data: Dataset) =>
      Array.from(data.batches(options), copyBatch).flatMap((batch) => firsts(batch.inputs));
    const whole = sample(50, 6);
    const parts = [whole, whole.subset(range(3, 44)), whole.subset(range(0, 50).reverse())];
    const before = parts.map(epoch);
    for (const data of parts) expect(data.inputs.shape[0]).toBe(data.size);
    expect(parts.map((data) => epoch(data.subset(range(0, data.size))))).toEqual(before);
    expect(parts.map((data) => [...data.batches(options), ...data.batches({ ...options, seed: 8 })].length)).toEqual(
      parts.map((data) => 2 * Math.ceil(data.size / 8)),
    );
    expect(firsts(whole.inputs)).toEqual(range(0, 50));
    expect(Array.from(whole.batches({ batchSize: 20 }), copyBatch).map((batch) => batch.inputs.data.buffer)).toEqual(
      Array(3).fill(whole.inputs.data.buffer),
    );
  });

  test("permutations differ between epochs and seeds, and repeat", () => {
    const orders = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2 ** 32 - 1, 5],
    ].map(([s, e]) => epochPermutation(50, s!, e!).join());
    expect(new Set(orders).size).toBe(orders.length);
    expect(epochPermutation(50, 1, 1).join()).toBe(orders[3]);
  });

  test("can be iterated again, and resumed at any batch", () => {
    const options = { batchSize: 4, shuffle: true, seed: 5, epoch: 2 };
    const batches = sample(18).batches(options);
    const all = Array.from(batches, copyBatch).map((batch) => firsts(batch.inputs));
    expect(Array.from(batches, copyBatch).map((batch) => firsts(batch.inputs))).toEqual(all);
    for (let from = 0; from <= 5; from++) {
      const rest = Array.from(sample(18).batches({ ...options, from }), copyBatch).map((batch) => firsts(batch.inputs));
      expect(rest).toEqual(all.slice(from));
    }
  });

  test("row numbers are the batch's own: changing them changes no order", () => {
    const batches = sample(20).batches({ batchSize: 20, shuffle: true });
    const [[first], [second]] = [Array.from(batches, copyBatch), Array.from(batches, copyBatch)];
    const order = [...first!.indices];
    first!.indices.sort();
    expect([...second!.indices]).toEqual(order);
    expect([...Array.from(batches, copyBatch)[0]!.indices]).toEqual(order);
  });

  test.each([
    ["all rows", (data: Dataset) => data, { shuffle: true }],
    ["a part", (data: Dataset) => data.subset(range(0, 20).reverse()), {}],
    ["a part, shuffled", (data: Dataset) => data.subset(range(0, 19)), { shuffle: true }],
    ["several joined", (data: Dataset) => concatDatasets([data, data.take(3)]), { shuffle: true }],
    ["mapped, leaving values out", (data: Dataset) => mapDataset(data, firstIfEven, { step: "x" }), { shuffle: true }],
  ])("take the arrays of the one before, and copies stay what they were: %s", (_, change, order) => {
    const data = change(sample(20, 6)) as Dataset;
    const options = { batchSize: 6, seed: 3, ...order };
    const batches = Array.from(data.batches(options), copyBatch);
    expect(new Set(batches.map(({ inputs }) => inputs.data.buffer)).size).toBe(batches.length);
    const buffers = new Set<ArrayBufferLike>();
    let i = 0;
    for (const { inputs, targets, indices, size } of data.batches(options)) {
      const own = batches[i++]!;
      expect({ inputs, targets, indices, size }).toEqual({ ...own });
      buffers.add(inputs.data.buffer);
    }
    // The last batch is shorter.
    expect(buffers.size).toBe(2);
  });

  test("share memory where rows lie together", () => {
    const data = sample(10);
    const [, second] = data.batches({ batchSize: 4 });
    expect(second!.inputs.data.buffer).toBe(data.inputs.data.buffer);
  });

  test("every row comes once an epoch", () => {
    const cases = fc.integer({ min: 1, max: 40 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        chunkSize: fc.integer({ min: 1, max: size }),
        batchSize: fc.integer({ min: 1, max: size }),
        seed: fc.nat(),
        epoch: fc.nat(),
        shuffle: fc.boolean(),
        part: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ size, chunkSize, part, ...options }) => {
        const whole = sample(size, chunkSize);
        const data = part ? whole.subset(range(0, size).reverse()) : whole;
        const rows = Array.from(data.batches(options), copyBatch).flatMap((batch) => firsts(batch.inputs));
        expect(rows.sort((a, b) => a - b)).toEqual(range(0, size));
      }),
    );
  });

  test.each<[Partial<BatchOptions>, string]>([
    [{ batchSize: 0 }, "batchSize 0"],
    [{ batchSize: -4 }, "batchSize -4"],
    [{ batchSize: 2.5 }, "batchSize 2.5"],
    [{ batchSize: Number.NaN }, "batchSize NaN"],
    [{ batchSize: 11 }, "batchSize 11"],
    [{ seed: -1 }, "seed -1"],
    [{ seed: 2 ** 32 }, "seed 4294967296"],
    [{ seed: 0.5 }, "seed 0.5"],
    [{ epoch: -1 }, "epoch -1"],
    [{ from: 6 }, "from 6"],
    [{ from: -1 }, "from -1"],
    [{ to: 6 }, "to 6"],
    [{ to: -1 }, "to -1"],
  ])("refuse %o of 10 rows at the call", (options, received) => {
    expect(() => sample(10).batches({ batchSize: 2, ...options })).toThrow(ArgumentError);
    expect(() => sample(10).batches({ batchSize: 2, ...options })).toThrow(`batches: received ${received}`);
  });
});

describe("subset and take", () => {
  test("name rows of the dataset, also of a subset", () => {
    const part = sample(10, 4).subset([9, 1, 1, 5]);
    expect(firsts(part.inputs)).toEqual([9, 1, 1, 5]);
    expect([...part.targets.data]).toEqual([0, 1, 1, 2]);
    expect(firsts(part.subset([3, 0]).inputs)).toEqual([5, 9]);
    expect(firsts(part.take(2).inputs)).toEqual([9, 1]);
    expect(firsts(Array.from(part.batches({ batchSize: 3 }), copyBatch)[0]!.inputs)).toEqual([9, 1, 1]);
  });

  test.each<[() => unknown, string]>([
    [() => sample(3).subset([]), "subset: received no index"],
    [() => sample(3).subset([0, 3]), "subset: received index 3 at position 1"],
    [() => sample(3).subset([-1]), "subset: received index -1"],
    [() => sample(3).subset([0.5]), "subset: received index 0.5"],
    [() => sample(3).take(4), "take: received count 4"],
    [() => sample(3).take(0), "take: received count 0"],
  ])("refuse rows that are not there", (run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  });
});

describe("fingerprint", () => {
  const base = {
    name: "f",
    inputs: tensor([
      [1, 2],
      [3, 4],
    ]),
    labels: [0, 1],
    classNames: ["a", "b"],
  };
  const fingerprint = (change: Partial<typeof base>) => datasetFromArrays({ ...base, ...change }).fingerprint;

  test("is that of the documented bytes, as hashlib gives it", () => {
    expect(fingerprint({})).toBe("sha256:b703972baaa1eb5aad6328767cc445e5d8bc108ea81da2cc73f230ff5056fa44");
  });

  test("of classes is what it was before there were other targets", () => {
    expect(makeMoons({ samples: 10, seed: 1 }).fingerprint).toBe(
      "sha256:0155c2a80e6c19da618414afaf050ae568ad1428e7520d880c6dead661db7169",
    );
  });

  test("does not depend on names or on how rows are stored", () => {
    expect(fingerprint({ name: "other", classNames: ["c", "d"] })).toBe(fingerprint({}));
    const prints = [12, 5, 1].map((chunkSize) => sample(12, chunkSize).fingerprint);
    expect(new Set([...prints, sample(12).subset(range(0, 12)).fingerprint]).size).toBe(1);
  });

  test.each([
    [
      "a value",
      {
        inputs: tensor([
          [1, 2],
          [3, 5],
        ]),
      },
    ],
    ["a label", { labels: [0, 0] }],
    [
      "the order",
      {
        inputs: tensor([
          [3, 4],
          [1, 2],
        ]),
        labels: [1, 0],
      },
    ],
    [
      "the dtype",
      {
        inputs: tensor(
          [
            [1, 2],
            [3, 4],
          ],
          { dtype: "float64" },
        ) as never,
      },
    ],
  ])("changes with %s", (_, change) => {
    expect(fingerprint(change)).not.toBe(fingerprint({}));
  });
});

describe("expectDataset", () => {
  test("narrows the type of what it checked", () => {
    const data: Dataset = sample(4);
    const typed = expectDataset(data, { inputShape: [2], target: { kind: "classes", count: 3 } });
    expectTypeOf(typed).toEqualTypeOf<Dataset<[2], ClassesTarget<3>>>();
    expect(typed).toBe(data);
  });

  test.each([
    { inputShape: [2, 1], target: { kind: "classes", count: 3 } },
    { inputShape: [3], target: { kind: "classes", count: 3 } },
    { inputShape: [2], target: { kind: "classes", count: 2 } },
    { inputShape: [2], target: { kind: "flags", count: 3 } },
    { inputShape: [2], target: { kind: "values", shape: [1] } },
  ] as const)("refuses $inputShape and $target", (expected) => {
    expect(() => expectDataset(sample(4), expected as Parameters<typeof expectDataset>[1])).toThrow(ShapeError);
  });
});
