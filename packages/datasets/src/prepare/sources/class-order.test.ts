import { expect, test } from "vitest";
import { sortClassNames } from "./class-order.ts";

test.each<[string, string[], string[]]>([
  ["integers", ["10", "9", "2"], ["2", "9", "10"]],
  ["decimals", ["10.0", "0.0", "2.0", "1.0"], ["0.0", "1.0", "2.0", "10.0"]],
  ["negative numbers", ["0", "-1", "2", "-2", "1"], ["-2", "-1", "0", "1", "2"]],
  ["negative decimals", ["0.5", "10", "2.5", "-3"], ["-3", "0.5", "2.5", "10"]],
  ["a sign, a point at an end, a power of ten", ["1e3", "+2", ".5", "7.", "-1E-2"], ["-1E-2", ".5", "+2", "7.", "1e3"]],
  ["numbers that are equal, by their characters", ["1.0", "01", "1", "0"], ["0", "01", "1", "1.0"]],
  ["text among numbers", ["10", "9", "x"], ["10", "9", "x"]],
  ["what JavaScript alone takes for a number", ["0x10", "9"], ["0x10", "9"]],
  ["numbers beyond all bounds", ["1e999", "9"], ["1e999", "9"]],
  ["words that mean no number", ["Infinity", "10", "9"], ["10", "9", "Infinity"]],
  ["an empty name", ["10", "", "9"], ["", "10", "9"]],
  ["decimal commas", ["10,5", "9,5"], ["10,5", "9,5"]],
])("%s", (_, names, sorted) => {
  expect(sortClassNames(names)).toEqual(sorted);
});
