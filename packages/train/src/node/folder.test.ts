import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryName } from "@nn/arrow/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folder } from "./folder.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "nn-folder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("keeps the last checkpoint, in a folder that it makes", async () => {
  const path = join(root, "runs", "cnn");
  const store = folder(path);
  expect(await store.read()).toBeUndefined();
  for (const bytes of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
    await store.write(bytes);
    expect(new Uint8Array((await store.read())!)).toEqual(bytes);
  }
  expect(readdirSync(path)).toEqual(["checkpoint.safetensors"]);
  expect(store.name).toBe(join(path, "checkpoint.safetensors"));
});

// Above the largest process number of any system: such a process is gone.
const leftover = () => temporaryName("checkpoint.safetensors").replace(`.${process.pid}-`, `.${2 ** 31 - 1}-`);

test.each(["read", "write"] as const)("%s removes what killed processes left", async (action) => {
  writeFileSync(join(root, leftover()), "half");
  writeFileSync(join(root, "run.arrow"), "");
  await (action === "read" ? folder(root).read() : folder(root).write(Uint8Array.of(1)));
  expect(readdirSync(root).sort()).toEqual([...(action === "write" ? ["checkpoint.safetensors"] : []), "run.arrow"]);
});

test("errors name the file, and leave nothing", async () => {
  const file = join(root, "checkpoint.safetensors");
  mkdirSync(file);
  await expect(folder(root).read()).rejects.toThrow(file);
  await expect(folder(root).write(Uint8Array.of(1))).rejects.toThrow(file);
  expect(readdirSync(root)).toEqual(["checkpoint.safetensors"]);
  writeFileSync(join(root, "a"), "file");
  await expect(folder(join(root, "a")).write(Uint8Array.of(1))).rejects.toThrow(join(root, "a"));
  expect(readFileSync(join(root, "a"), "utf8")).toBe("file");
});
