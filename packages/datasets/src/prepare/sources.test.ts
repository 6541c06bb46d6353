import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { ArgumentError } from "@nn/tensor";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { openDataset } from "../node.ts";
import {
  fileNameSource,
  folderSource,
  type ImageSource,
  idxSource,
  type PrepareOptions,
  prepare,
  type Source,
  spriteSource,
  tableSource,
} from "./index.ts";

const [height, width] = [4, 3];
const size = height * width;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-sources-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Pixels of image `i`, all images different. */
const pixelsOf = (i: number) => Uint8Array.from({ length: size }, (_, at) => (37 * i + 11 * at) % 256);
const labelOf = (i: number) => (i * 7) % 10;
const png = (i: number) =>
  sharp(pixelsOf(i), { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const options = (change: Partial<PrepareOptions> = {}): PrepareOptions => ({
  out: join(folder, "..", `${folder.slice(-6)}-out`),
  name: "tiny",
  version: "1",
  ...change,
});

afterEach(async () => {
  await rm(options().out as string, { recursive: true, force: true });
});

/** The number of the image that a path names. */
const numberOf = (id: string) => Number(id.match(/\d+(?=\.png|-is-)/)![0]);

const ids = (source: ImageSource, split = "train") => [...source.images(split, 0)].map(({ id }) => id);

async function failure(run: Promise<unknown> | (() => unknown)): Promise<DataError> {
  const error = await (async () => (typeof run === "function" ? run() : run))().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

const idx = (shape: readonly number[], values: Uint8Array) =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]), ...values]);

describe("the same 70 images give the same rows", () => {
  const rows = 70;
  const all = Uint8Array.from({ length: rows }, (_, i) => i);
  const classNames = Array.from({ length: 10 }, (_, i) => String(i));
  const sources: Record<string, () => Promise<Source>> = {
    "IDX compressed": async () => {
      await put("images.gz", gzipSync(idx([rows, height, width], Buffer.concat([...all].map(pixelsOf)))));
      await put("labels", idx([rows], all.map(labelOf)));
      return idxSource({
        train: { images: { path: join(folder, "images.gz") }, labels: { path: join(folder, "labels") } },
      });
    },
    "IDX transposed": async () => {
      const turn = (pixels: Uint8Array) =>
        pixels.map((_, at) => pixels[(at % height) * width + Math.floor(at / height)]!);
      const turned = [...all].map((i) => turn(pixelsOf(i)));
      await put("images", idx([rows, width, height], Buffer.concat(turned)));
      await put(
        "labels",
        idx(
          [rows],
          all.map((i) => labelOf(i) + 1),
        ),
      );
      const files = { images: { path: join(folder, "images") }, labels: { path: join(folder, "labels") } };
      return idxSource({ train: files }, { transposed: true, firstLabel: 1 });
    },
    "a folder per class, numbers without zeros": async () => {
      for (const i of all) await put(`train/${labelOf(i)}/image-${i}.png`, await png(i));
      return folderSource(folder);
    },
    "a folder per class, without splits": async () => {
      for (const i of all) await put(`${labelOf(i)}/${i}.png`, await png(i));
      return folderSource(folder);
    },
    "labels in names": async () => {
      for (const i of all) await put(`${labelOf(i)}_${String(i).padStart(6, "0")}.png`, await png(i));
      return fileNameSource(folder, { pattern: "{label}_*.png" });
    },
    "labels in names, by regular expression": async () => {
      for (const i of all) await put(`train/${String(i).padStart(6, "0")}-is-${labelOf(i)}.png`, await png(i));
      return fileNameSource(folder, { pattern: /^(?<split>\w+)\/\d+-is-(?<label>\d)/ });
    },
    "a CSV table": async () => {
      const lines = ["path,label"];
      for (const i of all) {
        await put(`a, "b"/${i}.png`, await png(i));
        lines.push(`"a, ""b""/${i}.png",${labelOf(i)}`);
      }
      await put("table.csv", lines.join("\r\n"));
      return tableSource(join(folder, "table.csv"));
    },
    "a JSONL table": async () => {
      const lines: string[] = [];
      for (const i of all) {
        await put(`${i}.png`, await png(i));
        lines.push(JSON.stringify({ file: `${i}.png`, label: labelOf(i), split: "train" }));
      }
      await put("table.jsonl", lines.join("\n"));
      return tableSource(join(folder, "table.jsonl"), { columns: { path: "file" } });
    },
    "a sprite sheet": async () => {
      const tiles = [...all].map((i) => {
        const input = { input: Buffer.from(pixelsOf(i)), raw: { width, height, channels: 1 as const } };
        return { ...input, left: (i % 8) * width, top: Math.floor(i / 8) * height };
      });
      const sheet = sharp({ create: { width: 8 * width, height: 9 * height, channels: 3, background: "black" } });
      await put("sheet.png", await sheet.composite(tiles).png().toBuffer());
      await put("labels.txt", `${[...all].map(labelOf).join("\n")}\n`);
      const splits = { train: { sheet: join(folder, "sheet.png"), labels: join(folder, "labels.txt") } };
      return spriteSource({ splits, tile: { height, width } });
    },
  };

  test.each(Object.entries(sources))("%s", async (_, open) => {
    const source = await open();
    const manifest = await prepare(source, options({ shardSize: 30, ...(source.classNames ? {} : { classNames }) }));
    expect(manifest.classNames).toEqual(classNames);
    expect(manifest.splits.train!.shards.map((shard) => shard.rows)).toEqual([30, 30, 10]);
    const data = await openDataset(options().out);
    // First pixels differ: they tell which image a row is.
    const numbers = Array.from(all, (row) => all.findIndex((i) => pixelsOf(i)[0] === data.inputs.data[row * size]));
    expect(numbers.toSorted((a, b) => a - b)).toEqual([...all]);
    const isSpread = source.kind === "images" && source.searched !== undefined;
    expect(numbers).toEqual(isSpread ? [...source.images("train", 0)].map(({ id }) => numberOf(id)) : [...all]);
    expect(data.inputs.data).toEqual(new Uint8Array(Buffer.concat(numbers.map(pixelsOf))));
    expect([...data.targets.data]).toEqual(numbers.map(labelOf));
    expect(manifest.steps).toContain("greyscale@1()");
  });
});

