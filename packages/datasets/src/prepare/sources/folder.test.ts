import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../../errors.ts";
import { type FolderOptions, folderSource } from "./folder.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-folder-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The rows of each class in each split of a folder with these files, and the files without a label. */
async function found(paths: readonly string[], options: FolderOptions = {}) {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), "");
  }
  const source = folderSource(folder, options);
  const rows: Record<string, Record<string, number>> = {};
  for (const split of Object.keys(source.splits)) {
    const counts: Record<string, number> = {};
    for (const { label } of source.images(split, 0)) {
      const name = source.classNames![label]!;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    rows[split] = counts;
  }
  return { rows, unlabelled: source.leftOut!.unlabelled };
}

const nested = ["class1/1.png", "class1/more/2.png", "class2/3.png", "class2/4.png"];

describe("classes and splits", () => {
  test.each<[string, string[], FolderOptions, Record<string, Record<string, number>>, number]>([
    ["a folder inside a class folder", nested, {}, { train: { class1: 2, class2: 2 } }, 0],
    ["two folders down in one class", ["a/1.png", "b/c/d/2.png"], {}, { train: { a: 1, b: 1 } }, 0],
    ["loose pictures at the top", ["0.png", ...nested], {}, { train: { class1: 2, class2: 2 } }, 1],
    ["splits", ["train/a/1.png", "train/b/2.png", "test/a/3.png"], {}, { train: { a: 1, b: 1 }, test: { a: 1 } }, 0],
    ["one split alone", ["train/a/1.png", "train/b/2.png"], {}, { train: { a: 1, b: 1 } }, 0],
    [
      "splits of other names beside them",
      ["train/a/1.png", "extra/a/2.png"],
      {},
      { train: { a: 1 }, extra: { a: 1 } },
      0,
    ],
    [
      "a loose picture in a split",
      ["train/a/1.png", "test/a/2.png", "test/3.png"],
      {},
      { train: { a: 1 }, test: { a: 1 } },
      1,
    ],
    ["a folder inside a class of a split", ["train/a/1.png", "train/a/more/2.png"], {}, { train: { a: 2 } }, 0],
    ["no folder inside", ["train/1.png", "car/2.png"], {}, { train: { train: 1, car: 1 } }, 0],
    ["splits that are denied", ["one/a/1.png", "two/b/2.png"], { hasSplits: false }, { train: { one: 1, two: 1 } }, 0],
    ["splits that are told", ["one/a/1.png", "two/b/2.png"], { hasSplits: true }, { one: { a: 1 }, two: { b: 1 } }, 0],
    ["splits that are told of a mixture", nested, { hasSplits: true }, { class1: { more: 1 } }, 3],
  ])("%s", async (_, paths, options, rows, unlabelled) => {
    expect(await found(paths, options)).toEqual({ rows, unlabelled });
  });

  test.each([
    ["a folder in every class", ["class1/more/1.png", "class2/more/2.png"]],
    ["a class that is called as a split is", ["train/1.png", "car/2.png", "car/more/3.png"]],
  ])("%s: the error says how to tell", async (_, paths) => {
    const error: unknown = await found(paths).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).fix).toContain("hasSplits: false or hasSplits: true");
    expect((error as DataError).fix).toContain("--no-splits or --splits");
  });
});
