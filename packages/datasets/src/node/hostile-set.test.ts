/** Prepared datasets that somebody else has tampered with, or made up. */

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { copyFile, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryName } from "@nn/arrow/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { parseManifest } from "../manifest.ts";
import { openDataset, readManifest } from "../node.ts";
import { datasetSource, prepare } from "../prepare/index.ts";
import { call, changeManifest, preparedSet } from "./test-set.ts";

let root: string;
let folder: string;
const shard = "train-00000-of-00001.arrow";

beforeEach(async () => {
  ({ root, folder } = await preparedSet());
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const change = (edit: (text: string) => string) => changeManifest(folder, edit);

const failure = async (run: () => Promise<unknown>): Promise<string> => {
  const error = await run().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DataError);
  return (error as DataError).received;
};

describe("a shard that is a link", () => {
  const out = () => join(root, "elsewhere.arrow");

  test("out of the folder is refused by whatever opens it", async () => {
    await rename(join(folder, shard), out());
    await symlink("../elsewhere.arrow", join(folder, shard));
    expect(await failure(() => openDataset(folder))).toBe(
      `${join(folder, shard)}, a link that leads out of the folder`,
    );
    expect((await call("inspect", folder)).code).toBe(1);
    const { code, error } = await call("verify", folder);
    expect(code).toBe(1);
    expect(error).toContain(`${shard}: ${join(folder, shard)}, a link that leads out of the folder\n`);
  });

  test("made so after the dataset was opened too", async () => {
    const data = await openDataset(folder);
    await rename(join(folder, shard), out());
    await symlink(out(), join(folder, shard));
    expect(() => data.targets).toThrow("a link that leads out of the folder");
    expect(() => data.inputs).toThrow("a link that leads out of the folder");
  });

  test("within the folder is read, and so is a folder that a link leads to", async () => {
    await mkdir(join(folder, "files"));
    await rename(join(folder, shard), join(folder, "files/1"));
    await symlink("files/1", join(folder, shard));
    await symlink(folder, join(root, "link"));
    expect((await openDataset(join(root, "link"))).targets.size).toBe(6);
  });

  test("is prepared again", async () => {
    await copyFile(join(folder, shard), out());
    await rm(join(folder, shard));
    await symlink(out(), join(folder, shard));
    const before = await readFile(out());
    const source = datasetSource({ train: await copyOf() }, { column: "point", steps: [] });
    await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b"] });
    expect(fs.lstatSync(join(folder, shard)).isFile()).toBe(true);
    expect(await readFile(out())).toEqual(before);
  });

  async function copyOf() {
    await cp(folder, join(root, "copy"), { recursive: true, dereference: true });
    return openDataset(join(root, "copy"));
  }
});

describe("a manifest", () => {
  test("that is a link out of the folder is refused, but not where it is named itself", async () => {
    await rename(join(folder, "manifest.json"), join(root, "manifest.json"));
    await symlink("../manifest.json", join(folder, "manifest.json"));
    expect(await failure(() => readManifest(folder))).toContain("a link that leads out of the folder");
    expect(await failure(() => openDataset(folder))).toContain("a link that leads out of the folder");
    expect((await openDataset(join(folder, "manifest.json"))).size).toBe(6);
  });

  test("above 64 MiB is refused before it is read", async () => {
    fs.truncateSync(join(folder, "manifest.json"), 2 ** 40);
    expect(await failure(() => readManifest(folder))).toContain("1099511627776 bytes, where 67108864 are the most");
  });
});

describe.skipIf(process.platform === "win32")("pipes and devices are refused at once", () => {
  const pipe = (path: string) => {
    fs.rmSync(path, { force: true });
    execFileSync("/usr/bin/env", ["mkfifo", path]);
  };

  test("as a manifest", async () => {
    pipe(join(folder, "manifest.json"));
    for (const command of ["inspect", "verify"]) {
      for (const path of [folder, join(folder, "manifest.json")]) {
        const { code, error } = await call(command, path);
        expect([code, error]).toEqual([1, expect.stringContaining("manifest.json, which is a named pipe")]);
      }
    }
    expect((await call("inspect", "/dev/zero")).error).toContain("which is a device");
    const prepared = await call("prepare", join(folder, "manifest.json"), "-o", join(root, "out"));
    expect([prepared.code, prepared.error]).toEqual([1, expect.stringContaining("which is a named pipe")]);
  });

  test("as a shard", async () => {
    pipe(join(folder, shard));
    expect(await failure(() => openDataset(folder))).toContain("which is a named pipe, not a regular file");
    expect((await call("verify", folder)).error).toContain("which is a named pipe, not a regular file");
  });

  test("as the files of a run", async () => {
    const images = await imageFolder();
    const out = join(root, "out");
    const prepareThem = () => call("prepare", images, "-o", out, "--classes", "a");
    await prepareThem();
    const expected = fs.readdirSync(out).sort();
    for (const file of [".prepared", "prepare.journal", temporaryName("manifest.json"), `${shard}.partial`, shard]) {
      pipe(join(out, file));
      expect([file, (await prepareThem()).code]).toEqual([file, 0]);
      expect(fs.readdirSync(out).sort()).toEqual(expected);
      expect(expected.every((name) => fs.lstatSync(join(out, name)).isFile())).toBe(true);
    }
    pipe(join(out, "manifest.json"));
    const { code, error } = await prepareThem();
    expect([code, error]).toEqual([2, expect.stringContaining("that prepare did not write, which is a named pipe")]);
  });

  test("as a source", async () => {
    const out = join(root, "out");
    for (const name of ["t.csv", "t.jsonl", "d.json"]) {
      pipe(join(root, name));
      const { code, error } = await call("prepare", join(root, name), "-o", out);
      expect([name, code, error]).toEqual([name, 1, expect.stringContaining("which is a named pipe")]);
    }
    await mkdir(join(root, "idx"));
    pipe(join(root, "idx/train-images-idx3-ubyte"));
    expect((await call("prepare", join(root, "idx"), "-o", out)).error).toContain("which is a named pipe");
    const images = await imageFolder();
    pipe(join(root, "labels.txt"));
    const sheet = [
      "prepare",
      join(images, "a/1.png"),
      "--tile",
      "1x1",
      "--labels",
      join(root, "labels.txt"),
      "-o",
      out,
    ];
    expect((await call(...sheet)).error).toContain("labels.txt, which is a named pipe");
    pipe(join(images, "a/1.png"));
    await writeFile(join(root, "labels.txt.ok"), "a\n");
    const other = sheet.map((arg) => arg.replace("labels.txt", "labels.txt.ok"));
    expect((await call(...other)).error).toContain("1.png, which is a named pipe");
  });

  test("where a run writes: links there lead nowhere else", async () => {
    // A process number above the largest of any system.
    const left = (name: string) => temporaryName(name).replace(`.${process.pid}-`, `.${2 ** 31 - 1}-`);
    const images = await imageFolder();
    const out = join(root, "out");
    await mkdir(out);
    await writeFile(join(root, "victim"), "mine");
    for (const file of [`${shard}.partial`, left("manifest.json"), left(".prepared")]) {
      await symlink("../victim", join(out, file));
    }
    expect((await call("prepare", images, "-o", out)).code).toBe(0);
    expect(await readFile(join(root, "victim"), "utf8")).toBe("mine");
    expect(fs.readdirSync(out).sort()).toEqual([".prepared", "manifest.json", shard]);
  });

  async function imageFolder(): Promise<string> {
    const images = join(root, "images");
    await mkdir(join(images, "a"), { recursive: true });
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
    await writeFile(join(images, "a/1.png"), Buffer.from(png, "base64"));
    return images;
  }
});

describe("numbers that are not believed", () => {
  const most = 2 ** 53 - 1;

  test.each<[string, (text: string) => string, string]>([
    ["rows", (text) => text.replaceAll(/"rows": 6/g, `"rows": ${most}`), "rows"],
    [
      "rows, and bytes for them",
      (text) => text.replaceAll(/"rows": 6/g, `"rows": ${2 ** 40}`).replace(/"bytes": \d+/, `"bytes": ${most}`),
      `${2 ** 40} rows, where 4294967295 are the most`,
    ],
    [
      "rows that the bytes have no room for",
      (text) => text.replaceAll(/"rows": 6/g, '"rows": 600').replace(/\[\s*3,\s*3\s*\]/, "[300, 300]"),
      "600 rows of 9 bytes in the",
    ],
    ["the shape", (text) => text.replace(/"inputShape": \[\s*2\s*\]/, `"inputShape": [${most}]`), "6 rows of"],
    ["a shape without values", (text) => text.replace(/"inputShape": \[\s*2\s*\]/, '"inputShape": [0]'), "inputShape"],
    ["class counts", (text) => text.replace(/\[\s*3,\s*3\s*\]/, `[3, ${most}]`), "in its class counts"],
  ])("%s", async (_, edit, received) => {
    await change(edit);
    expect(await failure(() => openDataset(folder))).toContain(received);
    for (const command of ["inspect", "verify"]) {
      const { code, out } = await call(command, folder);
      expect([code, out]).toEqual([1, ""]);
    }
  });

  test("bytes: the size of the file is what counts", async () => {
    await change((text) => text.replace(/"bytes": \d+/, `"bytes": ${most}`));
    expect(await failure(() => openDataset(folder))).toContain("bytes");
    expect((await call("inspect", folder)).error).toContain(`expected ${most} bytes as the manifest says`);
  });

  test("rows within the bytes: the shard's own number is what counts", async () => {
    const edit = (text: string) => text.replaceAll(/"rows": 6/g, '"rows": 5').replace(/\[\s*3,\s*3\s*\]/, "[3, 2]");
    await change(edit);
    const data = await openDataset(folder);
    expect(() => data.inputs).toThrow('"rows":6');
    expect((await call("verify", folder)).code).toBe(1);
  });

  test("a manifest that prepare wrote passes", async () => {
    expect(parseManifest(await readFile(join(folder, "manifest.json"), "utf8")).rows).toBe(6);
  });
});
