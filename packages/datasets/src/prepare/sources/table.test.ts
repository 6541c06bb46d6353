import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../../errors.ts";
import { readDescription } from "../description.ts";
import { spriteSource } from "./sprite.ts";
import { tableSource } from "./table.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-table-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function open(name: string, content: string | Uint8Array) {
  await writeFile(join(folder, name), content);
  return await tableSource(join(folder, name));
}

async function failure(run: Promise<unknown>): Promise<DataError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

const csv = (labels: readonly string[]) => `path,label\n${labels.map((label, i) => `${i}.png,${label}\n`).join("")}`;
const jsonl = (labels: readonly unknown[]) =>
  labels.map((label, i) => `{"path":"${i}.png","label":${label}}`).join("\n");

describe("labels", () => {
  test.each<[string, string, string[], number]>([
    ["t.csv", csv(["10.0", "0.0", "2.0", "1.0", ""]), ["0.0", "1.0", "2.0", "10.0"], 1],
    ["t.csv", csv(["0", "-1", "2", "-2", "1"]), ["-2", "-1", "0", "1", "2"], 0],
    ["t.csv", csv(["0.5", "10", "2.5", "-3", " "]), ["-3", "0.5", "2.5", "10"], 1],
    ["t.csv", csv(["10", "9", "x"]), ["10", "9", "x"], 0],
    ["t.tsv", csv(["10", "9"]).replaceAll(",", "\t"), ["9", "10"], 0],
    ["t.jsonl", jsonl([10, 9, -1]), ["-1", "9", "10"], 0],
    ["t.jsonl", jsonl([0.5, -0.25, 3, null]), ["-0.25", "0.5", "3"], 1],
    ["t.jsonl", jsonl([true, false]), ["false", "true"], 0],
    ["t.jsonl", jsonl(['"a"', '""', 7]), ["7", "a"], 1],
    ["t.jsonl", '{"path":"0.png"}\n{"path":"1.png","label":"a"}', ["a"], 1],
  ])("%s %j", async (name, text, classNames, unlabelled) => {
    const source = await open(name, text);
    expect(source.classNames).toEqual(classNames);
    expect(source.leftOut).toMatchObject({ unlabelled });
    expect(source.splits).toEqual({
      train: text.trim().split("\n").length - unlabelled - (name === "t.jsonl" ? 0 : 1),
    });
  });

  test.each([
    ['["a"]', 'label ["a"] in line 2 of '],
    ['{"a":1}', 'label {"a":1} in line 2 of '],
    ["1e999", "label null in line 2 of "],
    ["9007199254740993", "label 9007199254740992 in line 2 of "],
  ])("JSON's %s is no class", async (label, received) => {
    const error = await failure(open("t.jsonl", jsonl(['"a"', label])));
    expect(error.received).toContain(received);
  });

  test("JSON's paths are text", async () => {
    expect((await failure(open("t.jsonl", '{"path":5,"label":"a"}'))).received).toContain("path 5 in line 1 of ");
  });
});

describe("a table in another form: the error says what to do", () => {
  test.each<[string, string, string | Uint8Array, string]>([
    ["semicolons", "t.csv", "path;label\n1.png;a\n", 'Save the table with commas instead of ";".'],
    ["semicolons and quotes", "t.csv", '"path";"label"\n"1.png";"a"\n', 'Save the table with commas instead of ";".'],
    ["semicolons behind a mark of UTF-8", "t.csv", "\ufeffpath;label\n1.png;a\n", 'instead of ";".'],
    ["semicolons and more columns", "t.csv", "id;label;path\n1;a;1.png\n", 'instead of ";".'],
    ["bars", "t.csv", "path|label\n1.png|a\n", 'instead of "|".'],
    ["tabs", "t.csv", "path\tlabel\n1.png\ta\n", "Call a table that is separated by tabs .tsv."],
    ["commas", "t.tsv", "path,label\n1.png,a\n", "Call a table that is separated by commas .csv."],
    ["sep=,", "t.csv", "sep=,\r\npath,label\r\n1.png,a\r\n", "Remove the first line"],
    [
      "sep=;",
      "t.csv",
      "sep=;\npath;label\n1.png;a\n",
      "Remove the first line, which only spreadsheets understand. Save",
    ],
    ["blanks", "t.csv", "path, label\n1.png, a\n", "Remove the blanks"],
    ["no header", "t.csv", "1.png,a\n2.png,b\n", "Begin the table with the line path,label"],
    ["a list", "t.jsonl", '[{"path":"1.png","label":"a"}]', "Write the objects of the list one a line."],
    ["UTF-16", "t.csv", Buffer.from("\ufeffpath,label\n1.png,a\n", "utf16le"), "Save the file as UTF-8"],
    ["UTF-16, the other way round", "t.csv", Buffer.from("\ufeffpath,label\n", "utf16le").swap16(), "as UTF-8"],
    ["UTF-16 without a mark", "t.tsv", Buffer.from("path\tlabel\n", "utf16le"), "Save the file as UTF-8"],
    ["UTF-16", "t.jsonl", Buffer.from('\ufeff{"path":"1.png","label":"a"}', "utf16le"), "Save the file as UTF-8"],
  ])("%s in %s", async (_, name, content, fix) => {
    expect((await failure(open(name, content))).fix).toContain(fix);
  });
});

describe("labels that are not UTF-8 have an error with their line", () => {
  const latin = (text: string) => Buffer.from(text, "latin1");

  test.each([
    ["t.csv", csv(["caf\u00e9", "caf\u00e8"]), 2],
    ["t.csv", csv(["a", "b", "caf\u00e9"]).replaceAll("\n", "\r\n"), 4],
    ["t.tsv", csv(["a", "caf\u00e9"]).replaceAll(",", "\t"), 3],
    ["t.jsonl", jsonl(['"caf\u00e9"', '"caf\u00e8"']), 1],
    ["t.ndjson", jsonl(['"a"', '"caf\u00e8"']), 2],
  ])("%s %j", async (name, text, line) => {
    const { received } = await failure(open(name, latin(text)));
    expect(received).toContain(`line ${line} of ${join(folder, name)} with "caf`);
    await open(name, text);
  });

  test("those of sprites", async () => {
    const labels = join(folder, "labels.txt");
    await writeFile(labels, latin("a\nb\ncaf\u00e9\n"));
    const splits = { train: { sheet: join(folder, "sheet.png"), labels } };
    const error = await failure(spriteSource({ splits, tile: { height: 2, width: 2 } }));
    expect(error).toMatchObject({
      operation: "spriteSource",
      received: expect.stringContaining(`line 3 of ${labels}`),
    });
  });

  test("those of a description, which may begin with a mark of UTF-8", async () => {
    const path = join(folder, "d.json");
    const text = '{"name":"x","version":"1",\n"classNames":["caf\u00e9","caf\u00e8"],"source":{"type":"folder"}}';
    await writeFile(path, latin(text));
    expect((await failure(readDescription(path))).received).toContain(`line 2 of ${path}`);
    await writeFile(path, `\ufeff${text}`);
    expect((await readDescription(path)).options.classNames).toEqual(["caf\u00e9", "caf\u00e8"]);
  });
});
