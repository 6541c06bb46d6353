import { expect, test } from "vitest";
import { formatEnvironment, formatNumber, formatValue, shortHash } from "./format.ts";

test.each([
  [formatNumber(0.091234), "0.09123"],
  [formatNumber(0.0000123), "1.23e−5"],
  [formatNumber(-2.5), "−2.5"],
  [formatNumber(0), "0"],
  [formatNumber(999_949), "999,900"],
  [formatNumber(999_950), "1.00e+6"],
  [formatNumber(-999_999.9), "−1.00e+6"],
  [formatNumber(0.00099999), "0.001"],
  [formatNumber(0.0009994), "9.99e−4"],
  [formatNumber(Number.NaN), "NaN"],
  [formatNumber(-Infinity), "−∞"],
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
