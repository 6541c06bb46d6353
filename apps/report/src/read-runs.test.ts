import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fileSink } from "@nn/train/node";
import { createRunLog } from "@nn/train/run-log";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFixtureRuns } from "../test/fixture-runs.ts";
import { embedRuns } from "./build-report.ts";
import { openRun } from "./page/run.ts";
import { readRuns } from "./read-runs.ts";

const course = ["perceptron-loans", "moons-workshop", "moons-fast", "mnist-workshop", "mnist-mlp"];

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
  const runs = readRuns(folder, course).map((run, index) =>
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

test("runs that the course does not name follow by name", () => {
  for (const name of ["moons-fast", "zebra", "moons-workshop", "ant"]) mkdirSync(join(folder, name));
  expect(readRuns(folder, course).map(({ recipe }) => recipe)).toEqual([
    "moons-workshop",
    "moons-fast",
    "ant",
    "zebra",
  ]);
});

test("a summary beside an unfinished log belongs to an earlier run and is not shown", async () => {
  await writeFixtureRuns(folder);
  writeFileSync(join(folder, "killed", "summary.json"), JSON.stringify({ testAccuracy: 1, steps: 9 }));
  const run = readRuns(folder).find(({ recipe }) => recipe === "killed");
  if (!run?.log) throw new Error("the fixture has no such run");
  expect(openRun(run, gunzipSync(Buffer.from(run.log, "base64")), 0).facts).toMatchObject({ steps: 300 });
});

test("a summary that is no JSON is a problem of its run", () => {
  mkdirSync(join(folder, "r"));
  writeFileSync(join(folder, "r", "summary.json"), "{");
  expect(readRuns(folder)).toEqual([
    {
      recipe: "r",
      log: null,
      summary: null,
      problem: expect.stringMatching(/^summary.json cannot be read: .*JSON.*\.$/),
    },
  ]);
});

const OUTSIDE = "a link leads out of the folder of runs";

describe.skipIf(process.platform === "win32")("only files of the folder are read", () => {
  let runs = "";
  beforeEach(() => {
    runs = join(folder, "runs");
    for (const name of ["runs", "runs/r", "elsewhere"]) mkdirSync(join(folder, name));
    for (const name of ["elsewhere", "runs/r"]) writeFileSync(join(folder, name, "data"), "secret");
  });

  test.each<[string, (path: string) => void, string]>([
    ["a link to elsewhere", (path) => symlinkSync(join(folder, "elsewhere", "data"), path), OUTSIDE],
    ["a relative one", (path) => symlinkSync("../../elsewhere/data", path), OUTSIDE],
    ["a link to a folder whose name only begins alike", (path) => symlinkSync(`${runs}-of-others`, path), OUTSIDE],
    ["a device", (path) => symlinkSync("/dev/zero", path), OUTSIDE],
    ["a pipe", (path) => void execFileSync("mkfifo", [path]), "it is no regular file"],
    ["a folder", (path) => mkdirSync(path), "it is no regular file"],
    ["a link to itself", (path) => symlinkSync(path, path), "ELOOP"],
  ])("%s is named and not read", (_, make, reason) => {
    writeFileSync(`${runs}-of-others`, "secret");
    for (const name of ["run.arrow", "summary.json"]) {
      make(join(runs, "r", name));
      expect(readRuns(runs)).toEqual([
        {
          recipe: "r",
          log: null,
          summary: null,
          problem: expect.stringContaining(`${name} cannot be read: ${reason}`),
        },
      ]);
      rmSync(join(runs, "r", name), { recursive: true });
    }
  });

  test("a run that is a link out of the folder is named and not read", () => {
    writeFileSync(join(folder, "elsewhere", "run.arrow"), "secret");
    symlinkSync(join(folder, "elsewhere"), join(runs, "linked"));
    expect(readRuns(runs)[0]).toMatchObject({ recipe: "linked", log: null, problem: expect.stringContaining(OUTSIDE) });
  });

  test("links within it are followed, and the folder may be one itself", () => {
    symlinkSync("data", join(runs, "r", "run.arrow"));
    symlinkSync(runs, join(folder, "link"));
    const [run] = readRuns(join(folder, "link"));
    expect(gunzipSync(Buffer.from(run?.log ?? "", "base64")).toString()).toBe("secret");
    expect(run).not.toHaveProperty("problem");
  });

  test("a link to nothing is as no file", () => {
    symlinkSync("gone", join(runs, "r", "run.arrow"));
    expect(readRuns(runs)).toEqual([{ recipe: "r", log: null, summary: null }]);
  });
});

test("names that begin with a dot are no runs", () => {
  mkdirSync(join(folder, ".cache"));
  mkdirSync(join(folder, "r"));
  expect(readRuns(folder).map(({ recipe }) => recipe)).toEqual(["r"]);
});

test("a run that could not be read is shown as unreadable, one that was in part with what is missing", async () => {
  await writeFixtureRuns(folder);
  const run = readRuns(folder).find(({ recipe }) => recipe === "mnist-mlp")!;
  const bytes = gunzipSync(Buffer.from(run.log ?? "", "base64"));
  const problem = "summary.json cannot be read: it is no regular file.";
  expect(openRun({ ...run, summary: null, problem }, bytes, 0)).toMatchObject({ status: "finished", problem });
  expect(openRun({ ...run, log: null, problem }, null, 0)).toMatchObject({ status: "unreadable", problem });
});

test("an interrupted run says by what", async () => {
  const path = join(folder, "r", "run.arrow");
  const log = createRunLog(fileSink(path), { recipe: "r", config: {}, environment: {}, datasets: [] });
  log.scalar({ step: 7, epoch: 0, elapsedMs: 3, split: "train", name: "loss", value: 0.5 });
  await log.interrupt("interrupted by SIGINT");
  const [run] = readRuns(folder);
  expect(openRun(run!, readFileSync(path), 0)).toMatchObject({
    status: "interrupted",
    problem: "The run did not come to its end: interrupted by SIGINT.",
    facts: { steps: 7, finalLoss: 0.5, weightsSha256: undefined },
  });
});

test("no text of a run can end the script element that holds it", () => {
  const page = embedRuns("<body><!-- runs --></body>", [{ recipe: "</script><b>$&", log: null, summary: null }]);
  expect(page.match(/<\/script>/g)).toHaveLength(1);
  expect(page).toContain("$&");
  expect(() => embedRuns("<body></body>", [])).toThrow("lacks");
});
