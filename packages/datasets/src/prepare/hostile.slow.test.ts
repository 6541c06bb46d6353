/** What careless and hostile people hand to `prepare`. */

import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32, createGzip, deflateSync } from "node:zlib";
import { ArgumentError } from "@nn/tensor";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataset } from "../node.ts";
import { folderSource, idxSource, type PrepareOptions, prepare, spriteSource, tableSource } from "./index.ts";

let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-hostile-"));
  out = `${folder}-out`;
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  await rm(out, { recursive: true, force: true });
});

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

const grey = (value: number) =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: `rgb(${value},${value},${value})` } });
const png = (value = 0) => grey(value).toColourspace("b-w").png().toBuffer();
const options = (change: Partial<PrepareOptions> = {}): PrepareOptions => ({ out, name: "x", version: "1", ...change });

async function message(run: () => Promise<unknown>): Promise<string> {
  const error = await run().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ArgumentError);
  return (error as ArgumentError).message;
}

describe("a folder to prepare into that is none", () => {
  beforeEach(async () => put("in/a/1.png", await png()));
  const run = (to: string | URL) => () => prepare(folderSource(join(folder, "in")), options({ out: to }));

  test("the source itself, a folder in it, and a link to one: nothing is made there", async () => {
    await symlink(join(folder, "in"), join(folder, "link"));
    for (const to of ["in", "in/build", "in/a/deep/er", "link/build"]) {
      expect(await message(run(join(folder, to)))).toContain(`${to}, which lies in the source`);
    }
    expect(await readdir(join(folder, "in"), { recursive: true })).toEqual(["a", "a/1.png"]);
    await run(join(folder, "in-side"))();
  });

  test("a file, a folder below a file, and no name", async () => {
    await put("file", "x");
    expect(await message(run(join(folder, "file")))).toContain("which is a file or lies below one");
    expect(await message(run(join(folder, "file/build")))).toContain("which is a file or lies below one");
    expect(await message(run(""))).toContain("out without a name");
    expect(await readFile(join(folder, "file"), "utf8")).toBe("x");
  });

  test.skipIf(process.platform !== "linux")("one that may not be made or written to", async () => {
    expect(await message(run("/sys/nn-datasets"))).toContain("which may not be made");
    expect(await message(run("/sys"))).toContain("into which nothing may be written");
  });

  test("one with somebody else's manifest.json, which stays", async () => {
    await put("build/manifest.json", '{ "name": "not ours" }');
    expect(await message(run(join(folder, "build")))).toContain("a manifest.json that prepare did not write");
    expect(await readdir(join(folder, "build"))).toEqual(["manifest.json"]);
  });

  test.each(["data-00000-of-00001.arrow", "train-00000-of-00001.arrow"])(
    "one with shards of somebody else, which stay: %s",
    async (name) => {
      await put(`build/${name}`, "from save_to_disk");
      expect(await message(run(join(folder, "build")))).toContain(`with ${name}, which prepare did not write`);
      expect(await readdir(join(folder, "build"))).toEqual([name]);
    },
  );

  test.each(["manifest.json", "prepare.journal", ".prepared"])("what %s shows to be ours is replaced", async (name) => {
    await run(join(folder, "build"))();
    await put("build/prepare.journal", "of another run\n");
    for (const file of ["manifest.json", "prepare.journal", ".prepared"]) {
      if (file !== name) await rm(join(folder, "build", file));
    }
    await put("build/old-00000-of-00001.arrow", "of an earlier run");
    await run(join(folder, "build"))();
    const found = await readdir(join(folder, "build"));
    expect(found.sort()).toEqual([".prepared", "manifest.json", "train-00000-of-00001.arrow"]);
  });

  test("the source in the folder to prepare into is left alone", async () => {
    await run(folder)();
    await run(folder)();
    expect((await openDataset(folder)).size).toBe(1);
    expect(await readdir(join(folder, "in/a"))).toEqual(["1.png"]);
  });
});

