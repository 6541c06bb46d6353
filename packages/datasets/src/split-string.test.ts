import { ArgumentError } from "@nn/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSplit } from "./split-string.ts";

const splits = { name: "d", splits: { train: { rows: 1000 }, test: { rows: 7 } } };
const rowsOf = (text: string) => {
  const { splits: needed, ranges } = parseSplit(text, splits);
  return { needed, ranges };
};

describe("parseSplit", () => {
  test.each([
    ["train", ["train"], undefined],
    ["all", ["train", "test"], undefined],
    ["train+test", ["train", "test"], undefined],
    ["test + train", ["test", "train"], undefined],
    ["train[:]", ["train"], undefined],
    ["train[:80%]", ["train"], [[0, 800]]],
    ["train[80%:]", ["train"], [[800, 1000]]],
    ["train[10%:20%]", ["train"], [[100, 200]]],
    ["train[-5%:]", ["train"], [[950, 1000]]],
    ["train[:-5%]", ["train"], [[0, 950]]],
    ["train[100:200]", ["train"], [[100, 200]]],
    ["train[-10:]", ["train"], [[990, 1000]]],
    ["train[:2000]", ["train"], undefined],
    ["train[-2000:3]", ["train"], [[0, 3]]],
    // 3.5 and 1.75 rows of 7: to the nearest, halves to the even.
    ["test[:50%]", ["test"], [[0, 4]]],
    ["test[:25%]", ["test"], [[0, 2]]],
    ["test[:-50%]", ["test"], [[0, 4]]],
    ["test[-50%:]", ["test"], [[4, 7]]],
    ["test[-100%:-0%]", ["test"], undefined],
    [
      "test[50%:]+train[:1]",
      ["test", "train"],
      [
        [4, 7],
        [7, 8],
      ],
    ],
    [
      "train[:1]+train[5:6]",
      ["train"],
      [
        [0, 1],
        [5, 6],
      ],
    ],
    ["train[:50%]+train[50%:]", ["train"], undefined],
  ])("%s", (text, needed, ranges) => {
    expect(rowsOf(text)).toEqual({ needed, ranges });
  });

  test.each([
    "",
    "valid",
    "train[",
    "train[1]",
    "train[:101%]",
    "train[5:5]",
    "train[900:800]",
    "toString",
    "train[1:2:3]",
  ])("refuses %j", (text) => {
    expect(() => rowsOf(text)).toThrow(ArgumentError);
  });

  test("parts that meet in words meet in rows, and any text is rows or an ArgumentError", () => {
    const percent = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(percent, fc.integer({ min: 2, max: 10_000 }), fc.boolean(), fc.boolean(), (at, rows, ...fromEnd) => {
        const part = (text: string) => {
          try {
            const [range] = parseSplit(text, { name: "d", splits: { train: { rows } } }).ranges ?? [[0, rows] as const];
            return range![1] - range![0];
          } catch (error) {
            expect(error).toBeInstanceOf(ArgumentError);
            return 0;
          }
        };
        const [end, start] = fromEnd.map((isFromEnd) => `${isFromEnd ? at - 100 : at}%`);
        expect(part(`train[:${end}]`) + part(`train[${start}:]`)).toBe(rows);
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^(train|test|x)(\[-?[0-9]{0,3}%?:-?[0-9]{0,3}%?\])?(\+(train|test))?$/),
        (text) => {
          try {
            for (const [from, to] of rowsOf(text).ranges ?? []) expect(to).toBeGreaterThan(from);
          } catch (error) {
            expect(error).toBeInstanceOf(ArgumentError);
          }
        },
      ),
    );
  });
});
