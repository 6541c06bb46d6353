import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { ArgumentError, fromArray, type Shape } from "@nn/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Dataset } from "../dataset.ts";
import { datasetFromArrays } from "../dataset-from-arrays.ts";
import { DataError } from "../errors.ts";
import { mapDataset } from "../map.ts";
import { type OpenOptions, openDataset, readManifest } from "../node.ts";
import type { ClassesTarget } from "../target.ts";
import { type IdxSplit, idxSource, type PrepareOptions, prepare, type Source, type ValueBlock } from "./index.ts";
import { datasetSource } from "./sources/dataset.ts";

const [height, width] = [4, 3];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-datasets-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const pixelsOf = (rows: number, from = 0) =>
  Uint8Array.from({ length: rows * height * width }, (_, i) => 7 * (i + from));
const labelsOf = (rows: number) => Uint8Array.from({ length: rows }, (_, i) => i % 3);

function idxBytes(shape: readonly number[], values: Uint8Array): Uint8Array {
  const sizes = shape.flatMap((size) => [0, 0, size >> 8, size & 255]);
  return Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...values]);
}

/** Writes a pair of IDX files and says where they are, with their sums. */
async function idxFiles(split: string, rows: number, change: { images?: Uint8Array; labels?: Uint8Array } = {}) {
  const write = async (what: string, bytes: Uint8Array) => {
    const path = join(folder, `${split}-${what}`);
    await writeFile(path, bytes);
    return { path, sha256: sha256(bytes) };
  };
  return {
    images: await write("images", change.images ?? idxBytes([rows, height, width], pixelsOf(rows))),
    labels: await write("labels", change.labels ?? idxBytes([rows], labelsOf(rows))),
  };
}

const classNames = ["a", "b", "c"];

const out = () => join(folder, "build");

const options = (change: Partial<PrepareOptions> = {}): PrepareOptions => ({
  out: out(),
  name: "tiny",
  version: "1.0.0",
  classNames,
  shardSize: 1000,
  about: { licence: "CC0-1.0" },
  ...change,
});

/** A source of two splits: 2,300 and 5 images. */
const tinySource = async () => idxSource({ train: await idxFiles("train", 2300), test: await idxFiles("test", 5) });

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(out())).filter((name) => !name.startsWith(".")).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, sha256(await readFile(join(out(), name)))])),
  );
}

const dataError = async (run: Promise<unknown>): Promise<DataError> => {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};