describe("order, splits and classes", () => {
  test("train, validation and test come in that order", async () => {
    for (const split of ["test", "extra", "train", "validation"]) await put(`${split}/a/1.png`, "");
    expect(Object.keys(folderSource(folder).splits)).toEqual(["train", "validation", "test", "extra"]);
  });

  test("classes are sorted as numbers when all are", async () => {
    for (const name of ["10", "9", "2"]) await put(`${name}/1.png`, "");
    expect(folderSource(folder).classNames).toEqual(["2", "9", "10"]);
    await put("a/1.png", "");
    expect(folderSource(folder).classNames).toEqual(["10", "2", "9", "a"]);
  });

  test("given classes number the labels, and others count as unlabelled", async () => {
    for (const name of ["dog", "cat", "cow"]) await put(`${name}/1.png`, "");
    await put("loose.png", "");
    await put("notes.txt", "");
    await put(".hidden/1.png", "");
    const source = folderSource(folder, { classNames: ["dog", "cat"] });
    const labels = Object.fromEntries([...source.images("train", 0)].map(({ id, label }) => [id, label]));
    expect(labels).toEqual({ "dog/1.png": 0, "cat/1.png": 1 });
    expect(source.leftOut).toEqual({ unlabelled: 2, otherFiles: 1, refused: 0, refusedFiles: [] });
  });

  test.each(["{split}_*", "{label}{label}", "x"])("refuses the pattern %s", (pattern) => {
    expect(() => fileNameSource(folder, { pattern })).toThrow(ArgumentError);
    expect(() => fileNameSource(folder, { pattern: /(\d)/ })).toThrow(ArgumentError);
  });

  test("an empty folder, one that is not there, and one without labels are refused", async () => {
    expect((await failure(() => folderSource(join(folder, "no")))).received).toContain("no");
    expect((await failure(() => folderSource(folder))).received).toContain("no image with a label");
    await put("x.png", "");
    expect((await failure(() => folderSource(folder))).fix).toBe(
      "Left out: 1 without a label, 0 other files, 0 refused.",
    );
    for (let i = 0; i <= 256; i++) await put(`c${i}/x.png`, "");
    expect((await failure(() => folderSource(folder))).received).toBe("more than 256 classes");
  });
});

