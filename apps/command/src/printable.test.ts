import { expect, test } from "vitest";
import { printable, printableLine } from "./printable.ts";

test.each([
  ["plain, ñ, 学習, ÷, ✓, 😀, ❤️", "plain, ñ, 学習, ÷, ✓, 😀, ❤️"],
  ["\u001b[31mred", "\\u001b[31mred"],
  ["title \u001b]0;x\u0007", "title \\u001b]0;x\\u0007"],
  ["\u009b31m", "\\u009b31m"],
  ["over\rwritten\tand\bback\u007f\0", "over\\u000dwritten\\u0009and\\u0008back\\u007f\\u0000"],
  ["cat\u202Egnp.exe\u2066", "cat\\u202egnp.exe\\u2066"],
  ["two\u2028lines\u2029", "two\\u2028lines\\u2029"],
  ["half \ud83d pair", "half \\ud83d pair"],
])("%j", (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test("line feeds stay, but for text of one line", () => {
  expect(printable("a\nb")).toBe("a\nb");
  expect(printableLine("a\nb")).toBe("a\\nb");
});

test("JSON stays the same value", () => {
  const value = { name: "\u009b\u202e\u007f\ud83d" };
  expect(JSON.parse(printable(JSON.stringify(value, null, 2)))).toEqual(value);
});
