import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@nn/tensor";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { openDataset } from "../node.ts";
import type { Grey } from "./grey.ts";
import { type ImageOptions, ImageTransform } from "./image-transform.ts";
import { folderSource, prepare } from "./index.ts";
import { plainPng } from "./png.ts";

const greys = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
const raw = (channels: 1 | 2 | 3 | 4 = 1) => ({ raw: { width: 3, height: 4, channels } });
const base = () => sharp(greys, raw());
const grey16 = Uint16Array.from(greys, (value) => value * 257);
const clear = (values: readonly number[]) => values.flatMap((alpha) => [0, 0, 0, alpha]);
const clear16 = Uint16Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 0 : [0, 32768, 65535][(i >> 1) % 3]!));

const one = (bytes: Uint8Array, options: ImageOptions = {}, size = { height: 4, width: 3 }) =>
  new ImageTransform(sharp, options, size).one(bytes);

/** (height, width) of `value`, with a rectangle of `ink` in it. */
function rectangle(
  size: Omit<Grey, "pixels">,
  box: readonly [top: number, left: number, height: number, width: number],
  ink = 255,
  paper = 0,
): Promise<Buffer> {
  const pixels = new Uint8Array(size.height * size.width).fill(paper);
  const [top, left, height, width] = box;
  for (let y = top; y < top + height; y++) pixels.fill(ink, y * size.width + left, y * size.width + left + width);
  return sharp(pixels, { raw: { ...size, channels: 1 } })
    .png()
    .toBuffer();
}

/** Rows and columns that hold ink, and the mean of the ink's coordinates. */
function inkOf(pixels: Uint8Array) {
  const at = [...pixels].flatMap((value, i) => (value > 64 ? [[Math.floor(i / 28), i % 28] as const] : []));
  const [rows, columns] = [at.map(([y]) => y), at.map(([, x]) => x)];
  const span = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];
  return { rows: span(rows), columns: span(columns) };
}

describe("any picture that sharp reads becomes the same greys", () => {
  test.each<[string, () => Promise<Uint8Array>, number]>([
    ["PNG", () => base().png().toBuffer(), 0],
    ["PNG in greyscale", () => base().toColourspace("b-w").png().toBuffer(), 0],
    ["PNG of 16 bits", () => sharp(grey16, raw()).toColourspace("grey16").png().toBuffer(), 0],
    ["PNG with a palette", () => base().png({ palette: true }).toBuffer(), 0],
    ["interlaced PNG", () => base().png({ progressive: true }).toBuffer(), 0],
    ["JPEG", () => base().jpeg({ quality: 100 }).toBuffer(), 1],
    ["JPEG in CMYK", () => base().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(), 40],
    ["WebP", () => base().webp({ lossless: true }).toBuffer(), 0],
    ["AVIF", () => base().avif({ lossless: true }).toBuffer(), 1],
    ["TIFF", () => base().tiff({ compression: "lzw" }).toBuffer(), 0],
    ["GIF", () => base().gif().toBuffer(), 0],
    [
      "an animation's first picture",
      () =>
        sharp(Buffer.concat([greys, greys.toReversed()]), {
          raw: { width: 3, height: 8, channels: 1, pageHeight: 4 },
        })
          .gif({ delay: [10, 10] })
          .toBuffer(),
      0,
    ],
  ])("%s", async (_, make, tolerance) => {
    const pixels = await one(await make());
    expect(pixels.length).toBe(12);
    pixels.forEach((value, i) => {
      expect(Math.abs(value - greys[i]!)).toBeLessThanOrEqual(tolerance);
    });
  });

  test("every grey of a coloured or grey PNG stays what it is, alone and in a strip", async () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const size = { height: 16, width: 16 };
    const open = () => sharp(all, { raw: { ...size, channels: 1 } });
    for (const [kind, png] of [
      ["colour", await open().png().toBuffer()],
      ["grey", await open().toColourspace("b-w").png().toBuffer()],
    ] as const) {
      expect(plainPng(png, size)).toBe(kind);
      const transform = new ImageTransform(sharp, {}, size);
      expect(await transform.one(png)).toEqual(Buffer.from(all));
      expect(await transform.strip([png, png])).toEqual(Buffer.concat([all, all]));
    }
  });

  test.each([
    ["interlaced", () => base().png({ progressive: true })],
    ["with a palette", () => base().png({ palette: true })],
    ["with transparency", () => sharp(Uint8Array.from(clear(Array(12).fill(9))), raw(4)).png()],
    ["of 16 bits", () => sharp(grey16, raw()).toColourspace("grey16").png()],
    ["turned", () => base().withMetadata({ orientation: 6 }).png()],
    ["with a profile", () => base().withIccProfile("p3").png()],
    ["JPEG", () => base().jpeg()],
  ])("a picture %s goes on its own", async (_, make) => {
    expect(plainPng(await make().toBuffer(), { height: 4, width: 3 })).toBeUndefined();
  });

  test("orientation is applied", async () => {
    const turned = await base().withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const pixels = await one(turned, {}, { height: 3, width: 4 });
    expect([...pixels]).toEqual([180, 120, 60, 0, 200, 140, 80, 20, 220, 160, 100, 40]);
  });

  test.each([
    [
      "8 bits",
      () => sharp(Uint8Array.from(clear(Array.from({ length: 12 }, (_, i) => [0, 128, 255][i % 3]!))), raw(4)),
    ],
    ["16 bits", () => sharp(clear16, raw(2)).toColourspace("grey16")],
  ])("transparency of %s shows the background", async (_, make) => {
    const png = await make().png().toBuffer();
    expect([...(await one(png))].slice(0, 3)).toEqual([255, 127, 0]);
    expect([...(await one(png, { background: "black" }))].slice(0, 3)).toEqual([0, 0, 0]);
  });
});

