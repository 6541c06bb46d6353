/** Names, cells and fields of others that a terminal would obey. */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, changeManifest, preparedSet } from "../test-set.ts";

let root: string;
let folder: string;

beforeEach(async () => {
  ({ root, folder } = await preparedSet());
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const change = (edit: (text: string) => string) => changeManifest(folder, edit);

describe("control characters", () => {
  const hostile = "x\u001b[31m\u009b2J\u202e\nrows 7\u2028";
  const json = JSON.stringify(hostile).slice(1, -1);
  const raw = /[\p{Cc}\p{Zl}\p{Bidi_Control}]/u;
  const isClean = (text: string) => expect(text.replaceAll("\n", "")).not.toMatch(raw);

  test("of a manifest are shown, not sent to the terminal", async () => {
    await change((text) =>
      text
        .replaceAll('"name": "d"', `"name": "${json}"`)
        .replace('"a"', `"a${json}"`)
        .replace('"about": {}', `"about": { "title": "${json}", "k${json}": "${json}" }`)
        .replace('"steps": []', `"steps": ["s${json}"]`)
        .replace('"column": "point"', `"column": "c${json}"`),
    );
    const { code, out } = await call("inspect", folder);
    expect(code).toBe(0);
    isClean(out);
    expect(out).toContain("dataset");
    expect(out).toContain("x\\u001b[31m\\u009b2J\\u202e\\u000arows 7\\u2028");
    expect(out.split("\n").filter((line) => line.startsWith("rows 7"))).toEqual([]);
    const printed = (await call("inspect", folder, "--json")).out;
    isClean(printed);
    expect(JSON.parse(printed)).toMatchObject({ name: hostile, classNames: [`a${hostile}`, "b"] });
    const verified = await call("verify", folder);
    isClean(verified.error);
    expect(verified.error.split("\n")).toHaveLength(3);
    isClean((await call("verify", folder, "--json")).out);
  });

  test("of a manifest that is none, of names and of arguments", async () => {
    await change((text) => text.replace('"version": "1"', `"version": ["${json}"]`));
    for (const args of [["inspect", folder], ["verify", folder], ["inspect", join(root, hostile)], [hostile]]) {
      const { code, error } = await call(...args);
      expect(code).toBeGreaterThan(0);
      isClean(error);
    }
    await mkdir(join(root, "in", hostile), { recursive: true });
    await writeFile(join(root, "in", hostile, `${hostile}.png`), "none");
    const failed = await call("prepare", join(root, "in"), "-o", join(root, "out"), "--size", "1x1");
    isClean(failed.error);
    expect([failed.code, failed.error.split("\n")]).toEqual([1, [expect.stringContaining("begins like no"), ""]]);
  });

  test("of cells and labels in a table", async () => {
    await writeFile(join(root, "t.csv"), `"pa${hostile}th",label\n1.png,a\n`);
    const header = await call("prepare", join(root, "t.csv"), "-o", join(root, "out"));
    isClean(header.error);
    expect(header.error).toContain("\\u202e");
    await writeFile(join(root, "t.csv"), `path,label\n"${hostile}.png",a\n`);
    const cell = await call("prepare", join(root, "t.csv"), "-o", join(root, "out"), "--size", "1x1");
    isClean(cell.error);
    expect(cell.error.split("\n")).toHaveLength(2);
  });
});