describe("names", () => {
  const names = ["line\nfeed.png", "😀.png", "back\\slash.png", 'q"uote.png', " blank .png", "%2e%2e.png", "тест.PNG"];

  test("of files may hold anything", async () => {
    for (const [i, name] of names.entries()) await put(`a/${name}`, await png(i));
    const source = folderSource(folder);
    expect([...source.images("train", 0)].map(({ id }) => id).sort()).toEqual(names.map((name) => `a/${name}`).sort());
    expect((await prepare(source, options())).report).toMatchObject({ skipped: 0, duplicates: 0 });
  });

  test("of classes may be those of properties that every object has", async () => {
    for (const [i, name] of ["__proto__", "constructor", "toString"].entries())
      await put(`${name}/${i}.png`, await png(i));
    const { classNames } = await prepare(folderSource(folder), options());
    expect(classNames).toEqual(["__proto__", "constructor", "toString"]);
    expect([...(await openDataset(out)).targets.data].sort()).toEqual([0, 1, 2]);
  });

  test.each([
    [["a", "b", "a"], "class name a twice"],
    [["a", ""], "an empty class name"],
  ])("of classes differ: %j", async (classNames, received) => {
    await put("a/1.png", await png());
    expect(await message(() => prepare(folderSource(folder, { classNames }), options()))).toContain(received);
  });

  test("256 classes are the most", async () => {
    for (let i = 0; i < 256; i++) await put(`c${i}/1.png`, await png(i));
    const { classNames } = await prepare(folderSource(folder), options());
    expect(classNames).toHaveLength(256);
    expect(new Set((await openDataset(out)).targets.data).size).toBe(256);
    await put("more/1.png", await png());
    expect(await message(async () => folderSource(folder))).toContain("more than 256 classes");
  });

  test("a folder without images is no class; given by name it is one without rows", async () => {
    await put("a/1.png", await png());
    await mkdir(join(folder, "b"));
    expect((await prepare(folderSource(folder), options())).classNames).toEqual(["a"]);
    const { splits } = await prepare(folderSource(folder, { classNames: ["b", "a"] }), options());
    expect(splits.train!.classCounts).toEqual([0, 1]);
  });
});

describe("tables", () => {
  beforeEach(async () => {
    await put("1.png", await png(1));
    await put("a, b.png", await png(2));
  });

  test.each([
    ["a mark of UTF-8, CRLF and quotes", "t.csv", '\ufeffpath,label\r\n1.png,__proto__\r\n"a, b.png","x ""y"""\r\n'],
    [
      "a mark of UTF-8 and CRLF in JSONL",
      "t.jsonl",
      '\ufeff{"path":"1.png","label":"__proto__"}\r\n{"path":"a, b.png","label":"x \\"y\\""}\r\n\r\n',
    ],
  ])("with %s are read", async (_, name, text) => {
    await put(name, text);
    expect((await prepare(await tableSource(join(folder, name)), options())).classNames).toEqual([
      "__proto__",
      'x "y"',
    ]);
    expect([...(await openDataset(out)).targets.data]).toEqual([0, 1]);
  });

  test.each<[string, string]>([
    ["semicolons", "path;label\n1.png;a\n"],
    ["blanks in the header", "path, label\n1.png, a\n"],
    ["two columns of one name", "path,label,label\n1.png,a,b\n"],
    ["no header", "1.png,a\n"],
  ])("with %s: the error shows the header", async (_, text) => {
    await put("t.csv", text);
    expect(await message(() => tableSource(join(folder, "t.csv")))).toContain("a header of the columns [");
  });
});

