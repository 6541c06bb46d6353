import { expect, test } from "vitest";
import { formatAgainst, formatBytes, formatCount, formatDuration, formatShare, formatTimeLeft } from "./format.ts";

test.each([
  [0, "0 ms"],
  [90, "90 ms"],
  [999.4, "999 ms"],
  [999.5, "1.0 s"],
  [1234, "1.2 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min 0 s"],
  [59_960, "1 min 0 s"],
  [95_300, "1 min 35 s"],
  [119_499, "1 min 59 s"],
  [119_700, "2 min 0 s"],
  [3_599_499, "59 min 59 s"],
  [3_599_500, "1 h 0 min"],
  [7_260_000, "2 h 1 min"],
  [7_199_999, "2 h 0 min"],
  [3_600_000_000, "1,000 h 0 min"],
  [Number.NaN, "NaN ms"],
  [Number.POSITIVE_INFINITY, "Infinity ms"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [1234, "1 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [95_300, "2 min"],
  [3_569_999, "59 min"],
  [3_570_000, "1 h 0 min"],
  [7_260_000, "2 h 1 min"],
])("%d ms remain: %s", (ms, text) => {
  expect(formatTimeLeft(ms)).toBe(text);
});

test.each([
  [0, "0.00 %"],
  [0.00004, "< 0.01 %"],
  [0.00005, "0.01 %"],
  [0.9781, "97.81 %"],
  [0.99994, "99.99 %"],
  [0.99996, "> 99.99 %"],
  [1 - 2 ** -53, "> 99.99 %"],
  [1, "100.00 %"],
])("the share %d is %s", (share, text) => {
  expect(formatShare(share)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [5_123_456, "5.1 MB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [1.234, 1.1, "1.23"],
  [1.0996, 1.1, "1.0996"],
  [1.1, 1.1, "1.10"],
  [0.94996, 0.95, "0.94996"],
  [0.95, 0.95, "0.950"],
  [123.456, 2, "123"],
])("%d against %d is %s", (value, bar, text) => {
  expect(formatAgainst(value, bar)).toBe(text);
});

test("counts have groups", () => {
  expect([0, 9380, 1e9].map(formatCount)).toEqual(["0", "9,380", "1,000,000,000"]);
});
