import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectDataset, makeMoons } from "@nn/datasets";
import { openDataset } from "@nn/datasets/node";
import { prepare, readDescription } from "@nn/datasets/prepare";
import { afterEach, beforeEach, expect, test } from "vitest";
import manifest from "../manifest.json" with { type: "json" };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-moons-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("the shard holds the very points that the manifest describes", async () => {
  const { open, options } = await readDescription(fileURLToPath(new URL("../manifest.json", import.meta.url)));
  await prepare(await open(), { ...options, out: folder });
  const { samples, noise, seed, shuffle } = manifest.source;
  const drawn = makeMoons({ samples, noise, seed, shuffle });
  const data = expectDataset(await openDataset(folder), { inputShape: [2], target: drawn.target });
  expect(data).toMatchObject({ name: "moons", size: samples, target: { names: ["outer", "inner"] } });
  expect(data.inputs.data).toEqual(drawn.inputs.data);
  expect(data.targets.data).toEqual(drawn.targets.data);
});
