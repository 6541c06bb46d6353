import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InterruptedError } from "@nn/command";
import { loadSafetensors } from "@nn/model";
import { readRunLog } from "@nn/train/run-log";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mnistMlp } from "../recipes/mnist-mlp.ts";
import { mnistWorkshop } from "../recipes/mnist-workshop.ts";
import { moonsFast } from "../recipes/moons-fast.ts";
import { moonsWorkshop } from "../recipes/moons-workshop.ts";
import { perceptronLoans } from "../recipes/perceptron-loans.ts";
import type { Reach, Recipe, Recorder } from "./recipe.ts";
import { counting, train } from "./test-train.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "nn-benchmark-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("--help names every option", async () => {
  const { code, out, errors } = await train(["--help"]);
  expect(code).toBe(0);
  for (const option of ["--recipe", "--list", "--json", "--out", "--help", "prepare-data"])
    expect(out).toContain(option);
  expect(errors).toBe("");
});

test("--list lists, in JSON on demand", async () => {
  expect(await train(["--list"])).toMatchObject({
    code: 0,
    out: "one  Counts to three as one\ntwo  Counts to three as two\n",
  });
  const { out } = await train(["--list", "--json"]);
  expect(JSON.parse(out)).toEqual([
    { name: "one", description: "Counts to three as one" },
    { name: "two", description: "Counts to three as two" },
  ]);
  expect(readdirSync(directory)).toEqual([]);
});

test("leaves log, weights and summary for each recipe", async () => {
  const { code, out, lines } = await train(["--out", directory]);
  expect(code).toBe(0);
  expect(lines).toContain("one: Counts to three as one\n1\n2\n3\nloss 0.3333");
  expect(out).toMatch(/recipe +steps +loss +train +test +time\none +3 +0.3333 +100.00 % +50.00 %/);
  for (const name of ["one", "two"]) {
    const file = (path: string): Buffer => readFileSync(join(directory, name, path));
    expect(readdirSync(join(directory, name)).sort()).toEqual(["model.safetensors", "run.arrow", "summary.json"]);
    const summary = JSON.parse(file("summary.json").toString());
    expect(summary).toEqual({
      recipe: name,
      datasets: [{ name: "numbers", fingerprint: expect.stringMatching(/^sha256:/) }],
      steps: 3,
      epochs: 3,
      finalLoss: 1 / 3,
      trainAccuracy: 1,
      testAccuracy: 0.5,
      reached: true,
      weightsSha256: createHash("sha256").update(file("model.safetensors")).digest("hex"),
      durationMs: expect.any(Number),
      samplesPerSecond: expect.any(Number),
      environment: { node: "0", v8: "0", platform: "test", arch: "test", cpu: "none", cores: 1 },
    });
    expect(loadSafetensors(file("model.safetensors")).parameters.count?.toArray()).toEqual([3]);
    const log = readRunLog(file("run.arrow"));
    expect(log).toMatchObject({ status: "finished", summary, weightsSha256: summary.weightsSha256 });
    expect(log.header).toMatchObject({ recipe: name, config: { to: 3 }, environment: { platform: "test" } });
    expect(log.series("loss", "train").step).toEqual([1, 2, 3]);
  }
});

test("--recipe chooses, --json answers in JSON alone", async () => {
  const { code, out, errors, lines } = await train(["--recipe", "two", "--json", "--out", directory]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject([{ recipe: "two", steps: 3 }]);
  expect(errors).toContain("two: Counts to three as two");
  expect(lines).toBe("");
  expect(readdirSync(directory)).toEqual(["two"]);
});

test.each([
  [["--recipe", "three"], 'train: received recipe "three"; expected some of one, two.\n'],
  [["--recipe", "one", "twoo"], 'train: received recipe "twoo"; expected some of one, two. Did you mean "two"?\n'],
  [["three"], "train: too many arguments. Expected 0 arguments but got 1: three; see train --help\n"],
  [["--fast"], "train: unknown option '--fast' (Did you mean --list?); see train --help\n"],
  [["--recipes", "one"], "train: unknown option '--recipes' (Did you mean --recipe?); see train --help\n"],
  [["--recipe"], "train: option '-r, --recipe <name...>' argument missing; see train --help\n"],
  [["--out"], "train: option '-o, --out <directory>' argument missing; see train --help\n"],
  [["--out", ""], 'train: received --out "", which is empty; expected -o, --out <directory>; see train --help\n'],
])("wrong arguments are one line and train nothing: %j", async (args, message) => {
  expect(await train(args)).toEqual({ code: 2, out: "", errors: message, lines: "" });
});

test("a folder that cannot be written is said once, before anything is trained", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  expect(await train(["--out", file])).toEqual({
    code: 3,
    out: "",
    errors: `train: received --out ${file}, which cannot be written (file already exists, EEXIST); expected a folder for the results\n`,
    lines: "",
  });
});

