import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ArgumentError, fromArray, type Shape } from "@nn/tensor";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { augment } from "../augment.ts";
import type { Dataset } from "../dataset.ts";
import { datasetFromArrays } from "../dataset-from-arrays.ts";
import { DataError } from "../errors.ts";
import { mapDataset } from "../map.ts";
import { openDataset, readManifest } from "../node.ts";
import { concatDatasets, stratifiedSplit } from "../splits.ts";
import type { ClassesTarget } from "../target.ts";
import {
  datasetSource,
  folderSource,
  type ImageOptions,
  type ImageSource,
  idxSource,
  prepare,
  prepareImage,
  type Source,
  spriteSource,
} from "./index.ts";

let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-new-picture-"));
  out = join(folder, "out");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** A picture with a light border and a shape off its centre, different for every `i`. */
function pixelsOf(i: number, height: number, width: number, channels: number): Uint8Array {
  return Uint8Array.from({ length: height * width * channels }, (_, at) => {
    const [y, x] = [Math.floor(at / channels / width), Math.floor(at / channels) % width];
    const isInk = y > 1 + (i % 3) && y < height - 2 && x > 2 && x < width - 2 - (i % 4);
    if (channels === 4 && at % 4 === 3) return isInk ? 255 - 10 * i : x % 3 === 0 ? 0 : 130;
    return isInk ? (13 * i + 31 * (at % channels) + 5 * x) % 120 : 255 - ((i + y) % 9);
  });
}

const picture = (i: number, height: number, width: number, channels: 1 | 3 | 4) =>
  sharp(pixelsOf(i, height, width, channels), { raw: { height, width, channels } });

type Make = (i: number, height: number, width: number) => Promise<Uint8Array>;

/** Every kind of file that asks something of a decoder. */
const kinds: Readonly<Record<string, Make>> = {
  "png/grey": (i, h, w) => picture(i, h, w, 1).toColourspace("b-w").png().toBuffer(),
  "png/colour": (i, h, w) => picture(i, h, w, 3).png().toBuffer(),
  "png/alpha": (i, h, w) => picture(i, h, w, 4).png().toBuffer(),
  "png/palette": (i, h, w) => picture(i, h, w, 3).png({ palette: true }).toBuffer(),
  "png/sixteen": (i, h, w) =>
    sharp(
      Uint16Array.from(pixelsOf(i, h, w, 1), (v) => 257 * v),
      { raw: { height: h, width: w, channels: 1 } },
    )
      .toColourspace("grey16")
      .png()
      .toBuffer(),
  "jpg/turned": (i, h, w) => picture(i, w, h, 3).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  "jpg/mirrored": (i, h, w) => picture(i, h, w, 1).withMetadata({ orientation: 4 }).jpeg({ quality: 60 }).toBuffer(),
  "webp/alpha": (i, h, w) => picture(i, h, w, 4).webp().toBuffer(),
  "gif/palette": (i, h, w) => picture(i, h, w, 3).gif().toBuffer(),
  "tiff/grey": (i, h, w) => picture(i, h, w, 1).tiff().toBuffer(),
};

async function putKinds(names: readonly string[], sizeOf: (i: number) => readonly [number, number]): Promise<void> {
  let i = 0;
  for (const name of names) {
    for (let copy = 0; copy < 2; copy++) {
      i += 1;
      await put(
        `in/${i % 2}/${i}-${name.replace("/", ".")}.${name.split("/")[0]}`,
        await kinds[name]!(i, ...sizeOf(i)),
      );
    }
  }
}

/** Expects every row to be what the picture it was made of gives, by dataset and by manifest. */
async function checkRows(files: readonly string[], read: (file: string) => Promise<Uint8Array>): Promise<void> {
  const [data, manifest] = [await openDataset(out), await readManifest(out)];
  expect(data.size).toBe(files.length);
  for (const [row, file] of files.entries()) {
    const bytes = await read(file);
    const stored = data.subset([row]).inputs;
    const given = await prepareImage(data, bytes);
    expect(given.shape).toEqual(stored.shape);
    expect(given.dtype).toBe("uint8");
    expect(given.data, file).toEqual(Uint8Array.from(stored.data));
    if (row === 0) expect((await prepareImage(manifest, bytes)).data).toEqual(given.data);
  }
}

