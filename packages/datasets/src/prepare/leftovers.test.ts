/** Files under temporary names, which a killed run leaves behind. */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatOwner, newOwner } from "@nn/arrow/node";
import { zeros } from "@nn/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datasetFromArrays } from "../dataset-from-arrays.ts";
import { writeOwned } from "../node/cli/write-owned.ts";
import { datasetSource, prepare } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-left-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const live = () => formatOwner(newOwner());
const dead = () => formatOwner({ ...newOwner(), pid: spawnSync(process.execPath, ["--version"]).pid });

const put = async (...files: string[]) => {
  for (const file of files) await writeFile(join(folder, file), "left");
};

describe("beside a finished result", () => {
  const run = async () => {
    const arrays = { inputs: zeros([2, 1], { dtype: "float32" }), labels: [0, 0], classNames: ["a"] } as const;
    const train = datasetFromArrays({ name: "x", ...arrays });
    const source = datasetSource({ train }, { column: "point", steps: [] });
    await prepare(source, { out: folder, name: "x", version: "1", classNames: ["a"] });
    return (await readdir(folder)).sort();
  };
  const left = [
    "prepare.journal",
    `prepare.journal.${dead()}.tmp`,
    `.prepared.${dead()}.tmp`,
    `manifest.json.${dead()}.tmp`,
    "train-00000-of-00001.arrow.partial",
    "old-00000-of-00002.arrow.partial",
  ];

  test("the next run removes them, and nothing else", async () => {
    const expected = await run();
    await put(...left, `.prepare-${dead()}.lock`, "notes.txt", "notes.partial");
    expect(await run()).toEqual([...expected, "notes.partial", "notes.txt"].sort());
  });

  test("but not those of a run that goes on", async () => {
    const expected = await run();
    const lock = `.prepare-${live()}.lock`;
    await put(...left, lock);
    expect(await run()).toEqual([...expected, ...left, lock].sort());
  });
});

describe("writeOwned", () => {
  const write = async () => {
    await writeOwned(join(folder, "s.png"), Uint8Array.of(1, 2));
    expect([...(await readFile(join(folder, "s.png")))]).toEqual([1, 2]);
    return (await readdir(folder)).sort();
  };

  test("writes one file", async () => {
    await put("s.png");
    expect(await write()).toEqual(["s.png"]);
  });

  test("removes what killed processes left, and nothing else", async () => {
    const others = [`s.png.${live()}.tmp`, "s.png.tmp", "t.png.1-2-3.tmp"];
    await put(...others, `s.png.${dead()}.tmp`);
    expect(await write()).toEqual([...others, "s.png"].sort());
  });

  test("replaces no folder and no device, and leaves nothing beside", async () => {
    await mkdir(join(folder, "s.png"));
    await expect(writeOwned(join(folder, "s.png"), Uint8Array.of(1))).rejects.toThrow("which is a folder");
    expect(await readdir(folder)).toEqual(["s.png"]);
    await symlink("/dev/null", join(folder, "null"));
    await expect(writeOwned(join(folder, "null"), Uint8Array.of(1))).rejects.toThrow("which is no regular file");
  });

  test("writes to the file that a link leads to", async () => {
    await mkdir(join(folder, "other"));
    await put("other/t.png");
    await symlink("other/t.png", join(folder, "s.png"));
    expect(await write()).toEqual(["other", "s.png"]);
    expect([...(await readFile(join(folder, "other/t.png")))]).toEqual([1, 2]);
    expect(await readdir(join(folder, "other"))).toEqual(["t.png"]);
  });
});