test("a recipe whose own folder cannot be written fails with exit code 3, the others go on", async () => {
  writeFileSync(join(directory, "one"), "");
  const { code, errors } = await train(["--out", directory]);
  expect({ code, errors }).toEqual({ code: 3, errors: expect.stringMatching(/^train: one failed: E.*one.*\n$/) });
  expect(readdirSync(join(directory, "two"))).toContain("summary.json");
});

test("an interrupted run leaves a log that says so and nothing that looks whole; no other begins", async () => {
  const controller = new AbortController();
  const reason = new InterruptedError("interrupted by SIGINT", 130);
  const onStep = (step: number): void => {
    if (step === 2) controller.abort(reason);
  };
  const recipes = [counting("one"), counting("two", { onStep }), counting("three")];
  await expect(train(["--out", directory], recipes, controller.signal)).rejects.toBe(reason);
  expect(readdirSync(directory).sort()).toEqual(["one", "two"]);
  expect(readdirSync(join(directory, "two")).sort()).toEqual(["checkpoint.safetensors", "run.arrow"]);
  const log = readRunLog(readFileSync(join(directory, "two", "run.arrow")));
  expect(log).toMatchObject({ status: "interrupted", interruption: "interrupted by SIGINT" });
  expect(log.series("loss", "train").step).toEqual([1, 2]);
});

test("what comes when all is measured does not undo the run", async () => {
  const controller = new AbortController();
  const tested = (): void => controller.abort(new InterruptedError("interrupted by SIGTERM", 143));
  const late: Recipe = {
    ...counting("one"),
    prepare: async (data) => ({ ...(await counting("one").prepare(data)), recorders: [{ config: {}, tested }] }),
  };
  await expect(train(["--out", directory], [late, counting("two")], controller.signal)).rejects.toThrow("SIGTERM");
  expect(readdirSync(directory)).toEqual(["one"]);
  expect(readRunLog(readFileSync(join(directory, "one", "run.arrow"))).status).toBe("finished");
});

test.each(
  [
    perceptronLoans(),
    moonsWorkshop({ iterations: 50 }),
    moonsFast({ iterations: 50 }),
    mnistWorkshop({ epochs: 2 }),
    mnistMlp({ epochs: 1, hidden: 4, validationSize: 80 }),
  ].map((each) => [each.name, each] as const),
)("%s ends at its first step once it is interrupted", async (name, recipe) => {
  const reason = new InterruptedError("interrupted by SIGINT", 130);
  const controller = new AbortController();
  const begins: Recipe = {
    ...recipe,
    prepare(data) {
      controller.abort(reason);
      return recipe.prepare(data);
    },
  };
  await expect(train(["--out", directory], [begins], controller.signal)).rejects.toBe(reason);
  expect(readRunLog(readFileSync(join(directory, name, "run.arrow"))).status).toBe("interrupted");
});

/** Stops a run of `recipe` after this step, and gives what its folder holds then. */
async function interruptAfter(step: number, recipe: (onStep: (done: number) => void) => Recipe): Promise<string[]> {
  const controller = new AbortController();
  const interrupted = recipe((done) => {
    if (done === step) controller.abort(new InterruptedError("interrupted by SIGINT", 130));
  });
  await expect(train(["--out", directory], [interrupted], controller.signal)).rejects.toThrow("SIGINT");
  return readdirSync(join(directory, interrupted.name)).sort();
}

/** What a finished run left, but for times. */
function leftBy(recipe: string): { readonly records: unknown; readonly weights: string; readonly summary: unknown } {
  const file = (path: string): Buffer => readFileSync(join(directory, recipe, path));
  const { durationMs, samplesPerSecond, ...summary } = JSON.parse(file("summary.json").toString());
  return {
    records: readRunLog(file("run.arrow")).records.map(({ elapsedMs, ...record }) => record),
    weights: createHash("sha256").update(file("model.safetensors")).digest("hex"),
    summary,
  };
}

test.each<[number, (onStep: (done: number) => void) => Recipe]>([
  [2, (onStep) => counting("one", { onStep })],
  [7, (onStep) => mnistWorkshop({ epochs: 3, onStep: counted(onStep) })],
  [8, (onStep) => mnistWorkshop({ epochs: 3, onStep: counted(onStep) })],
  [30, (onStep) => after(perceptronLoans(), onStep)],
  [41, (onStep) => after(moonsWorkshop({ iterations: 60, every: 20, grid: { rows: 3, columns: 4 } }), onStep)],
  [23, (onStep) => after(moonsFast({ iterations: 50 }), onStep)],
  [7, (onStep) => after(mnistMlp({ epochs: 2, hidden: 4, validationSize: 80 }), onStep)],
])(
  "a run that is interrupted after step %d goes on where it was, to the same weights and log",
  async (step, recipe) => {
    const { name } = recipe(() => undefined);
    await train(["--out", directory], [recipe(() => undefined)]);
    const whole = leftBy(name);
    expect(await interruptAfter(step, recipe)).toEqual(["checkpoint.safetensors", "run.arrow"]);
    expect(readRunLog(readFileSync(join(directory, name, "run.arrow"))).status).toBe("interrupted");
    const { lines } = await train(["--out", directory], [recipe(() => undefined)]);
    expect(lines).toContain(`Going on after step ${step} of `);
    expect(leftBy(name)).toEqual(whole);
    expect(readdirSync(join(directory, name)).sort()).toEqual(["model.safetensors", "run.arrow", "summary.json"]);
  },
);