const options = (image: ImageOptions = {}) => ({ out, name: "set", version: "1", ...image });
const files = (source: ImageSource) => [...source.images("train", 0)].map(({ id }) => id);
const all = Object.keys(kinds);

describe("a training picture gives the bytes that are stored for it", () => {
  const size = { height: 9, width: 12 };

  test.each<[ImageOptions, string[]?]>([
    [{}],
    [{}, ["png/grey"]],
    [{ invert: true }],
    [{ invert: "auto", background: "black" }],
  ])("in its own size, %j %j", async (image, names = all) => {
    await putKinds(names, () => [10, 14]);
    const source = folderSource(join(folder, "in"));
    await prepare(source, options(image));
    await checkRows(files(source), (file) => readFile(join(folder, "in", file)));
  });

  test.each<ImageOptions>([
    { size },
    { size, fit: "cover" },
    { size, fit: "fill", background: "black" },
    { size, fit: "contain", invert: true },
    { size, fit: "contain", background: "black", invert: "auto" },
    { size: { height: 30, width: 8 }, invert: true, background: "black" },
    { normalize: "mnist" },
    { normalize: "mnist", invert: true },
    { normalize: "mnist", invert: false, background: "black" },
    { normalize: "mnist", size, fit: "cover" },
  ])("resized, %j", async (image) => {
    await putKinds(all, (i) => [9 + (i % 5), 12 + (i % 7)]);
    const source = folderSource(join(folder, "in"));
    await prepare(source, options(image));
    await checkRows(files(source), (file) => readFile(join(folder, "in", file)));
  });

  test.each<[ImageOptions, boolean]>([
    [{}, false],
    [{}, true],
    [{ size, fit: "fill" }, false],
    [{ normalize: "mnist", invert: false }, true],
  ])("from IDX files, %j, column by column: %j", async (image, transposed) => {
    const [height, width, rows] = [8, 6, 5];
    const one = (i: number) => pixelsOf(i, height, width, 1);
    const turned = (i: number) => one(i).map((_, at) => one(i)[(at % height) * width + Math.floor(at / height)]!);
    const stored = Array.from({ length: rows }, (_, i) => (transposed ? turned(i) : one(i)));
    const shape = transposed ? [width, height] : [height, width];
    const header = [0, 0, 8, 3, 0, 0, 0, rows, ...shape.flatMap((n) => [0, 0, 0, n])];
    await put("images", Buffer.concat([Uint8Array.from(header), ...stored]));
    await put("labels", Uint8Array.of(0, 0, 8, 1, 0, 0, 0, rows, 1, 2, 1, 2, 1));
    const train = { images: { path: join(folder, "images") }, labels: { path: join(folder, "labels") } };
    const source = await idxSource({ train }, { transposed, firstLabel: 1 });
    await prepare(source, { ...options(image), classNames: ["a", "b"] });
    await checkRows([..."01234"], (i) => picture(Number(i), height, width, 1).toColourspace("b-w").png().toBuffer());
  });

  test.each<ImageOptions>([{}, { size, background: "black" }, { size, fit: "cover", invert: "auto" }])(
    "from a sheet, %j",
    async (image) => {
      const [height, width] = [8, 6];
      const tiles = await Promise.all(
        [0, 1, 2, 3].map(async (i) => ({
          input: Buffer.from(await kinds["png/alpha"]!(i, height, width)),
          left: width * i,
          top: 0,
        })),
      );
      const sheet = sharp({ create: { width: 4 * width, height, channels: 4, background: "#0000" } });
      await put("sheet.png", await sheet.composite(tiles).png().toBuffer());
      await put("labels.txt", "a\nb\na\nb\n");
      const splits = { train: { sheet: join(folder, "sheet.png"), labels: join(folder, "labels.txt") } };
      await prepare(await spriteSource({ splits, tile: { height, width } }), options(image));
      const cut = (i: string) =>
        sharp(join(folder, "sheet.png"))
          .extract({ left: width * Number(i), top: 0, width, height })
          .png()
          .toBuffer();
      await checkRows([..."0123"], cut);
    },
  );
});

