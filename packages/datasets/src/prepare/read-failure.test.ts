/** Disks and networks that fail while files are read: no file is to blame, and nothing that is done is lost. */

import fs from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderSource, idxSource, prepare, tableSource } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-read-"));
});

afterEach(async () => {
  heal();
  await rm(folder, { recursive: true });
});

const originals = {
  openSync: fs.openSync,
  readSync: fs.readSync,
  read: fs.read,
  realpathSync: fs.realpathSync,
  opendirSync: fs.opendirSync,
};

function heal(): void {
  Object.assign(fs, originals);
  syncBuiltinESMExports();
}

/** After `good` calls of `name` whose first argument fits, the rest fails with `code`. */
function failAfter(name: keyof typeof originals, good: number, code: string, fits = (_: unknown) => true): void {
  let calls = 0;
  const failure = () => Object.assign(new Error(`${code}: it fails`), { code, syscall: name });
  const broken = (...args: unknown[]) => {
    if (!fits(args[0]) || ++calls <= good) return (originals[name] as (...all: unknown[]) => unknown)(...args);
    const callback = name === "read" ? args.at(-1) : undefined;
    if (typeof callback !== "function") throw failure();
    setImmediate(callback as (error: Error) => void, failure());
  };
  const native = Object.assign(() => broken, { native: originals.realpathSync.native });
  Object.assign(fs, { [name]: name === "realpathSync" ? Object.assign(broken, native) : broken });
  syncBuiltinESMExports();
}

const options = () => ({ out: join(folder, "out"), name: "x", version: "1", shardSize: 32 }) as const;

/** 96 files in one class. */
async function images(): Promise<string> {
  const root = join(folder, "in");
  await mkdir(join(root, "a"), { recursive: true });
  for (let i = 0; i < 96; i++) {
    const raw = { width: 2, height: 2, channels: 1 } as const;
    await sharp(Uint8Array.of(i, 1, 2, 3), { raw })
      .png()
      .toFile(join(root, `a/${i}.png`));
  }
  return root;
}

describe.each(["fail", "skip"] as const)("with onError %s", (onError) => {
  test.each([
    ["openSync", "EMFILE"],
    ["openSync", "EACCES"],
    ["readSync", "EIO"],
    ["readSync", "ESTALE"],
  ] as const)("%s that ends in %s ends the run, and the next goes on", async (name, code) => {
    const root = await images();
    const run = (onProgress: (progress: { rows: number }) => void = () => undefined) =>
      prepare(folderSource(root), { ...options(), onError, concurrency: 1, onProgress });
    const isImage = (of: unknown) => typeof of === "number" || String(of).endsWith(".png");
    failAfter(name, 80, code, isImage);
    await expect(run()).rejects.toMatchObject({ code });
    heal();
    expect(await readdir(join(folder, "out"))).toContain("train-00000-of-00003.arrow.partial");
    const seen: number[] = [];
    const { rows, report } = await run(({ rows }) => seen.push(rows));
    expect([rows, report.skipped]).toEqual([96, 0]);
    expect(seen[0]).toBeGreaterThan(32);
  });
});

test("the error says which file it was", async () => {
  const root = await images();
  failAfter("readSync", 40, "EIO", (of) => typeof of === "number");
  await expect(prepare(folderSource(root), options())).rejects.toThrow(/EIO: it fails.*a\/\d+\.png/);
});

test.each([false, true])("IDX files, compressed: %s", async (isPacked) => {
  const pack = (bytes: Uint8Array) => (isPacked ? gzipSync(bytes, { level: 0 }) : bytes);
  const side = 400;
  const size = [0, 0, side >> 8, side & 255];
  const pixels = new Uint8Array(96 * side * side);
  const path = (what: string) => ({ path: join(folder, what) });
  await writeFile(
    path("images").path,
    pack(Buffer.concat([Buffer.of(0, 0, 8, 3, 0, 0, 0, 96, ...size, ...size), pixels])),
  );
  await writeFile(path("labels").path, pack(Buffer.concat([Buffer.of(0, 0, 8, 1, 0, 0, 0, 96), new Uint8Array(96)])));
  const source = await idxSource({ train: { images: path("images"), labels: path("labels") } });
  const run = (onProgress: (progress: { rows: number }) => void = () => undefined) =>
    prepare(source, { ...options(), classNames: ["a"], onProgress });
  failAfter("read", 56, "EIO");
  await expect(run()).rejects.toMatchObject({ code: "EIO" });
  heal();
  expect(await readdir(join(folder, "out"))).toContain("train-00000-of-00003.arrow.partial");
  const seen: number[] = [];
  await run(({ rows }) => seen.push(rows));
  expect(seen[0]).toBeGreaterThan(32);
});

test.each([
  ["opendirSync", "EIO"],
  ["realpathSync", "EACCES"],
] as const)("a folder of which %s fails with %s is not taken for what is left of it", async (name, code) => {
  const root = await images();
  await symlink(join(root, "a/1.png"), join(root, "a/link.png"));
  failAfter(name, 1, code);
  expect(() => folderSource(root)).toThrow(expect.objectContaining({ code }));
});

test("a path that leads to no file is the table's fault", async () => {
  const root = await images();
  await symlink("round.png", join(root, "round.png"));
  const names = ["none.png", "a/1.png/x.png", "round.png", `${"x".repeat(300)}.png`, "a"];
  const rows = ["a/1.png", ...names].map((path) => JSON.stringify({ path, label: "a" }));
  await writeFile(join(root, "t.jsonl"), rows.join("\n"));
  const { report } = await prepare(await tableSource(join(root, "t.jsonl")), { ...options(), onError: "skip" });
  expect(report.skipped).toBe(names.length);
});
