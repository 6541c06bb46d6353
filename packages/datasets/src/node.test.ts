import fs from "node:fs";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupByChunk, windowPermutation } from "./batches.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Dataset } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { type OpenOptions, openDataset } from "./node.ts";
import { prepare, type Source } from "./prepare/index.ts";
import { trainTestSplit } from "./split.ts";

const rows = { train: 1000, test: 30 };
const width = 16;

let folder: string;

/** Row i begins with i in four bytes; its label is i mod 3. */
const source: Source = {
  kind: "values",
  layout: { column: "image", dtype: "uint8", inputShape: [4, 4, 1] },
  splits: rows,
  files: [],
  steps: [],
  blocks: function* (split, from) {
    const count = rows[split as keyof typeof rows];
    const inputs = new Uint8Array((count - from) * width);
    for (let i = from; i < count; i++) new DataView(inputs.buffer).setUint32((i - from) * width, i);
    yield { inputs, labels: Uint8Array.from({ length: count - from }, (_, i) => (from + i) % 3) };
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-node-"));
  await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b", "c"], shardSize: 128 });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const numbers = (inputs: Uint8Array) =>
  Array.from({ length: inputs.length / width }, (_, i) =>
    new DataView(inputs.buffer, inputs.byteOffset).getUint32(i * width),
  );
const epoch = (data: Dataset, options: Parameters<Dataset["batches"]>[0]) =>
  Array.from(data.batches(options), copyBatch).flatMap(({ inputs }) => numbers(inputs.data as Uint8Array));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("openDataset", () => {
  test.each([
    ["train[:80%]", range(0, 800)],
    ["train[-5:]+train[:2]", [...range(995, 1000), 0, 1]],
    ["test[:50%]", range(0, 15)],
    ["test+train[:1]", [...range(0, 30), 0]],
  ])("%s", async (split, expected) => {
    const data = await openDataset(folder, { split });
    expect(data.size).toBe(expected.length);
    expect(numbers(data.inputs.data as Uint8Array)).toEqual(expected);
    expect([...data.targets.data]).toEqual(expected.map((i) => i % 3));
  });

  test("gives the fingerprint that the same rows have otherwise", async () => {
    const whole = await openDataset(folder, { split: "train" });
    const halves = await openDataset(folder, { split: "train[:50%]+train[50%:]" });
    expect(halves.fingerprint).toBe(whole.fingerprint);
    const half = await openDataset(folder, { split: "train[:50%]" });
    expect(half.fingerprint).toBe(whole.take(500).fingerprint);
    expect(half.fingerprint).not.toBe(whole.fingerprint);
  });
});

describe("reading", () => {
  const original = { openSync: fs.openSync, readSync: fs.readSync };
  /** Shards that were read as a whole, and bytes that were read in all. */
  const seen = { files: [] as string[], bytes: 0 };

  beforeEach(() => {
    const untouched = new Map<number, string>();
    Object.assign(seen, { files: [], bytes: 0 });
    Object.assign(fs, {
      openSync: (path: string, flags: number) => {
        const handle = original.openSync(path, flags);
        untouched.set(handle, path);
        return handle;
      },
      readSync: (handle: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
        const path = untouched.get(handle);
        untouched.delete(handle);
        if (path?.endsWith(".arrow") && length === fs.fstatSync(handle).size) seen.files.push(path);
        const read = original.readSync(handle, bytes, offset, length, position);
        seen.bytes += read;
        return read;
      },
    });
    syncBuiltinESMExports();
  });

  afterEach(() => {
    Object.assign(fs, original);
    syncBuiltinESMExports();
  });

  test("opening reads no pixel, and labels come without them", async () => {
    const data = await openDataset(folder);
    expect(seen).toEqual({ files: [], bytes: fs.statSync(join(folder, "manifest.json")).size });
    expect([...data.targets.data]).toEqual([...range(0, 1000), ...range(0, 30)].map((i) => i % 3));
    expect(seen.files).toEqual([]);
    expect(data.targets).toEqual(data.targets);
  });

  test("rows of one shard read that shard, once", async () => {
    const data = await openDataset(folder, { split: "train" });
    expect(numbers(data.subset([300, 257]).inputs.data as Uint8Array)).toEqual([300, 257]);
    expect(numbers(data.subset([301]).inputs.data as Uint8Array)).toEqual([301]);
    expect(seen.files).toEqual([join(folder, "train-00002-of-00008.arrow")]);
  });

  test.each([3 * 128, 1.9 * 128, 128, 600, 1 / width].map((rows) => ({ memory: rows * width })))(
    "within $memory bytes, an epoch reads every shard once",
    async ({ memory }) => {
      for (const options of [{ shuffle: false }, { shuffle: true, seed: 3, epoch: 2 }]) {
        const data = await openDataset(folder, { split: "train", memory });
        seen.files = [];
        const found = epoch(data, { batchSize: 32, ...options });
        expect(found.toSorted((a, b) => a - b)).toEqual(range(0, 1000));
        expect(seen.files).toHaveLength(8);
        if (options.shuffle) {
          expect(found).not.toEqual(range(0, 1000));
          for (const from of [0, 1, 7, 31, 32]) {
            expect(epoch(data, { batchSize: 32, ...options, from })).toEqual(found.slice(32 * from));
          }
        }
      }
    },
  );

  test("a part of a split is shuffled in windows too", async () => {
    const data = await openDataset(folder, { split: "train[100:900]", memory: 600 * width });
    const found = epoch(data, { batchSize: 50, shuffle: true });
    expect(found.toSorted((a, b) => a - b)).toEqual(range(100, 900));
    expect(seen.files).toHaveLength(8);
  });

  test.each([256, 128, 2])("parts in random order too, within %d rows", async (rows) => {
    const whole = await openDataset(folder, { split: "train", memory: rows * width });
    const parts = trainTestSplit(whole, { testSize: 100, seed: 1 });
    for (const part of [parts.train, parts.test]) {
      seen.files = [];
      const found = epoch(part, { batchSize: 50, shuffle: true });
      expect(seen.files.length).toBeLessThanOrEqual(8);
      const own = numbers(part.inputs.data as Uint8Array);
      expect(found.toSorted((a, b) => a - b)).toEqual(own.toSorted((a, b) => a - b));
    }
  });

  test("a shard altered since it was opened is refused when its rows are wanted", async () => {
    const file = join(folder, "test-00000-of-00001.arrow");
    const bytes = await readFile(file);
    await writeFile(file, bytes.with(200, 9));
    try {
      const data = await openDataset(folder, { split: "test" });
      expect(() => data.inputs).toThrow(DataError);
      expect(() => Array.from(data.batches({ batchSize: 2 }), copyBatch)).toThrow("SHA-256");
    } finally {
      await writeFile(file, bytes);
    }
  });

  test("labels that were altered are refused too, by the sum of their file", async () => {
    const file = join(folder, "test-00000-of-00001.arrow");
    const bytes = await readFile(file);
    const at = bytes.indexOf(Uint8Array.from(range(0, 30), (i) => i % 3));
    await writeFile(file, bytes.with(at, 1));
    try {
      const data = await openDataset(folder, { split: "test" });
      expect(() => data.targets).toThrow("SHA-256");
      expect([...(await openDataset(folder, { split: "test", verify: false })).targets.data.slice(0, 2)]).toEqual([
        1, 1,
      ]);
    } finally {
      await writeFile(file, bytes);
    }
  });

  test("a file is summed once, when its labels or rows are first read", async () => {
    const bytesOfLabels = async (options: OpenOptions, first?: (data: Dataset) => unknown) => {
      const data = await openDataset(folder, { ...options, split: "test" });
      first?.(data);
      seen.bytes = 0;
      expect(data.targets.size).toBe(30);
      return seen.bytes;
    };
    const { size } = await stat(join(folder, "test-00000-of-00001.arrow"));
    const unchecked = await bytesOfLabels({ verify: false });
    expect(await bytesOfLabels({})).toBe(unchecked + size);
    expect(await bytesOfLabels({}, (data) => data.inputs)).toBe(unchecked);
  });

  test("a file that takes the place of a summed one is summed too", async () => {
    const file = join(folder, "train-00000-of-00008.arrow");
    const bytes = await readFile(file);
    const data = await openDataset(folder, { split: "train", memory: 1 });
    // Of two shards the first is read, forgotten and read again.
    const read = () => [1, 200].map((row) => numbers(data.subset([row]).inputs.data as Uint8Array)[0]);
    expect([read(), read()]).toEqual([
      [1, 200],
      [1, 200],
    ]);
    await writeFile(`${file}.other`, bytes.with(bytes.indexOf(Uint8Array.of(0, 0, 0, 1, 0, 0)) + 3, 28));
    await rename(`${file}.other`, file);
    try {
      expect(read).toThrow("SHA-256");
    } finally {
      await writeFile(file, bytes);
    }
  });

  test.each([0, -1, Number.NaN])("refuses memory %d", async (memory) => {
    await expect(openDataset(folder, { memory })).rejects.toThrow(ArgumentError);
  });
});

describe("windowPermutation", () => {
  const starts = Uint32Array.of(0, 10, 20, 25);
  const chunkOf = (row: number) => starts.findLastIndex((start) => start <= row);
  const chunked = groupByChunk(
    Uint32Array.from({ length: 40 }, (_, row) => chunkOf(row)),
    [10, 10, 5, 15],
  );
  test("holds every row once, and rows of a window together", () => {
    for (const window of [1, 7, 10, 20, 1000]) {
      const order = [...windowPermutation(chunked, 5, 6, window)];
      expect(order.toSorted((a, b) => a - b)).toEqual(range(0, 40));
    }
    const first = [...windowPermutation(chunked, 5, 6, 15)].slice(0, 15);
    const chunks = new Set(first.map(chunkOf));
    expect(chunks.size).toBeLessThanOrEqual(2);
  });

  test("chunks count in full, whether or not their rows are all there and a window has divided them", () => {
    // Of 12 chunks of 100 rows every 7th row; in windows of 250 rows and of 40.
    const rows = range(0, 1200).filter((row) => row % 7 === 0);
    const groups = groupByChunk(
      Uint32Array.from(rows, (row) => Math.floor(row / 100)),
      Array(12).fill(100),
    );
    for (const [window, most] of [
      [250, 2],
      [40, 1],
      [10, 1],
    ] as const) {
      const order = [...windowPermutation(groups, 1, 2, window)].map((at) => Math.floor(rows[at]! / 100));
      expect(order).toHaveLength(rows.length);
      // From the first row of a chunk to its last, no more chunks come than a window has, unless it was divided.
      if (window > 14) {
        for (const chunk of range(0, 12)) {
          const between = order.slice(order.indexOf(chunk), order.lastIndexOf(chunk) + 1);
          expect(new Set(between).size).toBeLessThanOrEqual(most);
        }
      } else expect(order.filter((chunk, i) => chunk !== order[i - 1]).length).toBeLessThanOrEqual(24);
    }
  });

  test("is a function of its arguments, and of each", () => {
    const of = (seed: number, epoch: number, window: number) => windowPermutation(chunked, seed, epoch, window).join();
    expect(of(1, 2, 15)).toBe(of(1, 2, 15));
    expect(new Set([of(1, 2, 15), of(2, 2, 15), of(1, 3, 15), of(1, 2, 30)]).size).toBe(4);
  });
});
