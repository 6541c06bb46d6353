import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@nn/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseManifest } from "../manifest.ts";
import { parseCsv } from "./csv.ts";
import { DuplicateCounter } from "./duplicates.ts";
import { FileList } from "./file-list.ts";
import { unsafePath } from "./image-file.ts";
import { readDescription } from "./index.ts";
import { tableSource } from "./sources/table.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-parsers-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const records = async (pieces: readonly string[]) => {
  const found: string[][] = [];
  for await (const { fields } of parseCsv(pieces)) found.push([...fields]);
  return found;
};

const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "😀"), maxLength: 8 });
const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

describe("parseCsv", () => {
  test("gives back what was written, wherever the text is cut", async () => {
    const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.nat(),
        fc.boolean(),
        async (table, end, cut, last) => {
          const text = table.map((row) => row.map(quoted).join(",")).join(end) + (last && table.length > 0 ? end : "");
          const at = cut % (text.length + 1);
          // A character of two units is never cut in the middle: streams of text see to that.
          fc.pre(!/[\ud800-\udbff]$/.test(text.slice(0, at)));
          expect(await records([text.slice(0, at), text.slice(at)])).toEqual(table);
        },
      ),
    );
  });

  test.each([
    [
      "a,b\n1,2",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\ufeffa,b\r\n\r\n1,2\r\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["a,,\n", [["a", "", ""]]],
    ['"","x"', [["", "x"]]],
    ["", []],
  ])("%j", async (text, expected) => {
    expect(await records([text])).toEqual(expected);
  });

  test("any text ends in records or an ArgumentError", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r") }), async (text) => {
        await records([text]).catch((error: unknown) => expect(error).toBeInstanceOf(ArgumentError));
      }),
    );
  });
});

test("any JSON lines end in a source or an ArgumentError", async () => {
  const row = fc.oneof(
    fc.json(),
    fc
      .record({ path: fc.string(), label: fc.oneof(fc.string(), fc.integer(), fc.constant(null)) })
      .map((value) => JSON.stringify(value)),
  );
  const file = join(folder, "t.jsonl");
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 5 }), async (lines) => {
      await writeFile(file, lines.join("\n"));
      await tableSource(file).catch((error: unknown) => expect(error).toBeInstanceOf(ArgumentError));
    }),
    { numRuns: 60 },
  );
});

test("any JSON ends in a manifest, a description or an ArgumentError", async () => {
  const file = join(folder, "d.json");
  const source = fc.record({
    type: fc.constantFrom("idx", "folder", "table", "moons", "__proto__"),
    splits: fc.jsonValue(),
  });
  const description = fc.record({ name: fc.string(), version: fc.string(), source }, { requiredKeys: ["source"] });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.json(),
        description.map((value) => JSON.stringify(value)),
      ),
      async (text) => {
        expect(() => parseManifest(text)).toThrow(ArgumentError);
        await writeFile(file, text);
        await readDescription(file).catch((error: unknown) => expect(error).toBeInstanceOf(ArgumentError));
      },
    ),
    { numRuns: 60 },
  );
});

describe("FileList", () => {
  const name = fc.string({ unit: fc.constantFrom("a", "b", "0", "1", "2", "-", "/"), minLength: 1, maxLength: 8 });

  test("keeps paths and labels, and orders them the same whatever order they were added in", () => {
    const files = fc.uniqueArray(fc.tuple(name, fc.nat(9)), { selector: ([path]) => path, maxLength: 30 });
    const ordered = (entries: readonly (readonly [string, number])[]) => {
      const list = new FileList();
      for (const [path, label] of entries) list.add(path, label);
      entries.forEach(([path, label], i) => {
        expect(list.at(i)).toEqual({ path, label });
      });
      return [...list.order()].map((i) => list.at(i));
    };
    fc.assert(
      fc.property(files, (entries) => {
        const forward = ordered(entries);
        expect(ordered(entries.toReversed())).toEqual(forward);
      }),
    );
  });

  test("holds many paths of any length", () => {
    const list = new FileList();
    for (let i = 0; i < 5000; i++) list.add(`${"ä".repeat(i % 50)}/${5000 - i}.png`, i % 256);
    expect(list.at(4999)).toEqual({ path: `${"ä".repeat(49)}/1.png`, label: 4999 % 256 });
    expect([...list.order()].sort((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });
});

test("no path that is called safe leads out of its folder", () => {
  const part = fc.constantFrom("..", ".", "a", "", "b.png", "\\", "C:");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom("/", "\\"), (parts, separator) => {
      const path = parts.join(separator);
      if (unsafePath(path) === undefined) expect(join("/root/x", path).startsWith("/root/x")).toBe(true);
    }),
  );
});

test("DuplicateCounter counts as a set does", () => {
  const rows = fc.array(fc.tuple(fc.nat(6), fc.nat(1)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 9 }), (all, width) => {
      const counter = new DuplicateCounter();
      const first = new Map<number, number>();
      let [duplicates, conflictingLabels] = [0, 0];
      for (const [value, label] of all) {
        counter.add(new Uint8Array(width).fill(value), Uint8Array.of(label));
        if (!first.has(value)) first.set(value, label);
        else {
          duplicates += 1;
          if (first.get(value) !== label) conflictingLabels += 1;
        }
      }
      expect(counter).toMatchObject({ duplicates, conflictingLabels });
    }),
  );
});

test("DuplicateCounter tells many rows apart", () => {
  const counter = new DuplicateCounter();
  const inputs = new Float32Array(40_000 * 2).map((_, i) => (i % 2 === 0 ? i / 2 : 0.5));
  counter.add(inputs, new Uint8Array(40_000));
  expect(counter.duplicates).toBe(0);
  counter.add(inputs.subarray(0, 20), new Uint8Array(10).fill(1));
  expect(counter).toMatchObject({ duplicates: 10, conflictingLabels: 10 });
});
