import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromArray } from "@nn/tensor";
import { expect, test } from "vitest";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { makeMoons } from "./moons.ts";
import { datasetSource, prepare } from "./prepare/index.ts";

const script = fileURLToPath(new URL("../python/check-readers.py", import.meta.url));
const libraries = "import pyarrow, polars, duckdb, datasets, numpy";

/** A Python that has the four readers: NN_PYTHON, or the machine's. */
const python = [process.env.NN_PYTHON, "python3", "python"].find(
  (name) => name !== undefined && spawnSync(name, ["-c", libraries], { timeout: 600_000 }).status === 0,
);

const names = ["no", "yes", "vielleicht ä"];
const images = datasetFromArrays({
  name: "images",
  inputs: fromArray(
    Uint8Array.from({ length: 50 * 12 }, (_, i) => (i * 7) % 256),
    [50, 4, 3, 1],
  ),
  labels: Array.from({ length: 50 }, (_, i) => i % 3),
  classNames: names,
});

test.skipIf(python === undefined).each([
  ["images", datasetSource({ train: images, test: images.take(7) }, { column: "image", steps: ["ä@1()"] }), names],
  ["points", datasetSource({ train: makeMoons() as never }, { column: "point", steps: [] }), ["outer", "inner"]],
] as const)(
  "pyarrow, polars, DuckDB and Hugging Face datasets read labels and %s as stated (needs a Python that has them)",
  async (name, source, classNames) => {
    const out = await mkdtemp(join(tmpdir(), "nn-readers-"));
    try {
      await prepare(source, { out, name, version: "1", classNames, shardSize: 20 });
      const env = { ...process.env, HF_HUB_OFFLINE: "1", HF_HOME: join(out, "cache") };
      const { status, stdout, stderr } = spawnSync(python!, [script, out], { encoding: "utf8", env });
      expect(stderr).toBe("");
      expect(stdout.trim().split("\n")).toHaveLength(4);
      expect(status).toBe(0);
    } finally {
      await rm(out, { recursive: true });
    }
  },
);
