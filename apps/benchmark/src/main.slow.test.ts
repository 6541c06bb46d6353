import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSafetensors } from "@nn/model";
import { tensor } from "@nn/tensor";
import { readRunLog } from "@nn/train/run-log";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Effects, main } from "./main.ts";
import { lineReporter } from "./progress.ts";
import type { Reach, Recipe } from "./recipe.ts";
import { mnistMlp } from "./recipes/mnist-mlp.ts";
import { mnistWorkshop } from "./recipes/mnist-workshop.ts";
import { moonsFast } from "./recipes/moons-fast.ts";
import { moonsWorkshop } from "./recipes/moons-workshop.ts";
import { fakeData } from "./test-context.ts";

// The last tests start programs, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "nn-benchmark-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Counts to three. */
function counting(name: string, { failAt, reaches = {} }: { failAt?: number; reaches?: Reach } = {}): Recipe {
  return {
    name,
    description: `Counts to three as ${name}`,
    reaches,
    async run({ startLog, print, elapsedMs }) {
      const log = startLog({ config: { to: 3 }, datasets: [{ name: "numbers", fingerprint: "sha256:0" }] });
      for (let step = 1; step <= 3; step++) {
        if (step === failAt) throw new Error(`cannot count to ${step}`);
        log.scalar({ step, epoch: 0, elapsedMs: elapsedMs(), split: "train", name: "loss", value: 1 / step });
        print(`${step}`);
      }
      const parameters = { weight: tensor([1, 2, 3], { dtype: "float64" }) };
      const figures = { finalLoss: 1 / 3, trainAccuracy: 1, testAccuracy: 0.5 };
      return { parameters, steps: 3, epochs: 1, samples: 6, trainingMs: 2, ...figures };
    },
  };
}

async function run(args: readonly string[], recipes: readonly Recipe[] = [counting("one"), counting("two")]) {
  const out: string[] = [];
  const errors: string[] = [];
  const lines: string[] = [];
  const environment = { node: "0", v8: "0", platform: "test", arch: "test", cpu: "none", cores: 1 };
  const effects: Effects = {
    recipes,
    data: fakeData,
    environment: () => environment,
    out: (text) => void out.push(text),
    error: (text) => void errors.push(text),
    reporter: (_recipe, json) => lineReporter((line) => void (json ? errors : lines).push(`${line}\n`)),
    signal: new AbortController().signal,
  };
  const code = await main(args, effects);
  return { code, out: out.join(""), errors: errors.join(""), lines: lines.join("") };
}

test("--help names every option", async () => {
  const { code, out, errors } = await run(["--help"]);
  expect(code).toBe(0);
  for (const option of ["--recipe", "--list", "--json", "--out", "--help", "prepare-data"])
    expect(out).toContain(option);
  expect(errors).toBe("");
});

test("--list lists, in JSON on demand", async () => {
  expect(await run(["--list"])).toMatchObject({
    code: 0,
    out: "one  Counts to three as one\ntwo  Counts to three as two\n",
  });
  const { out } = await run(["--list", "--json"]);
  expect(JSON.parse(out)).toEqual([
    { name: "one", description: "Counts to three as one" },
    { name: "two", description: "Counts to three as two" },
  ]);
  expect(readdirSync(directory)).toEqual([]);
});

test("leaves log, weights and summary for each recipe", async () => {
  const { code, out, lines } = await run(["--out", directory]);
  expect(code).toBe(0);
  expect(lines).toContain("one: Counts to three as one\n1\n2\n3\nloss 0.3333");
  expect(out).toMatch(/recipe +steps +loss +train +test +time\none +3 +0.3333 +100.00 % +50.00 %/);
  for (const name of ["one", "two"]) {
    const file = (path: string): Buffer => readFileSync(join(directory, name, path));
    expect(readdirSync(join(directory, name)).sort()).toEqual(["model.safetensors", "run.arrow", "summary.json"]);
    const summary = JSON.parse(file("summary.json").toString());
    expect(summary).toEqual({
      recipe: name,
      datasets: [{ name: "numbers", fingerprint: "sha256:0" }],
      steps: 3,
      epochs: 1,
      finalLoss: 1 / 3,
      trainAccuracy: 1,
      testAccuracy: 0.5,
      reached: true,
      weightsSha256: createHash("sha256").update(file("model.safetensors")).digest("hex"),
      durationMs: expect.any(Number),
      samplesPerSecond: 3000,
      environment: { node: "0", v8: "0", platform: "test", arch: "test", cpu: "none", cores: 1 },
    });
    expect(loadSafetensors(file("model.safetensors")).parameters.weight?.toArray()).toEqual([1, 2, 3]);
    const log = readRunLog(file("run.arrow"));
    expect(log).toMatchObject({ status: "finished", summary, weightsSha256: summary.weightsSha256 });
    expect(log.header).toMatchObject({ recipe: name, config: { to: 3 }, environment: { platform: "test" } });
    expect(log.series("loss", "train").step).toEqual([1, 2, 3]);
  }
});