describe("prepare", () => {
  test("IDX through sharp into shards that open as the same pixels", async () => {
    const manifest = await prepare(await tinySource(), options());
    expect(Object.keys(await contents())).toEqual([
      "manifest.json",
      "test-00000-of-00001.arrow",
      "train-00000-of-00003.arrow",
      "train-00001-of-00003.arrow",
      "train-00002-of-00003.arrow",
    ]);
    expect(await readManifest(out())).toEqual(manifest);
    expect(manifest).toMatchObject({ rows: 2305, inputShape: [height, width, 1], steps: ["greyscale@1()"] });
    expect(manifest.splits.train!.shards.map((shard) => shard.rows)).toEqual([1000, 1000, 300]);

    const train = await openDataset(out(), { split: "train" });
    expect(train).toMatchObject({
      name: "tiny",
      size: 2300,
      target: { kind: "classes", count: 3, names: ["a", "b", "c"] },
    });
    expect(train.inputs.shape).toEqual([2300, height, width, 1]);
    expect(train.inputs.data).toEqual(pixelsOf(2300));
    expect(train.targets.data).toEqual(labelsOf(2300));
    const test = await openDataset(join(out(), "manifest.json"), { split: "test" });
    expect(test.inputs.data).toEqual(pixelsOf(5));
    const all = await openDataset(pathToFileURL(out()));
    expect(all.size).toBe(2305);
    expect(all.inputs.data.subarray(2300 * height * width)).toEqual(pixelsOf(5));
  });

  test("states counts, statistics and fingerprints of what it wrote", async () => {
    const manifest = await prepare(await tinySource(), options());
    const { test: split, train } = manifest.splits;
    const pixels = [...pixelsOf(5)];
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const variance = pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0) / pixels.length;
    expect(split!.classCounts).toEqual([2, 2, 1]);
    expect(split!.mean).toBeCloseTo(mean, 10);
    expect(split!.standardDeviation).toBeCloseTo(Math.sqrt(variance), 10);
    for (const [name, entry] of [
      ["train", train],
      ["test", split],
    ] as const) {
      const data = await openDataset(out(), { split: name });
      expect(data.fingerprint).toBe(entry!.fingerprint);
      const indices = Array.from({ length: data.size }, (_, i) => i);
      expect(data.subset(indices).fingerprint).toBe(entry!.fingerprint);
    }
    const all = await openDataset(out());
    expect(all.subset(Array.from({ length: 2305 }, (_, i) => i)).fingerprint).toBe(manifest.fingerprint);
    expect(manifest.source.map(({ file, verified }) => [file, verified])).toEqual([
      ["train-images", true],
      ["train-labels", true],
      ["test-images", true],
      ["test-labels", true],
    ]);
  });

  test("gives the same bytes each time, over what an earlier run left", async () => {
    await prepare(await tinySource(), options());
    const first = await contents();
    await prepare(await tinySource(), options({ shardSize: 700 }));
    await writeFile(join(out(), "train-00000-of-00009.arrow.partial"), "left by a killed run");
    await prepare(await tinySource(), options());
    expect(await contents()).toEqual(first);
  });

  test("the fingerprint does not depend on the size of shards", async () => {
    const first = await prepare(await tinySource(), options());
    const second = await prepare(await tinySource(), options({ shardSize: 7 }));
    expect(second.fingerprint).toBe(first.fingerprint);
    expect(second.splits.train!.shards).toHaveLength(329);
  });

  test("tells how far it is", async () => {
    const seen: unknown[] = [];
    await prepare(await tinySource(), options({ onProgress: (progress) => seen.push(progress) }));
    expect(seen).toEqual([
      { split: "train", rows: 1000, totalRows: 2305, skipped: 0 },
      { split: "train", rows: 2000, totalRows: 2305, skipped: 0 },
      { split: "train", rows: 2300, totalRows: 2305, skipped: 0 },
      { split: "test", rows: 2305, totalRows: 2305, skipped: 0 },
    ]);
  });

  test("takes IDX compressed with gzip, with the sum of the unpacked bytes", async () => {
    const { images, labels } = await idxFiles("train", 5);
    await writeFile(images.path, gzipSync(await readFile(images.path)));
    const source = await idxSource({ train: { images, labels } });
    expect(source.files[0]).toEqual({ file: "train-images", sha256: images.sha256, verified: true });
    expect((await prepare(source, options())).rows).toBe(5);
  });

  test.each(["float64", "float32"] as const)("takes a dataset in memory: %s", async (dtype) => {
    const values = Array.from({ length: 20 }, (_, i) => Math.sqrt(i) - 2);
    const inputs = fromArray(dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values), [10, 2]);
    const data = datasetFromArrays({ name: "own", inputs, labels: labelsOf(10), classNames: ["a", "b", "c"] });
    const source = datasetSource({ train: data }, { column: "point", steps: ["made@1()"] });
    const manifest = await prepare(source, options({ shardSize: 4 }));
    const opened = await openDataset(out());
    expect(opened.inputs).toMatchObject({ shape: [10, 2], dtype });
    expect(opened.inputs.data).toEqual(inputs.data);
    expect(manifest).toMatchObject({ column: "point", dtype, steps: ["made@1()"] });
    expect(manifest.splits.train!.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / 20, 6);
  });
});