describe("size, fit and inversion", () => {
  const wide = () => rectangle({ height: 4, width: 8 }, [0, 0, 4, 8], 100);
  const size = { height: 4, width: 4 };
  test.each<[ImageOptions, readonly number[]]>([
    [{ size, fit: "fill" }, Array(16).fill(100)],
    [{ size, fit: "cover" }, Array(16).fill(100)],
    [{ size }, [255, 255, 255, 255, ...Array(8).fill(100), 255, 255, 255, 255]],
    [{ size, background: "black" }, [0, 0, 0, 0, ...Array(8).fill(100), 0, 0, 0, 0]],
    [{ size, invert: true }, [0, 0, 0, 0, ...Array(8).fill(155), 0, 0, 0, 0]],
    [{ size, invert: true, background: "black" }, [255, 255, 255, 255, ...Array(8).fill(155), 255, 255, 255, 255]],
    [{ size, invert: "auto" }, [0, 0, 0, 0, ...Array(8).fill(100), 0, 0, 0, 0]],
  ])("%o", async (options, expected) => {
    expect([...(await one(await wide(), options))]).toEqual(expected);
  });

  test('"auto" inverts what has a light border', async () => {
    const light = await rectangle({ height: 6, width: 6 }, [2, 2, 2, 2], 10, 250);
    const dark = await rectangle({ height: 6, width: 6 }, [2, 2, 2, 2], 245, 5);
    const options: ImageOptions = { invert: "auto" };
    const same = { height: 6, width: 6 };
    expect([...(await one(light, options, same))]).toEqual([...(await one(dark, options, same))]);
  });

  test.each<ImageOptions>([
    { size: { height: 0, width: 1 } },
    { size: { height: 1, width: 2.5 } },
    { fit: "stretch" as never },
    { background: "red" as never },
    { invert: "yes" as never },
    { normalize: "emnist" as never },
    { limitInputPixels: 0 },
  ])("refuses %o", (options) => {
    expect(() => new ImageTransform(sharp, options, { height: 4, width: 3 })).toThrow(ArgumentError);
  });
});

describe('normalize: "mnist"', () => {
  const place = async (...args: Parameters<typeof rectangle>) =>
    inkOf(await one(await rectangle(...args), { normalize: "mnist" }));

  test.each<[string, Parameters<typeof rectangle>, readonly number[], readonly number[]]>([
    ["a tall box", [{ height: 200, width: 300 }, [20, 30, 160, 80]], [4, 23], [9, 18]],
    ["a wide box, small", [{ height: 30, width: 40 }, [3, 20, 5, 10]], [9, 18], [4, 23]],
    ["dark on light", [{ height: 100, width: 100 }, [50, 60, 40, 20], 0, 255], [4, 23], [9, 18]],
    ["larger than is worked on", [{ height: 3000, width: 2000 }, [100, 900, 2000, 1000]], [4, 23], [9, 18]],
    ["a dot", [{ height: 100, width: 100 }, [50, 60, 1, 1]], [4, 23], [4, 23]],
  ])("%s", async (_, picture, rows, columns) => {
    expect(await place(...picture)).toEqual({ rows, columns });
  });

  test("the centre of mass goes to the centre, not the box's", async () => {
    // A heavy block with a thin tail to the right: the block is left of the box's centre.
    const pixels = new Uint8Array(40 * 60);
    for (let y = 10; y < 30; y++) pixels.fill(255, y * 60 + 5, y * 60 + 15);
    pixels.fill(255, 20 * 60 + 15, 20 * 60 + 25);
    const png = await sharp(pixels, { raw: { width: 60, height: 40, channels: 1 } })
      .png()
      .toBuffer();
    const { columns, rows } = inkOf(await one(png, { normalize: "mnist" }));
    expect(rows).toEqual([4, 23]);
    expect(columns[0]).toBeGreaterThan(6);
    expect(columns[1]! - columns[0]!).toBe(19);
  });

  test("an empty page is refused", async () => {
    await expect(
      one(await rectangle({ height: 9, width: 9 }, [0, 0, 9, 9], 0), { normalize: "mnist" }),
    ).rejects.toThrow(DataError);
  });

  test("makes a dataset of photographs of any size", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nn-ink-"));
    try {
      for (const [i, box] of [
        [4, 4, 20, 10],
        [40, 9, 10, 30],
      ].entries()) {
        await mkdir(join(folder, "in", String(i)), { recursive: true });
        const picture = await rectangle({ height: 60 + i, width: 50 }, box as never, 0, 255);
        await writeFile(join(folder, "in", String(i), "a.png"), picture);
      }
      const out = join(folder, "out");
      const { steps } = await prepare(folderSource(join(folder, "in")), {
        out,
        name: "p",
        version: "1",
        normalize: "mnist",
      });
      expect(steps).toEqual([
        "decode@1(background=white)",
        "greyscale@1()",
        "invert@1(auto)",
        "centreInk@1(box=20,size=28)",
      ]);
      expect((await openDataset(out)).inputs.shape).toEqual([2, 28, 28, 1]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
