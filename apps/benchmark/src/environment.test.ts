import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitOf } from "./environment.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-environment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: folder, encoding: "utf8" }).trim();
}

test("the commit, and whether the work tree differs; without git nothing", () => {
  expect(commitOf(folder)).toBeUndefined();
  git("init", "-q");
  writeFileSync(join(folder, "a"), "1");
  git("add", "a");
  git("commit", "-q", "-m", "first");
  const commit = git("rev-parse", "HEAD");
  expect(commitOf(folder)).toBe(commit);
  writeFileSync(join(folder, "a"), "2");
  expect(commitOf(folder)).toBe(`${commit}+changes`);
});

test("reading writes nothing: no lock that a kill could leave", () => {
  git("init", "-q");
  writeFileSync(join(folder, "a"), "1");
  git("add", "a");
  git("commit", "-q", "-m", "first");
  // The index holds another time for the file, and git status would rewrite it.
  utimesSync(join(folder, "a"), 1, 1);
  const index = readFileSync(join(folder, ".git", "index"));
  writeFileSync(join(folder, ".git", "index.lock"), "of a killed process");
  expect(commitOf(folder)).toBe(git("rev-parse", "HEAD"));
  expect(readFileSync(join(folder, ".git", "index"))).toEqual(index);
  rmSync(join(folder, ".git", "index.lock"));
  commitOf(folder);
  expect(readFileSync(join(folder, ".git", "index"))).toEqual(index);
});