test("--recipe chooses, --json answers in JSON alone", async () => {
  const { code, out, errors, lines } = await run(["--recipe", "two", "--json", "--out", directory]);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject([{ recipe: "two", steps: 3 }]);
  expect(errors).toContain("two: Counts to three as two");
  expect(lines).toBe("");
  expect(readdirSync(directory)).toEqual(["two"]);
});

test.each([
  [["--recipe", "three"], "train: received recipe three; expected some of one, two\n"],
  [["three"], "error: too many arguments"],
  [["--fast"], "unknown option '--fast'"],
  [["--recipe"], "argument missing"],
  [["--out"], "argument missing"],
])("wrong arguments are an error and train nothing: %j", async (args, message) => {
  const { code, out, errors } = await run(args);
  expect(code).toBe(1);
  expect(errors).toContain(message);
  expect(out).toBe("");
});

test("a recipe that fails leaves a failed log and nothing that looks whole; the others go on", async () => {
  const stale = join(directory, "one");
  mkdirSync(stale);
  for (const name of ["summary.json", "model.safetensors", "run.arrow"]) writeFileSync(join(stale, name), "{}");
  const { code, errors, out } = await run(
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
  const { code, errors } = await run(["--out", directory], [counting("one", { reaches })]);
  expect(code).toBe(missed === undefined ? 0 : 1);
  expect(errors).toBe(
    missed === undefined ? "" : `train: one failed: ${missed}. Its log, weights and summary are kept.\n`,
  );
  const file = (path: string): Buffer => readFileSync(join(directory, "one", path));
  expect(JSON.parse(file("summary.json").toString())).toMatchObject({ reached: missed === undefined });
  expect(readRunLog(file("run.arrow"))).toMatchObject({ status: "finished" });
  expect(Object.keys(loadSafetensors(file("model.safetensors")).parameters)).toEqual(["weight"]);
});

test.each([
  ["moons-workshop", moonsWorkshop({ iterations: 50, learningRate: 1e300 }), "NeuralNet.train"],
  ["mnist-workshop", mnistWorkshop({ epochs: 2, learningRate: 1e300 }), "NeuralNet.update"],
  ["moons-fast", moonsFast({ iterations: 50, summedLearningRate: 1e36 }), "fit"],
  ["mnist-mlp", mnistMlp({ epochs: 1, hidden: 4, validationSize: 80, learningRate: 1e38 }), "fit"],
])("%s stops at a loss that is no number, names the step and keeps its log", async (name, recipe, operation) => {
  const { code, errors } = await run(["--out", directory], [recipe]);
  expect(code).toBe(1);
  const [, step] = errors.match(/loss (?:of )?(?:NaN|-?Infinity) at step (\d+), in epoch/) ?? [];
  expect(errors).toContain(`train: ${name} failed: ${operation}: received`);
  expect(readdirSync(join(directory, name))).toEqual(["run.arrow"]);
  const log = readRunLog(readFileSync(join(directory, name, "run.arrow")));
  expect(log).toMatchObject({ status: "failed", error: expect.stringContaining(`at step ${step}, in epoch`) });
});

// The whole program, on prepared data.

function start(...args: readonly string[]) {
  const program = join(import.meta.dirname, "train.ts");
  return spawn(process.execPath, ["--conditions=@nn/source", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

test("the program runs, and says what is wrong with exit code 1", async () => {
  const child = start("--recipe", "nothing");
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(1);
  expect(errors).toContain("expected some of perceptron-loans, moons-workshop, moons-fast, mnist-workshop, mnist-mlp");
});

test("a killed run leaves a readable log that says running, and no summary", async () => {
  const folder = join(directory, "moons-workshop");
  mkdirSync(folder);
  writeFileSync(join(folder, "summary.json"), "{}");
  const child = start("--recipe", "moons-workshop", "--out", directory);
  const closed = new Promise((resolve) => child.on("close", (_code, signal) => resolve(signal)));
  child.stdout.on("data", (text) => {
    if (`${text}`.includes("Error en la iteracion 2000")) child.kill("SIGKILL");
  });
  expect(await closed).toBe("SIGKILL");
  expect(existsSync(join(folder, "summary.json"))).toBe(false);
  expect(existsSync(join(folder, "model.safetensors"))).toBe(false);
  const log = readRunLog(readFileSync(join(folder, "run.arrow")));
  expect(log).toMatchObject({ status: "running", header: { recipe: "moons-workshop" } });
  expect(log.series("loss", "train").step.at(-1)).toBeGreaterThanOrEqual(1000);
  expect(log.arrays("decisionBoundary", "train").length).toBeGreaterThanOrEqual(2);
});
