import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkWritableFolder } from "./writable-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-command-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("makes the folder and leaves nothing in it", () => {
  checkWritableFolder(join(folder, "a", "b"));
  checkWritableFolder(join(folder, "a", "b"));
  expect(readdirSync(join(folder, "a", "b"))).toEqual([]);
});

test.each([
  [["file"], "file already exists, EEXIST"],
  [["file", "below"], "not a directory, ENOTDIR"],
])("a file in the way of %j is named with the folder", (path, reason) => {
  writeFileSync(join(folder, "file"), "");
  const wanted = join(folder, ...path);
  expect(() => checkWritableFolder(wanted)).toThrow(
    expect.objectContaining({
      message: `received --out ${wanted}, which cannot be written (${reason}); expected a folder for the results`,
      syscall: "mkdir",
    }),
  );
});
