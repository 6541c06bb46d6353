import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataset } from "../node.ts";
import { FileList } from "./file-list.ts";
import { fileNameSource, folderSource, type ImageSource, prepare } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-order-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const padded = (number: number, digits: number) => String(number).padStart(digits, "0");

interface Names {
  readonly [kind: string]: { readonly paths: readonly string[]; readonly open?: (root: string) => ImageSource };
}

/** Names as sets of pictures have them, every class with a beginning, a range of numbers or a form of its own. */
const sets: Names = {
  "Kaggle's cats and dogs": {
    paths: upTo(10).flatMap((i) => [`cats/cat.${i}.png`, `dogs/dog.${i}.png`]),
  },
  ImageNet: {
    paths: upTo(20).flatMap((i) => [`n01440764/n01440764_${10000 + 7 * i}.png`, `n02102040/n02102040_${300 + i}.png`]),
  },
  "numbers with the class before them": {
    paths: upTo(12).flatMap((i) => ["rose", "tulip", "daisy"].map((name) => `${name}/${name}_${padded(i, 3)}.png`)),
  },
  "numbers in ranges": { paths: upTo(10).flatMap((i) => [`a/${i}.png`, `b/${1000 + i}.png`]) },
  "classes of different sizes": {
    paths: [...upTo(90).map((i) => `many/x${i}.png`), ...upTo(10).map((i) => `few/${i}.png`)],
  },
  "one file to a class in a tenth": {
    paths: upTo(10).flatMap((i) => upTo(26).map((c) => `c${padded(c, 2)}/c${c}-${i}.png`)),
  },
  "the class in the name, twice": {
    paths: upTo(10).flatMap((i) => [`cat_cat${i}.png`, `dog_dog${i}.png`]),
    open: (root) => fileNameSource(root, { pattern: "{label}_*.png" }),
  },
  "the class in the name, in ranges": {
    paths: upTo(10).flatMap((i) => [`0_${i}.png`, `1_${500 + i}.png`]),
    open: (root) => fileNameSource(root, { pattern: "{label}_*.png" }),
  },
};

async function putAll(paths: readonly string[], bytes: Uint8Array | string = ""): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

const rowsOf = (source: ImageSource) => [...source.images("train", 0)].map(({ id, label }) => ({ id, label }));

describe("no part of the rows is without a class", () => {
  test.each(Object.entries(sets))("%s", async (_, { paths, open = folderSource }) => {
    await putAll(paths);
    const source = open(folder);
    const rows = rowsOf(source);
    expect(rows.map(({ id }) => id).sort()).toEqual(paths.toSorted());
    const count = source.classNames!.length;
    // Fifths: a tenth of these classes may be a single file.
    for (let part = 0; part < 5; part++) {
      const [from, to] = [part, part + 1].map((end) => Math.round((end * rows.length) / 5));
      expect(new Set(rows.slice(from, to).map(({ label }) => label)).size).toBe(count);
    }
  });

  test("train[:80%] and train[80%:] of a prepared set hold both classes", async () => {
    const png = await sharp(new Uint8Array(4), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toBuffer();
    await putAll(sets["Kaggle's cats and dogs"]!.paths, png);
    const out = join(folder, "..", `${folder.slice(-6)}-order-out`);
    try {
      await prepare(folderSource(folder), { out, name: "pets", version: "1" });
      for (const [split, counts] of [
        ["train[:80%]", 8],
        ["train[80%:]", 2],
      ] as const) {
        const { targets } = await openDataset(out, { split });
        expect([...targets.data].sort()).toEqual([...Array(counts).fill(0), ...Array(counts).fill(1)]);
      }
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });
});

describe("the order is the same on every machine", () => {
  // By hashlib in Python: sorted(paths, key=lambda path: sha256(b"nn-datasets row order 0\n" + path.encode()).digest()[:6])
  test("of one class it is that of SHA-256 over the paths", async () => {
    await putAll(upTo(8).map((i) => `a/${i}.png`));
    const hashed = ["a/5.png", "a/2.png", "a/3.png", "a/1.png", "a/0.png", "a/6.png", "a/7.png", "a/4.png"];
    expect(rowsOf(folderSource(folder)).map(({ id }) => id)).toEqual(hashed);
  });

  test("a file that is added moves no other past its neighbours of the class", async () => {
    await putAll(upTo(30).flatMap((i) => [`a/${i}.png`, `b/${i}.png`]));
    const before = rowsOf(folderSource(folder)).map(({ id }) => id);
    await putAll(["a/new.png"]);
    const after = rowsOf(folderSource(folder)).map(({ id }) => id);
    for (const name of ["a/", "b/"]) {
      const ofClass = (ids: readonly string[]) => ids.filter((id) => id.startsWith(name) && id !== "a/new.png");
      expect(ofClass(after)).toEqual(ofClass(before));
    }
  });

  test("however a file system writes an accent", () => {
    const order = (form: string) => {
      const list = new FileList();
      for (const i of upTo(20)) list.add(`caf\u00e9/\u00fc${i}.png`.normalize(form), i % 2);
      return [...list.order()];
    };
    expect(order("NFD")).toEqual(order("NFC"));
  });
});