describe("what was prepared of data that changed since is not taken for theirs", () => {
  const inputs = Float32Array.from({ length: 12 }, (_, i) => i);
  const data = datasetFromArrays({ name: "own", inputs: fromArray(inputs, [12, 1]), labels: labelsOf(12), classNames });
  const prepared = async (source: Source, change: Partial<PrepareOptions> = {}) => {
    await prepare(source, options({ shardSize: 3, ...change }));
    return [...(await openDataset(out())).inputs.data];
  };
  const asSource = (given: Dataset<Shape, ClassesTarget>) =>
    datasetSource({ train: given }, { column: "x", steps: [] });

  test("another dataset of the same size, and an array that was written into", async () => {
    const zeros = { name: "own", inputs: fromArray(new Float32Array(12), [12, 1]), labels: labelsOf(12), classNames };
    expect(await prepared(asSource(datasetFromArrays(zeros)))).toEqual(new Array(12).fill(0));
    const source = asSource(data);
    expect(await prepared(source)).toEqual([...inputs]);
    inputs[5] = 77;
    expect(await prepared(source)).toEqual([...inputs]);
  });

  test("the same dataset is not read for nothing", async () => {
    await prepared(asSource(data));
    const seen: unknown[] = [];
    await prepared(asSource(data), { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([]);
  });

  test("a source that does not say what it holds: nothing of it is kept", async () => {
    const source = (value: number): Source => ({
      kind: "values",
      layout: { column: "x", dtype: "float32", inputShape: [1] },
      splits: { train: 6 },
      files: [],
      steps: [],
      blocks: (_, from) => [{ inputs: new Float32Array(6 - from).fill(value), labels: labelsOf(6 - from) }],
    });
    expect(await prepared(source(1))).toEqual(new Array(6).fill(1));
    expect(await prepared(source(2))).toEqual(new Array(6).fill(2));
    const cut = () => {
      throw Object.assign(new Error("cut"), { syscall: "write" });
    };
    await expect(prepared(source(3), { onProgress: cut })).rejects.toThrow("cut");
    expect(await prepared(source(4))).toEqual(new Array(6).fill(4));
  });

  test("a run that was cut off goes on with the rows that it would have had, where a row's number makes them", async () => {
    const numbered = mapDataset(data, (_, to, { index }) => to.fill(index), { step: "number@1()" });
    const cut = ({ rows }: { rows: number }) => {
      if (rows > 5) throw Object.assign(new Error("cut"), { syscall: "write" });
    };
    const { blocks, ...facts } = asSource(numbered);
    const byTwos: Source = { ...facts, blocks: (split, from) => twoAtATime(blocks(split, from)) };
    await expect(prepared(byTwos, { onProgress: cut })).rejects.toThrow("cut");
    expect(await prepared(byTwos)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });
});

/** Blocks of two rows. */
async function* twoAtATime(blocks: AsyncIterable<ValueBlock> | Iterable<ValueBlock>): AsyncGenerator<ValueBlock> {
  for await (const { inputs, labels } of blocks) {
    for (let i = 0; i < labels.length; i += 2) {
      yield { inputs: inputs.subarray(i, i + 2), labels: labels.subarray(i, i + 2) };
    }
  }
}

describe("a source that is not what it should be", () => {
  const rows = 5;
  const good = idxBytes([rows, height, width], pixelsOf(rows));
  test.each([
    ["no file", async () => ({ ...(await idxFiles("x", rows)), images: { path: "no-such-file" } }), "ENOENT"],
    ["truncated images", () => idxFiles("x", rows, { images: good.subarray(0, 50) }), "50 bytes"],
    ["truncated labels", () => idxFiles("x", rows, { labels: idxBytes([rows], labelsOf(3)) }), "11 bytes"],
    ["labels as images", () => idxFiles("x", rows, { images: idxBytes([rows], labelsOf(rows)) }), "of shape [5]"],
    [
      "more labels than images",
      () => idxFiles("x", rows, { labels: idxBytes([6], labelsOf(6)) }),
      "5 images and 6 labels",
    ],
    ["no image", () => idxFiles("x", 0), "no pixels"],
    ["broken gzip", () => idxFiles("x", rows, { images: gzipSync(good).subarray(0, 30) }), "gzip cannot unpack"],
    [
      "altered images",
      async () => {
        const files = await idxFiles("x", rows);
        await writeFile(files.images.path, good.with(40, 1));
        return files;
      },
      "SHA-256",
    ],
  ] satisfies [string, () => Promise<IdxSplit>, string][])("%s", async (_, files, received) => {
    const error = await dataError(idxSource({ train: await files() }));
    expect(error.operation).toBe("idxSource");
    expect(error.received).toContain(received);
  });

  test("splits of different image sizes, or none", async () => {
    const test = await idxFiles("test", 1, { images: idxBytes([1, 2, 2], new Uint8Array(4)) });
    const error = await dataError(idxSource({ train: await idxFiles("train", 2), test }));
    expect(error.received).toBe("images of 2 × 2 in split test");
    await dataError(idxSource({}));
  });
});

describe("a run that fails leaves nothing that looks whole", () => {
  const block = (split: string, rows: number, change: object = {}) => ({
    split,
    inputs: new Float64Array(2 * rows),
    labels: labelsOf(rows),
    ...change,
  });
  const source = (blocks: ReturnType<typeof block>[], splits: Record<string, number> = { train: 4 }): Source => ({
    kind: "values",
    layout: { column: "point", dtype: "float64", inputShape: [2] },
    splits,
    files: [],
    steps: [],
    blocks: (split) => blocks.filter((block) => block.split === split),
  });

  test.each([
    ["a label out of range", source([block("train", 4, { labels: Uint8Array.of(0, 1, 3, 0) })]), "label 3 in row 2"],
    ["NaN", source([block("train", 4, { inputs: Float64Array.of(0, 0, 0, 0, 0, Number.NaN, 0, 0) })]), "NaN in row 2"],
    ["too few rows", source([block("train", 3)]), "3 rows"],
    ["too many rows", source([block("train", 4), block("train", 1)]), "after 4 rows"],
    ["too few values", source([block("train", 4, { inputs: new Float64Array(6) })]), "4 labels and 6 values"],
    ["another dtype", source([block("train", 4, { inputs: new Float32Array(8) })]), "4 labels and 8 values"],
  ])("%s", async (_, bad, received) => {
    await prepare(source([block("train", 4)]), options({ shardSize: 2 }));
    const error = await dataError(prepare(bad, options({ shardSize: 1 })));
    expect(error.received).toContain(received);
    expect(await contents()).toEqual({});
    expect((await dataError(openDataset(out()))).received).toContain("ENOENT");
  });

  test("a source that throws midway", async () => {
    const images = await tinySource();
    if (images.kind !== "strips") throw new Error("not images");
    const failing: Source = {
      ...images,
      blocks: async function* (split, from) {
        for await (const strip of images.blocks(split, from)) {
          yield strip;
          throw new Error("the disk is gone");
        }
      },
    };
    await expect(prepare(failing, options())).rejects.toThrow("the disk is gone");
    expect(await contents()).toEqual({});
  });

  test.each<[Partial<PrepareOptions>, Record<string, number>, string]>([
    [{ name: "" }, { train: 4 }, 'name ""'],
    [{ name: " " }, { train: 4 }, 'name " "'],
    [{ name: 5 as never }, { train: 4 }, "name 5"],
    [{ version: "" }, { train: 4 }, 'version ""'],
    [{ shardSize: 0 }, { train: 4 }, "shardSize 0"],
    [{ shardSize: 1.5 }, { train: 4 }, "shardSize 1.5"],
    [{ shardSize: 2 ** 40 }, { train: 4 }, "shardSize 1099511627776"],
    [{ classNames: [] }, { train: 4 }, "the number of class names 0"],
    [{}, { "../train": 4 }, 'split "../train"'],
    [{}, { all: 4 }, 'split "all"'],
    [{}, { train: 0 }, "the number of rows in split train 0"],
    [{}, {}, "the number of splits 0"],
    [{}, { train: 4, test: 1 }, "0 rows in split test"],
    [{}, { test: 4 }, "0 rows in split test"],
  ])("options %o and splits %o", async (change, splits, received) => {
    const run = prepare(source([block("train", 4)], splits), options(change));
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(`prepare: received ${received}`);
  });
});

describe("openDataset", () => {
  beforeEach(async () => {
    await prepare(await tinySource(), options());
  });

  const shard = "train-00001-of-00003.arrow";
  const readAll = async (open: OpenOptions) => (await openDataset(out(), open)).inputs;
  const rewrite = async (file: string, change: (bytes: Buffer) => Uint8Array | string) => {
    await writeFile(join(out(), file), change(await readFile(join(out(), file))));
  };
  const edit = (change: object) => () =>
    rewrite("manifest.json", (bytes) => JSON.stringify({ ...JSON.parse(bytes.toString()), ...change }));

  test.each<[string, () => Promise<void>, string]>([
    ["without its manifest", () => unlink(join(out(), "manifest.json")), "ENOENT"],
    [
      "with a manifest cut short",
      () => rewrite("manifest.json", (bytes) => bytes.subarray(0, 300)),
      "no object at its top",
    ],
    ["with an empty manifest", () => rewrite("manifest.json", () => "{}"), "format missing"],
    ["with a newer manifest", edit({ format: "nn-dataset/2" }), 'format "nn-dataset/2"'],
    ["with no rows", edit({ rows: 0 }), "rows 0"],
    ["with other rows", edit({ rows: 2306 }), "2306 rows and 2305 in its splits"],
    ["with other classes", edit({ classNames: ["a", "b"] }), "3 class counts"],
    [
      "with a shard outside its folder",
      () => rewrite("manifest.json", (bytes) => bytes.toString().replace("train-00000", "../../secret")),
      'splits.train.shards[0].file "../../secret-of-00003.arrow"',
    ],
    ["with classes of other names", edit({ classNames: ["a", "b", "d"] }), '"classNames":["a","b","c"]'],
    ["without a shard", () => unlink(join(out(), shard)), "ENOENT"],
    ["with a shard cut short", () => rewrite(shard, (bytes) => bytes.subarray(0, 9000)), "9000 bytes"],
    ["with a shard altered", () => rewrite(shard, (bytes) => bytes.fill(1, 400, 401)), "SHA-256"],
  ])("%s is refused", async (_, spoil, received) => {
    await spoil();
    expect((await dataError(readAll({ split: "train" }))).received).toContain(received);
  });

  test("that is not there: the error says how to make one, with this package alone", async () => {
    const error = await dataError(openDataset(join(folder, "nope")));
    expect(error.received).toContain(join(folder, "nope", "manifest.json"));
    expect(error.fix).toBe(
      "Check the path, or prepare a dataset into it first: npx nn-datasets prepare SOURCE --out FOLDER.",
    );
    await unlink(join(out(), shard));
    expect((await dataError(openDataset(out()))).fix).toBe("Prepare the dataset again.");
    await expect(openDataset("")).rejects.toThrow('openDataset: received the path ""');
  });

  test("refuses a split that is not there", async () => {
    await expect(openDataset(out(), { split: "validation" })).rejects.toThrow(ArgumentError);
    await expect(openDataset(out(), { split: "validation" })).rejects.toThrow("one that tiny has: train, test, all");
    await expect(openDataset(out(), { split: "toString" })).rejects.toThrow(ArgumentError);
  });

  test("leaves sums unchecked when told so, labels never", async () => {
    await rewrite(shard, (bytes) => bytes.fill(1, 400, 401));
    expect((await dataError(readAll({ split: "train" }))).received).toContain("SHA-256");
    expect((await readAll({ split: "train", verify: false })).shape).toEqual([2300, height, width, 1]);
    await rewrite("test-00000-of-00001.arrow", (bytes) => {
      const at = bytes.indexOf(Uint8Array.of(0, 1, 2, 0, 1, 0, 0, 0));
      return bytes.fill(9, at, at + 1);
    });
    const error = await dataError(readAll({ split: "test", verify: false }));
    expect(error.received).toContain("label 9 in row 0 for 3 classes");
  });
});
