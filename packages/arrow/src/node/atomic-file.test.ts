import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFileAtomically, writeFileAtomicallySync } from "./atomic-file.ts";
import { temporaryName } from "./temporary.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-arrow-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (...path: string[]) => readFileSync(join(folder, ...path), "utf8");

describe.each([
  ["writeFileAtomically", writeFileAtomically],
  ["writeFileAtomicallySync", async (...of: Parameters<typeof writeFileAtomically>) => writeFileAtomicallySync(...of)],
] as const)("%s", (_, write) => {
  test.each([
    ["bytes", Uint8Array.of(104, 105)],
    ["text", "hi"],
    ["a view", Uint8Array.of(0, 104, 105, 0).subarray(1, 3)],
  ])("puts %s in place of what was there, and leaves nothing beside", async (_, content) => {
    writeFileSync(join(folder, "a"), "before, and longer");
    await write(join(folder, "a"), content);
    expect([text("a"), readdirSync(folder)]).toEqual(["hi", ["a"]]);
  });

  test("makes the folders", async () => {
    await write(join(folder, "x/y/z"), "");
    expect(text("x/y/z")).toBe("");
  });

  test("removes what killed processes left, and nothing of live ones", async () => {
    const live = temporaryName("run.arrow");
    writeFileSync(join(folder, live), "half");
    // Above the largest process number of any system.
    writeFileSync(join(folder, live.replace(`.${process.pid}-`, `.${2 ** 31 - 1}-`)), "half");
    await write(join(folder, "summary.json"), Uint8Array.of(1));
    expect(readdirSync(folder).sort()).toEqual([live, "summary.json"]);
  });

  test("replaces a link, not what it leads to", async () => {
    writeFileSync(join(folder, "other"), "other");
    symlinkSync("other", join(folder, "a"));
    await write(join(folder, "a"), "new");
    expect([text("a"), text("other")]).toEqual(["new", "other"]);
  });

  test("that fails names its file and leaves nothing", async () => {
    writeFileSync(join(folder, "file"), "");
    const below = join(folder, "file", "run.arrow");
    await expect(write(below, "")).rejects.toMatchObject({
      code: "EEXIST",
      path: below,
      message: expect.stringContaining(below),
    });
    const taken = join(folder, "taken");
    mkdirSync(taken);
    await expect(write(taken, "")).rejects.toThrow(taken);
    expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
  });

  test("twice at once for one file ends with one of them, whole", async () => {
    const contents = ["a", "b", "c"].map((letter) => letter.repeat(100_000));
    await Promise.all(contents.map((content) => write(join(folder, "new/a"), content)));
    expect(contents).toContain(text("new/a"));
    expect(readdirSync(join(folder, "new"))).toEqual(["a"]);
  });
});

test("writeFileAtomically returns before anything is written", async () => {
  const writing = writeFileAtomically(join(folder, "a"), "text");
  expect(readdirSync(folder)).toEqual([]);
  await writing;
  expect(text("a")).toBe("text");
});