describe("files that must not be read", () => {
  test("links out of the folder, links to folders and loops are refused; links inside are followed", async () => {
    await put("a/0.png", await png(0));
    await symlink(join(folder, "a/0.png"), join(folder, "a/1.png"));
    await symlink("/etc/hostname", join(folder, "a/2.png"));
    await symlink(folder, join(folder, "a/loop"));
    await symlink("4.png", join(folder, "a/4.png"));
    await symlink("nowhere.png", join(folder, "a/5.png"));
    const source = folderSource(folder);
    expect(ids(source).sort()).toEqual(["a/0.png", "a/1.png"]);
    expect(source.leftOut!.refusedFiles).toEqual([
      { file: "a/2.png", reason: "a link that leads out of the folder" },
      { file: "a/4.png", reason: "a link that leads to itself" },
      { file: "a/5.png", reason: "a link that leads nowhere" },
      { file: "a/loop", reason: "a link to a folder" },
    ]);
    const error = await failure(prepare(source, options()));
    expect(error.received).toBe("a/2.png: a link that leads out of the folder");
    const manifest = await prepare(source, options({ onError: "skip" }));
    expect(manifest.report).toMatchObject({ skipped: 4, duplicates: 1, conflictingLabels: 0 });
  });

  test.each([
    ["../secret.png", "a path that leads upwards"],
    ["a/../../secret.png", "a path that leads upwards"],
    ["a\\..\\..\\secret.png", "a path that leads upwards"],
    ["/etc/passwd", "an absolute path"],
    ["C:\\secret.png", "an absolute path"],
    ["a\u0000.png", "no path"],
  ])("a table that names %j", async (path, reason) => {
    await put("good.png", await png(1));
    await put(
      "t.jsonl",
      [
        { path: "good.png", label: 1 },
        { path, label: 1 },
      ]
        .map((row) => JSON.stringify(row))
        .join("\n"),
    );
    const source = await tableSource(join(folder, "t.jsonl"));
    expect(source.leftOut!.refusedFiles).toEqual([{ file: path, reason }]);
    expect((await failure(prepare(source, options()))).received).toContain(reason);
  });

  test("a table that names a link out of its folder", async () => {
    await symlink("/etc", join(folder, "link"));
    await put("t.csv", "path,label\nlink/hostname.png,1\nlink/hostname,1\n");
    const error = await failure(prepare(await tableSource(join(folder, "t.csv")), options()));
    expect(error.received).toMatch(/which cannot be read|leads out of the folder/);
  });

  test.skipIf(process.platform === "win32")("a named pipe does not keep the run", async () => {
    await put("a/0.png", await png(0));
    execFileSync("/usr/bin/env", ["mkfifo", join(folder, "a/1.png")]);
    expect(folderSource(folder).leftOut!.refusedFiles).toEqual([
      { file: "a/1.png", reason: "neither file nor folder" },
    ]);
    await put("t.csv", "path,label\na/1.png,1\n");
    const error = await failure(prepare(await tableSource(join(folder, "t.csv")), options()));
    expect(error.received).toBe("a/1.png, which is a named pipe, not a regular file");
  });

  test.each([
    ["a table without its columns", "a.csv", "x,y\n1,2\n", `the columns ["x","y"]`],
    ["a table with a short line", "a.csv", "path,label\n1\n", "1 field in line 2"],
    ["a quote that is never closed", "a.csv", 'path,label\n"1,2\n', "never closed, line 2"],
    ["a quote inside a field", "a.csv", 'path,label\nx"y",2\n', "quote in the middle"],
    ["no JSON", "a.jsonl", "path\n", "line 1 that is no JSON object"],
    ["a list", "a.jsonl", "[1]\n", "line 1 that is no JSON object"],
    ["a line without end", "a.jsonl", "x".repeat(2 ** 20 + 1), "a line of more than"],
    ["a field without end", "a.csv", `path,label\n${"x".repeat(2 ** 16 + 1)}`, "a field of more than"],
  ])("%s", async (_, name, content, received) => {
    await put(name, content);
    expect((await failure(tableSource(join(folder, name)))).received).toContain(received);
  });

  test("a table that is not there, or of another kind", async () => {
    expect((await failure(tableSource(join(folder, "no.csv")))).received).toContain("ENOENT");
    await expect(tableSource(join(folder, "no.parquet"))).rejects.toThrow(ArgumentError);
  });
});