/** Tells the number of each step of mnist-workshop. */
function counted(onStep: (done: number) => void): () => void {
  let steps = 0;
  return () => onStep(++steps);
}

/** `recipe`, telling of each step. */
function after(recipe: Recipe, onStep: (done: number) => void): Recipe {
  return {
    ...recipe,
    async prepare(data) {
      const run = await recipe.prepare(data);
      const event: Recorder["event"] = (each) => each.type === "step" && onStep(each.step);
      return { ...run, recorders: [...run.recorders, { config: {}, event }] };
    },
  };
}

test("--fresh starts from the first step, and so does a run whose log is gone", async () => {
  const begins = { lines: expect.not.stringContaining("Going on") };
  const recipe = (onStep: (done: number) => void): Recipe => counting("one", { onStep });
  await interruptAfter(2, recipe);
  expect(await train(["--out", directory, "--fresh"], [counting("one")])).toMatchObject({ code: 0, ...begins });
  await interruptAfter(2, recipe);
  rmSync(join(directory, "one", "run.arrow"));
  expect(await train(["--out", directory], [counting("one")])).toMatchObject({ code: 0, ...begins });
});

test("a checkpoint beside a summary is left over: the run starts from the first step", async () => {
  await interruptAfter(2, (onStep) => counting("one", { onStep }));
  writeFileSync(join(directory, "one", "summary.json"), "{}");
  const { code, lines } = await train(["--out", directory], [counting("one")]);
  expect({ code, lines }).toEqual({ code: 0, lines: expect.not.stringContaining("Going on") });
});

test("a damaged checkpoint is refused, and says how to start again", async () => {
  await interruptAfter(2, (onStep) => counting("one", { onStep }));
  const file = join(directory, "one", "checkpoint.safetensors");
  writeFileSync(file, readFileSync(file).subarray(0, 100));
  const { code, errors } = await train(["--out", directory], [counting("one")]);
  expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining("--fresh") });
  expect(readFileSync(file)).toHaveLength(100);
});

test("the checkpoint of another setting is refused, and says how to start again", async () => {
  await interruptAfter(20, (onStep) => after(moonsFast({ iterations: 50 }), onStep));
  const other = moonsFast({ iterations: 50, summedLearningRate: 0.02 });
  const { code, errors } = await train(["--out", directory], [other]);
  expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/optimizer.*--fresh/) });
  // Nothing is lost: the run itself still goes on.
  const { lines } = await train(["--out", directory], [moonsFast({ iterations: 50 })]);
  expect(lines).toContain("Going on after step 20 of 50");
});

test("a recipe that fails leaves a failed log and nothing that looks whole; the others go on", async () => {
  const stale = join(directory, "one");
  mkdirSync(stale);
  for (const name of ["summary.json", "model.safetensors", "run.arrow"]) writeFileSync(join(stale, name), "{}");
  const { code, errors, out } = await train(
    ["--json", "--out", directory],
    [counting("one", { failAt: 3 }), counting("two")],
  );
  expect(code).toBe(1);
  expect(errors).toContain("train: one failed: cannot count to 3\n");
  expect(JSON.parse(out)).toMatchObject([{ recipe: "two" }]);
  expect(readdirSync(stale)).toEqual(["run.arrow"]);
  const log = readRunLog(readFileSync(join(stale, "run.arrow")));
  expect(log).toMatchObject({ status: "failed", error: "cannot count to 3" });
  expect(log.series("loss", "train").step).toEqual([1, 2]);
});

test.each<[Reach, string?]>([
  [{ finalLoss: [0, 0.34], trainAccuracy: [1, 1], testAccuracy: [0.5, 0.5] }],
  [{ testAccuracy: [0.51, 1] }, "received testAccuracy 0.5; expected 0.51 to 1"],
  [
    { trainAccuracy: [0, 0.99], finalLoss: [0.4, 1] },
    `received trainAccuracy 1; expected 0 to 0.99, received finalLoss ${1 / 3}; expected 0.4 to 1`,
  ],
])("a run that misses what its recipe must reach fails, and leaves all its files: %j", async (reaches, missed) => {
  const { code, errors } = await train(["--out", directory], [counting("one", { reaches })]);
  expect(code).toBe(missed === undefined ? 0 : 1);
  expect(errors).toBe(
    missed === undefined ? "" : `train: one failed: ${missed}. Its log, weights and summary are kept.\n`,
  );
  const file = (path: string): Buffer => readFileSync(join(directory, "one", path));
  expect(JSON.parse(file("summary.json").toString())).toMatchObject({ reached: missed === undefined });
  expect(readRunLog(file("run.arrow"))).toMatchObject({ status: "finished" });
  expect(Object.keys(loadSafetensors(file("model.safetensors")).parameters)).toEqual(["count"]);
});
