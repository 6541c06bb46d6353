import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectDataset, makeMoons } from "@nn/datasets";
import { openDataset } from "@nn/datasets/node";
import { prepare } from "@nn/datasets/prepare";
import { afterEach, beforeEach, expect, test } from "vitest";
import manifest from "../manifest.json" with { type: "json" };
import { openSource } from "../source.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-moons-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("the shard holds the very points that the manifest describes", async () => {
  const { name, version, about, classNames, source } = manifest;
  await prepare(openSource(), { out: folder, name, version, about, classNames });
  const data = expectDataset(await openDataset(folder), { inputShape: [2], classCount: 2 });
  const { samples, noise, seed, shuffle } = source;
  const drawn = makeMoons({ samples, noise, seed, shuffle });
  expect(data).toMatchObject({ name: "moons", size: samples, classNames: ["outer", "inner"] });
  expect(data.inputs.data).toEqual(drawn.inputs.data);
  expect(data.labels.data).toEqual(drawn.labels.data);
});