describe("images that cannot be used", () => {
  const bad: [string, () => Promise<Uint8Array | string>, RegExp][] = [
    ["a file cut short", async () => (await png(1)).subarray(0, 60), /sharp cannot read/],
    ["an empty file", async () => "", /begins like no image/],
    ["text", async () => "not a picture", /begins like no image/],
    [
      "a JPEG called PNG",
      () =>
        sharp(pixelsOf(1), { raw: { width, height, channels: 1 } })
          .jpeg()
          .toBuffer(),
      /begins like jpeg/,
    ],
    [
      "an SVG called PNG",
      async () => '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="4"/>',
      /begins like svg/,
    ],
    [
      "another size",
      () =>
        sharp(pixelsOf(1), { raw: { width: height, height: width, channels: 1 } })
          .png()
          .toBuffer(),
      /3 × 4/,
    ],
    [
      "a bomb",
      async () => {
        const bomb = await sharp({ create: { width: 8200, height: 8200, channels: 3, background: "black" } })
          .png({ compressionLevel: 9, palette: false })
          .toBuffer();
        expect(bomb.length).toBeLessThan(2 ** 20);
        return bomb;
      },
      /pixel limit/,
    ],
  ];

  test.each(bad)("%s", async (_, make, reason) => {
    for (let i = 0; i < 40; i++) await put(`${i % 2}/${i}.png`, await png(i));
    await put("1/33.png", await make());
    const error = await failure(prepare(folderSource(folder), options()));
    expect(error.received).toMatch(/^1\/33\.png/);
    expect(error.received).toMatch(reason);
    const manifest = await prepare(folderSource(folder), options({ onError: "skip", shardSize: 16 }));
    expect(manifest).toMatchObject({ rows: 39, report: { skipped: 1, skippedFiles: [{ file: "1/33.png" }] } });
    const order = ids(folderSource(folder)).map(numberOf);
    const kept = order.filter((i) => i !== 33);
    const rowsOf = (shard: number) => order.slice(16 * shard, 16 * shard + 16).filter((i) => i !== 33).length;
    expect(manifest.splits.train!.shards.map((shard) => shard.rows)).toEqual([0, 1, 2].map(rowsOf));
    const data = await openDataset(options().out);
    expect(data.inputs.data).toEqual(new Uint8Array(Buffer.concat(kept.map(pixelsOf))));
    expect([...data.targets.data]).toEqual(kept.map((i) => i % 2));
  });

  test("a file too large to be a picture is not read", async () => {
    await put("0/0.png", await png(0));
    await truncate(join(folder, "0/0.png"), 2 ** 27);
    expect((await failure(prepare(folderSource(folder), options()))).received).toContain("of 134217728 bytes");
  });

  test("a shard whose every image is left out is left out; a set of none is refused", async () => {
    for (let i = 0; i < 12; i++) await put(`0/${i}.png`, await png(i));
    for (const path of ids(folderSource(folder)).slice(4, 8)) await put(path, "no");
    const manifest = await prepare(folderSource(folder), options({ onError: "skip", shardSize: 4 }));
    expect(manifest.splits.train!.shards.map(({ file }) => file)).toEqual([
      "train-00000-of-00003.arrow",
      "train-00002-of-00003.arrow",
    ]);
    expect((await openDataset(options().out)).size).toBe(8);
    for (let i = 0; i < 12; i++) await put(`0/${i}.png`, "no");
    const error = await failure(prepare(folderSource(folder), options({ onError: "skip" })));
    expect(error.received).toContain("no image that can be read");
  });

  test("duplicates are counted, and those whose labels differ", async () => {
    for (let i = 0; i < 6; i++) await put(`${i % 2}/${i}.png`, await png(i % 3));
    const { report } = await prepare(folderSource(folder), options());
    expect(report).toMatchObject({ duplicates: 3, conflictingLabels: 3, unlabelled: 0, otherFiles: 0 });
  });
});

test.each(["transparent", "turned"])("a sheet of 16 bits, %s, is decoded as a file is", async (kind) => {
  const clear = Uint16Array.from({ length: 2 * size }, (_, i) => (i % 2 === 0 ? 0 : [0, 32768, 65535][(i >> 1) % 3]!));
  let sheet = sharp(clear, { raw: { width, height, channels: 2 } }).toColourspace("grey16");
  if (kind === "turned") sheet = sheet.withMetadata({ orientation: 3 });
  await put("a/sheet.png", await sheet.png().toBuffer());
  await put("labels.txt", "a");
  const pixels = async (source: Source) => {
    await prepare(source, options());
    return [...(await openDataset(options().out)).inputs.data];
  };
  const asFile = await pixels(folderSource(folder));
  expect(asFile).toContain(255);
  const splits = { train: { sheet: join(folder, "a/sheet.png"), labels: join(folder, "labels.txt") } };
  expect(await pixels(await spriteSource({ splits, tile: { height, width } }))).toEqual(asFile);
});

test("the sum of the source changes with a file, and not with the size of shards", async () => {
  for (let i = 0; i < 9; i++) await put(`${i % 2}/${i}.png`, await png(i));
  const sumOf = async (shardSize: number) => (await prepare(folderSource(folder), options({ shardSize }))).source;
  const first = await sumOf(4);
  expect(await sumOf(5)).toEqual(first);
  expect(first).toMatchObject([{ file: "9 image files", verified: false }]);
  const again = await sharp(await readFile(join(folder, "1/3.png")))
    .withMetadata({ density: 99 })
    .png()
    .toBuffer();
  await put("1/3.png", again);
  expect(await sumOf(5)).not.toEqual(first);
});
