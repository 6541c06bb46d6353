/** Files that change between being checked and being read: their rows would not be those that the sums are of. */

import { mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { idxSource, prepare, type Source, spriteSource } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-changed-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const path = (file: string) => join(folder, file);
let runs = 0;
// Each into a folder of its own: what is prepared already is not read again.
const run = (source: Source) =>
  prepare(source, { out: path(`out-${runs++}`), name: "x", version: "1", classNames: ["a"] });

async function failure(source: Source): Promise<string> {
  const error = await run(source).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).received;
}

const images = (value: number) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, value);

test.each([false, true])("IDX files, compressed: %s", async (isPacked) => {
  const pack = (bytes: Uint8Array) => (isPacked ? gzipSync(bytes) : bytes);
  await writeFile(path("images"), pack(images(1)));
  await writeFile(path("labels"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0));
  const open = () => idxSource({ train: { images: { path: path("images") }, labels: { path: path("labels") } } });
  expect((await run(await open())).rows).toBe(1);
  const replaced = await open();
  await writeFile(path("other"), pack(images(2)));
  await rename(path("other"), path("images"));
  expect(await failure(replaced)).toBe(`${path("images")}, which was changed since it was first read`);
  const written = await open();
  await writeFile(path("images"), pack(images(3)));
  // However coarse the clock of the file system is.
  await utimes(path("images"), 1, 1);
  expect(await failure(written)).toContain("which was changed since it was first read");
  const gone = await open();
  await rm(path("images"));
  expect(await failure(gone)).toBe(`${path("images")}, which cannot be read (ENOENT)`);
});

test("a sprite sheet", async () => {
  const sheet = (value: number) =>
    sharp(Uint8Array.of(value), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toFile(path("sheet.png"));
  await sheet(1);
  await writeFile(path("labels"), "a\n");
  const splits = { train: { sheet: path("sheet.png"), labels: path("labels") } };
  const source = await spriteSource({ splits, tile: { height: 1, width: 1 } });
  await sheet(2);
  expect(await failure(source)).toBe(`${path("sheet.png")}, which was changed since it was first read`);
});
