import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataset } from "@nn/datasets/node";
import { prepare, readDescription } from "@nn/datasets/prepare";
import { expect, test } from "vitest";
import manifest from "../manifest.json" with { type: "json" };

const description = fileURLToPath(new URL("../manifest.json", import.meta.url));
const isInstalled = existsSync(manifest.source.folder);

test.skipIf(!isInstalled)(
  "the files of Debian's package dataset-fashion-mnist go through with this manifest alone",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "nn-fashion-"));
    try {
      const { open, options } = await readDescription(description);
      const { rows, splits, fingerprint, source } = await prepare(await open(), { ...options, out: folder });
      expect(rows).toBe(70_000);
      expect(splits.train!.classCounts).toEqual(Array(10).fill(6000));
      expect(splits.test!.classCounts).toEqual(Array(10).fill(1000));
      expect(source.every(({ verified }) => verified)).toBe(true);
      expect(fingerprint).toBe("sha256:44f45fcca976109ee1fa8ca0b3ebae924491881dcdff7c5ca86436e1e511581b");
      expect((await openDataset(folder, { split: "test" })).inputs.shape).toEqual([10_000, 28, 28, 1]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test("the manifest describes ten classes, their source and its licence", async () => {
  const { options } = await readDescription(description);
  expect(options).toMatchObject({ name: "fashion-mnist", about: { licence: "MIT" } });
  expect(options.classNames).toHaveLength(10);
});
