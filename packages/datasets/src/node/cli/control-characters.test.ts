/** Names, cells and fields of others that a terminal would obey. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zeros } from "@nn/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datasetFromArrays } from "../../dataset-from-arrays.ts";
import { datasetSource, prepare } from "../../prepare/index.ts";
import { run } from "./index.ts";

let root: string;
let folder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "nn-set-"));
  folder = join(root, "set");
  const train = datasetFromArrays({
    name: "d",
    inputs: zeros([6, 2], { dtype: "float32" }),
    labels: [0, 1, 0, 1, 0, 1],
    classNames: ["a", "b"],
  });
  const source = datasetSource({ train }, { column: "point", steps: [] });
  await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b"] });
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function call(...args: string[]) {
  let [out, error] = ["", ""];
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    terminal: undefined,
    now: () => 0,
  });
  return { code, out, error };
}

/** Writes the manifest with a change to its text. */
async function change(edit: (text: string) => string): Promise<void> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8");
  expect(edit(text)).not.toBe(text);
  await writeFile(path, edit(text));
}

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
