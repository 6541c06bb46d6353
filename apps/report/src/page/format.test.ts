import { expect, test } from "vitest";
import {
  formatCount,
  formatDuration,
  formatEnvironment,
  formatNumber,
  formatShare,
  formatValue,
  shortHash,
} from "./format.ts";

test.each([
  [formatCount(9380), "9,380"],
  [formatNumber(0.091234), "0.09123"],
  [formatNumber(0.0000123), "1.23e−5"],
  [formatNumber(-2.5), "−2.5"],
  [formatNumber(0), "0"],
  [formatNumber(Number.NaN), "NaN"],
  [formatNumber(-Infinity), "−∞"],
  [formatShare(0.9781), "97.81 %"],
  [formatDuration(90), "90 ms"],
  [formatDuration(1234), "1.2 s"],
  [formatDuration(95_300), "1 min 35 s"],
  [formatDuration(119_700), "2 min 0 s"],
  [shortHash("sha256:0123456789abcdef"), "0123456789"],
  [formatValue([784, 256, 10]), "784, 256, 10"],
  [formatValue({ xMin: -1, name: "a" }), "xMin -1, name a"],
  [formatValue(null), "null"],
  [
    formatEnvironment({ node: "26.10.0", platform: "linux", arch: "x64", cores: 2 }),
    "Node 26.10.0 · linux x64 · 2 cores",
  ],
  [formatEnvironment({ commit: "6bfa26d99e2f9730d36c" }), "commit 6bfa26d99e"],
  [formatEnvironment({}), ""],
])("%s is %s", (formatted, expected) => {
  expect(formatted).toBe(expected);
});
