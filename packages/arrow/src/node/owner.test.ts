import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatOwner, isAlive, newOwner, parseOwner } from "./owner.ts";

const ended = () => ({ ...newOwner(), pid: spawnSync(process.execPath, ["--version"]).pid });

test("an owner comes back from its text", () => {
  const owner = newOwner();
  expect(parseOwner(formatOwner(owner))).toEqual(owner);
  expect(formatOwner(newOwner())).not.toBe(formatOwner(owner));
});

test.each([
  "",
  "1-2-3",
  "1-2-0123456g-here",
  "1-2-01234567-",
  "-1-2-01234567-here",
  "1-2-01234567-he.re",
  `${"9".repeat(30)}-2-01234567-x`,
])("%j is no owner", (text) => {
  expect(parseOwner(text)).toBeUndefined();
});

test("it is alive as long as its process is", () => {
  expect(isAlive(newOwner())).toBe(true);
  expect(isAlive(ended())).toBe(false);
});

test("of a process elsewhere nobody can tell: it counts as alive", () => {
  expect(isAlive({ ...ended(), place: "elsewhere-00000000" })).toBe(true);
});

test.skipIf(process.platform !== "linux")("a number that has gone to another process is not the owner", () => {
  expect(isAlive({ ...newOwner(), birth: "1" })).toBe(false);
  expect(isAlive({ ...newOwner(), birth: "0" })).toBe(true);
});
