import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { firstFrame } from "./first-frame.ts";

const grey = (value: number) =>
  sharp({ create: { width: 4, height: 3, channels: 3, background: `rgb(${value},${value},${value})` } });

const moving = async () => {
  const frames = await Promise.all([200, 100, 0].map((value) => grey(value).png().toBuffer()));
  return sharp(frames, { join: { animated: true } });
};

const pixels = (bytes: Uint8Array) => sharp(bytes).greyscale().raw().toBuffer();

const asciiIndexOf = (bytes: Uint8Array, text: string) => Buffer.from(bytes).indexOf(text, 0, "latin1");

/** Pages, each a directory after the one before: those of `page`, again and again. */
function pages(page: Buffer, count: number): Buffer {
  const directory = page.readUInt32LE(4);
  const link = 2 + 12 * page.readUInt16LE(directory);
  const parts = [Buffer.from(page)];
  let size = page.length;
  let before = { part: parts[0]!, link: directory + link };
  for (let i = 1; i < count; i++) {
    const part = Buffer.from(page.subarray(directory, directory + link + 4));
    part.writeUInt32LE(0, link);
    before.part.writeUInt32LE(size, before.link);
    before = { part, link };
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts);
}

describe("a GIF", () => {
  test("of many frames keeps its first", async () => {
    const gif = await (await moving()).gif().toBuffer();
    const cut = firstFrame(gif);
    expect(cut.length).toBeLessThan(gif.length);
    expect((await sharp(cut).metadata()).pages ?? 1).toBe(1);
    expect(await pixels(cut)).toEqual(await pixels(gif));
    expect(await (await moving()).gif().toBuffer()).toEqual(gif);
    // However many come after.
    const frame = gif.subarray(cut.length - 1, gif.length - 1);
    const long = Buffer.concat([gif.subarray(0, -1), ...Array(1000).fill(frame), gif.subarray(-1)]);
    expect(firstFrame(long)).toEqual(cut);
  });

  test("of one frame is as it was", async () => {
    const gif = await grey(7).gif().toBuffer();
    expect(firstFrame(gif)).toBe(gif);
  });

  test.each([0, 4, 6, 10, 13, 14, 20])("cut short after %d bytes is as it was, or shorter", async (length) => {
    const gif = (await (await moving()).gif().toBuffer()).subarray(0, length);
    expect(firstFrame(gif).length).toBeLessThanOrEqual(length);
  });

  test("with anything but blocks ends there", async () => {
    const gif = await (await moving()).gif().toBuffer();
    const broken = Uint8Array.from(gif);
    broken[13 + 3 * 2 ** (((gif[10] ?? 0) & 7) + 1)] = 0x77;
    expect(firstFrame(broken).length).toBeLessThan(gif.length);
  });
});

describe("a TIFF", () => {
  test.each([{ bigtiff: false }, { bigtiff: true }])("of one page is as it was: %o", async (options) => {
    const tiff = await grey(7).tiff(options).toBuffer();
    expect(firstFrame(tiff)).toBe(tiff);
  });

  test("of many pages keeps its first", async () => {
    const page = await grey(7).tiff({ compression: "none" }).toBuffer();
    const tiff = pages(page, 50);
    expect((await sharp(tiff).metadata()).pages).toBe(50);
    const cut = firstFrame(tiff);
    expect((await sharp(cut).metadata()).pages ?? 1).toBe(1);
    expect(await pixels(cut)).toEqual(await pixels(page));
    expect(tiff).toEqual(pages(page, 50));
  });

  test("whose directory leads out of the file is as it was", async () => {
    const tiff = Uint8Array.from(await grey(7).tiff().toBuffer());
    for (const at of [4, tiff.length - 20]) {
      const broken = tiff.with(at, 255).with(at + 1, 255);
      expect(firstFrame(broken).length).toBe(broken.length);
    }
  });
});

test("other pictures are as they were", async () => {
  for (const format of ["png", "jpeg", "webp"] as const) {
    const bytes = await grey(7).toFormat(format).toBuffer();
    expect(firstFrame(bytes)).toBe(bytes);
  }
  const webp = await (await moving()).webp().toBuffer();
  expect(asciiIndexOf(webp, "ANMF")).toBeGreaterThan(0);
  expect(firstFrame(webp)).toBe(webp);
});
