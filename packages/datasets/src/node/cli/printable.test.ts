import { expect, test } from "vitest";
import { printable, printableLines } from "./printable.ts";

test.each([
  ["C0, and what moves the cursor", "a\u001b[2J\b\r\n\tb", "a\\u001b[2J\\u0008\\u000d\\u000a\\u0009b"],
  ["NUL and DEL", "\0\u007f", "\\u0000\\u007f"],
  ["C1, whose 9b begins a sequence as ESC [ does", "\u0085\u009b31m", "\\u0085\\u009b31m"],
  ["text direction", "a\u202egnp.exe\u2066\u200f\u061c", "a\\u202egnp.exe\\u2066\\u200f\\u061c"],
  ["separators of lines", "a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["no width", "a\u200bb\ufeff\u2060\u00ad\u034f\u3164", "a\\u200bb\\ufeff\\u2060\\u00ad\\u034f\\u3164"],
  ["tags, beyond 16 bits", "a\u{e0041}", "a\\udb40\\udc41"],
])("%s", (_, text, expected) => {
  expect(printable(text)).toBe(expected);
  expect(printable(expected)).toBe(expected);
  expect(JSON.parse(`"${printable(text)}"`)).toBe(text);
});

test.each(["", "Größe 28 × 28 → ½", "тест", "日本語", "نمی\u200cخواهم", "👩\u200d🔬", "é", "0123 \\u001b"])(
  "%j stays as it is",
  (text) => {
    expect(printable(text)).toBe(text);
  },
);

test("no character of the basic plane that stands for an action is left, and lines keep their ends", () => {
  const all = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).join("");
  expect(printable(all)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
  expect(printableLines("a\n\rb\u001b\n")).toBe("a\n\\u000db\\u001b\n");
});
