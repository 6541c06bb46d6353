import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFixtureRuns } from "../test/fixture-runs.ts";
import { embedRuns } from "./build-report.ts";
import { openRun } from "./page/run.ts";
import { readRuns } from "./read-runs.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["", "absent"])("no runs in “%s” is an error that says what to do", (name) => {
  expect(() => readRuns(join(folder, name))).toThrow(/received no runs in .*; expected .*\. Train first/);
});

test("every folder is a run, in the order of the course, and each tells its state", async () => {
  await writeFixtureRuns(folder);
  const runs = readRuns(folder).map((run, index) =>
    openRun(run, run.log === null ? null : gunzipSync(Buffer.from(run.log, "base64")), index),
  );
  expect(runs.map(({ recipe, status }) => [recipe, status])).toEqual([
    ["perceptron-loans", "finished"],
    ["moons-workshop", "finished"],
    ["mnist-workshop", "finished"],
    ["mnist-mlp", "finished"],
    ["damaged", "unreadable"],
    ["killed", "unfinished"],
    ["never-started", "missing"],
  ]);
  expect(runs[3]?.facts).toEqual({
    datasets: "mnist",
    steps: 2000,
    epochs: 4,
    finalLoss: 0.0312,
    trainAccuracy: 0.9953,
    testAccuracy: 0.9781,
    samplesPerSecond: 15_230.4,
    durationMs: 84_000,
    weightsSha256: "0123456789abcdef".repeat(4),
  });
  expect(runs[5]?.facts).toMatchObject({ steps: 300, epochs: 30, testAccuracy: undefined, weightsSha256: undefined });
  expect(runs[5]?.problem).toContain("half-written batch is left out");
});

test("a summary beside an unfinished log belongs to an earlier run and is not shown", async () => {
  await writeFixtureRuns(folder);
  writeFileSync(join(folder, "killed", "summary.json"), JSON.stringify({ testAccuracy: 1, steps: 9 }));
  const run = readRuns(folder).find(({ recipe }) => recipe === "killed");
  if (!run?.log) throw new Error("the fixture has no such run");
  expect(openRun(run, gunzipSync(Buffer.from(run.log, "base64")), 0).facts).toMatchObject({ steps: 300 });
});

test("a summary that is no JSON is an error that names the file", () => {
  mkdirSync(join(folder, "r"));
  writeFileSync(join(folder, "r", "summary.json"), "{");
  expect(() => readRuns(folder)).toThrow(/summary\.json/);
});

test("no text of a run can end the script element that holds it", () => {
  const page = embedRuns("<body><!-- runs --></body>", [{ recipe: "</script><b>$&", log: null, summary: null }]);
  expect(page.match(/<\/script>/g)).toHaveLength(1);
  expect(page).toContain("$&");
  expect(() => embedRuns("<body></body>", [])).toThrow("lacks");
});