/** A PNG whose header claims a size. */
function claim(width: number, height: number): Buffer {
  const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    return Buffer.concat([number(data.length), body, number(crc32(body))]);
  };
  const head = Buffer.concat([number(width), number(height), Buffer.from([8, 0, 0, 0, 0])]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

describe("pictures", () => {
  test("that claim 60,000 × 60,000 pixels are refused without the memory for them", async () => {
    await put("a/1.png", claim(60_000, 60_000));
    const before = process.memoryUsage().rss;
    await put("a/3.png", await png());
    const { report } = await prepare(folderSource(folder), options({ onError: "skip" }));
    expect(report.skippedFiles.map(({ file, reason }) => [file, reason]).sort()).toEqual([
      ["a/1.png", expect.stringMatching(/^which sharp cannot read \(.*pixel limit/)],
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  test("as SVG are refused before anything is decoded: each of 30 levels doubles what is drawn", async () => {
    const levels = Array.from({ length: 30 }, (_, i) => `<g id="l${i + 1}">${`<use href="#l${i}"/>`.repeat(2)}</g>`);
    const bomb = `<svg xmlns="http://www.w3.org/2000/svg"><g id="l0"/>${levels.join("")}</svg>`;
    await put("a/1.svg", bomb);
    await put("a/2.SVG", bomb);
    const alone = await message(async () => folderSource(folder));
    expect(alone).toContain("2 refused (a/1.svg: an SVG drawing, which has no pixels)");
    await put("a/3.png", await png());
    expect(await message(() => prepare(folderSource(folder), options()))).toContain("a/1.svg: an SVG drawing");
    const { rows, report } = await prepare(folderSource(folder), options({ onError: "skip" }));
    expect([rows, report.skipped]).toEqual([1, 2]);
    await put("t.csv", "path,label\na/1.svg,a\na/3.png,a\n");
    const source = await tableSource(join(folder, "t.csv"));
    expect((await prepare(source, options({ out: `${out}/table`, onError: "skip" }))).report.skipped).toBe(1);
    await put("labels.txt", "a\n");
    const splits = { train: { sheet: join(folder, "a/1.svg"), labels: join(folder, "labels.txt") } };
    expect(await message(() => spriteSource({ splits, tile: { height: 1, width: 1 } }))).toContain("an SVG drawing");
    // Whatever it is called, what begins like one is none of the others.
    await put("a/4.png", bomb);
    expect(await message(() => prepare(folderSource(folder), options()))).toContain("a/1.svg: an SVG drawing");
    await rm(join(folder, "a/1.svg"));
    await rm(join(folder, "a/2.SVG"));
    expect(await message(() => prepare(folderSource(folder), options()))).toContain("a/4.png, which begins like svg");
  });

  test("cut short as JPEG are refused", async () => {
    const jpeg = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: "red",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    })
      .jpeg()
      .toBuffer();
    await put("a/1.jpg", jpeg.subarray(0, jpeg.length - 500));
    expect(await message(() => prepare(folderSource(folder), options()))).toContain("a/1.jpg, which sharp cannot read");
  });

  test.each(["gif", "webp"] as const)("that move give their first frame: %s", async (format) => {
    const frames = await Promise.all([200, 100, 0].map((value) => grey(value).png().toBuffer()));
    const moving = sharp(frames, { join: { animated: true } });
    await put(`a/1.${format}`, await (format === "gif" ? moving.gif() : moving.webp({ lossless: true })).toBuffer());
    const { inputShape } = await prepare(folderSource(folder), options());
    expect(inputShape).toEqual([4, 4, 1]);
    expect(new Set((await openDataset(out)).inputs.data)).toEqual(new Set([200]));
  });

  test("of 16 bits a channel keep their upper 8, and those in CMYK their lightness", async () => {
    const deep = Uint16Array.from({ length: 16 }, (_, i) => i * 4096 + 2048);
    const raw = { width: 4, height: 4, channels: 1 as const };
    await put("a/1.png", await sharp(deep, { raw }).toColourspace("grey16").png().toBuffer());
    await put("a/2.jpg", await grey(200).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer());
    await prepare(folderSource(folder), options());
    const pixels = (await openDataset(out)).inputs.data;
    expect([...pixels.subarray(0, 16)]).toEqual([...deep].map((value) => value >> 8));
    for (const value of pixels.subarray(16)) expect(Math.abs(value - 200)).toBeLessThan(16);
  });
});

describe("IDX files", () => {
  const header = (...sizes: number[]) =>
    Buffer.concat([Buffer.of(0, 0, 8, sizes.length), Buffer.from(Uint32Array.from(sizes).buffer).swap32()]);
  const source = async (images: Uint8Array, labels: Uint8Array) => {
    await put("images", images);
    await put("labels", labels);
    return idxSource({
      train: { images: { path: join(folder, "images") }, labels: { path: join(folder, "labels") } },
    });
  };

  test("without images are refused", async () => {
    expect(await message(() => source(header(0, 28, 28), header(0)))).toContain("no pixels in split train");
  });

  test("with many more labels than images are refused before the labels are unpacked", async () => {
    const rows = 2 ** 28;
    const packer = createGzip();
    packer.write(header(rows));
    const zeros = Buffer.alloc(2 ** 20);
    const packed = pipeline(async function* () {
      for (let i = 0; i < rows; i += zeros.length) yield zeros;
    }, packer);
    const parts: Buffer[] = [];
    for await (const part of packer as AsyncIterable<Buffer>) parts.push(part);
    await packed;
    const before = process.memoryUsage.rss();
    const error = await message(() => source(Buffer.concat([header(1, 2, 2), Buffer.alloc(4)]), Buffer.concat(parts)));
    expect(error).toContain(`1 image and ${rows} labels in ${join(folder, "labels")}`);
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 26);
  });

  test("of images above the limit of pixels are refused", async () => {
    const images = Buffer.concat([header(1, 8200, 8200), Buffer.alloc(8200 ** 2)]);
    const large = await source(images, Buffer.concat([header(1), Buffer.alloc(1)]));
    const wishes = { classNames: ["a"] };
    expect(await message(() => prepare(large, options(wishes)))).toContain("images of 8200 × 8200");
    expect((await prepare(large, options({ ...wishes, limitInputPixels: 2 ** 27 }))).rows).toBe(1);
    const small = await source(
      Buffer.concat([header(1, 3, 2), Buffer.alloc(6)]),
      Buffer.concat([header(1), Buffer.alloc(1)]),
    );
    expect(await message(() => prepare(small, options({ ...wishes, limitInputPixels: 5 })))).toContain(
      "at most 5 pixels",
    );
  });
});
