import { expect, test } from "vitest";
import { dense, flatten, relu, rescaling, sequential, sigmoid, summary } from "./index.ts";

test("lists layers, shapes and parameters", () => {
  expect(summary(sequential([2], dense(5), sigmoid(), dense(2)))).toBe(
    [
      "layer          output   parameters",
      "input          [N, 2]            0",
      "1  dense(5)    [N, 5]           15",
      "2  sigmoid()   [N, 5]            0",
      "3  dense(2)    [N, 2]           12",
      "total                           27",
    ].join("\n"),
  );
});

test("of a larger model and of none", () => {
  const lines = summary(sequential([28, 28, 1], rescaling(0.5), flatten(), dense(256), relu(), dense(10))).split("\n");
  expect(lines[1]).toContain("[N, 28, 28, 1]");
  expect(lines[4]).toMatch(/^3 {2}dense\(256\) +\[N, 256\] +200,960$/);
  expect(lines.at(-1)).toMatch(/^total +203,530$/);
  expect(summary(sequential([3])).split("\n")).toHaveLength(3);
});