describe("what is taken for a prepared set", () => {
  let data: Dataset<Shape, ClassesTarget>;
  let bytes: Uint8Array;

  beforeEach(async () => {
    await putKinds(["png/grey", "png/colour"], () => [10, 14]);
    await prepare(folderSource(join(folder, "in")), options());
    data = await openDataset(out);
    bytes = await kinds["png/colour"]!(77, 10, 14);
  });

  test("parts of a dataset, several joined, and augmented ones, whose pictures are not augmented", async () => {
    const { data: expected } = await prepareImage(data, bytes);
    const [train] = stratifiedSplit(data, { fractions: [0.5, 0.5], seed: 0 });
    const bent = augment(train!, { shift: 2, rotation: 10, seed: 0 });
    for (const same of [train!, data.take(2), concatDatasets([data, data]), bent]) {
      expect((await prepareImage(same, bytes)).data).toEqual(expected);
    }
  });

  test("the shape is in the type where the dataset's is", async () => {
    const { shape } = await prepareImage(data as Dataset<[10, 14, 1]>, bytes);
    expect(shape satisfies readonly [1, 10, 14, 1]).toEqual([1, 10, 14, 1]);
  });

  test("sets of different steps, joined, are refused", async () => {
    await prepare(folderSource(join(folder, "in")), { ...options({ invert: true }), out: `${out}2` });
    const other = await openDataset(`${out}2`);
    await expect(prepareImage(concatDatasets([data, other]), bytes)).rejects.toThrow("sets with the same steps");
  });

  const own = () =>
    datasetFromArrays({
      name: "own",
      inputs: fromArray(new Uint8Array(8), [2, 2, 2, 1]),
      labels: [0, 1],
      classNames: ["a", "b"],
    });
  test.each<[string, () => Promise<Dataset> | Dataset, string]>([
    [
      "mapped",
      () => mapDataset(data, (input, to) => to.set(input), { step: "copy@1()" }),
      "set after mapDataset (copy@1())",
    ],
    ["of arrays", own, "own without steps"],
    [
      "of points",
      async () => {
        const inputs = fromArray(new Float64Array(4), [2, 2]);
        const points = datasetFromArrays({ name: "own", inputs, labels: [0, 1], classNames: ["a", "b"] });
        const source: Source = datasetSource({ train: points }, { column: "point", steps: ["makeMoons@1()"] });
        await prepare(source, { ...options(), classNames: ["a", "b"] });
        return await openDataset(out);
      },
      'set with the step "makeMoons@1()"',
    ],
    [
      "of a later version",
      async () => ({ ...(await readManifest(out)), steps: ["decode@2(background=white)"] }) as unknown as Dataset,
      'set with the step "decode@2(background=white)"',
    ],
  ])("not one %s", async (_, open, received) => {
    const run = prepareImage(await open(), bytes);
    await expect(run).rejects.toThrow(ArgumentError);
    await expect(run).rejects.toThrow(`prepareImage: received ${received}`);
  });

  test.each<[string, () => Promise<unknown> | unknown, string]>([
    ["text", () => Buffer.from("no picture"), "bytes that begin like no image that is known"],
    ["nothing", () => new Uint8Array(0), "bytes that begin like no image"],
    ["a file cut short", () => bytes.subarray(0, 60), "a picture that sharp cannot read"],
    ["another size", () => kinds["png/grey"]!(1, 14, 10), "a picture of 14 × 10"],
    ["a path", () => "new.png", "a picture as String"],
    ["an ArrayBuffer", () => new ArrayBuffer(8), "a picture as ArrayBuffer"],
  ])("not %s as a picture", async (_, make, received) => {
    const run = prepareImage(data, (await make()) as Uint8Array);
    await expect(run).rejects.toThrow(received);
    await expect(run).rejects.toMatchObject({ operation: "prepareImage" });
  });

  test("pictures above the limit of pixels are refused", async () => {
    await expect(prepareImage(data, bytes, { limitInputPixels: 100 })).rejects.toThrow(DataError);
    await expect(prepareImage(data, bytes, { limitInputPixels: 0 })).rejects.toThrow(ArgumentError);
  });
});
