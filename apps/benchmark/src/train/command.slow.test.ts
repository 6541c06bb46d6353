import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundary } from "@nn/train/records";
import { readRunLog } from "@nn/train/run-log";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { mnistMlp } from "../recipes/mnist-mlp.ts";
import { mnistWorkshop } from "../recipes/mnist-workshop.ts";
import { moonsFast } from "../recipes/moons-fast.ts";
import { moonsWorkshop } from "../recipes/moons-workshop.ts";
import { train } from "./test-train.ts";

// Whole runs, on machines that may be busy.
vi.setConfig({ testTimeout: 300_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "nn-benchmark-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test.each([
  ["moons-workshop", moonsWorkshop({ iterations: 50, learningRate: 1e300 }), "NeuralNet.update"],
  ["mnist-workshop", mnistWorkshop({ epochs: 2, learningRate: 1e300 }), "NeuralNet.update"],
  ["moons-fast", moonsFast({ iterations: 50, summedLearningRate: 1e36 }), "fit"],
  ["mnist-mlp", mnistMlp({ epochs: 1, hidden: 4, validationSize: 80, learningRate: 1e38 }), "fit"],
])("%s stops at a loss that is no number, names the step and keeps its log", async (name, recipe, operation) => {
  const { code, errors } = await train(["--out", directory], [recipe]);
  expect(code).toBe(1);
  const [, step] = errors.match(/loss (?:of )?(?:NaN|-?Infinity) at step (\d+), in epoch/) ?? [];
  expect(errors).toContain(`train: ${name} failed: ${operation}: received`);
  expect(readdirSync(join(directory, name))).toEqual(["run.arrow"]);
  const log = readRunLog(readFileSync(join(directory, name, "run.arrow")));
  expect(log).toMatchObject({ status: "failed", error: expect.stringContaining(`at step ${step}, in epoch`) });
});

// The whole program, on prepared data.

function start(...args: readonly string[]) {
  const program = join(import.meta.dirname, "../train.ts");
  return spawn(process.execPath, ["--conditions=@nn/source", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

test("the program runs, and says what is wrong with exit code 2", async () => {
  const child = start("--recipe", "nothing");
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(2);
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
  expect(boundary.read(log)!.values.length).toBeGreaterThanOrEqual(2);
});

test("a killed run goes on from its last checkpoint, to the weights and the log of a whole one", async () => {
  const run = (...args: readonly string[]) => start("--recipe", "moons-fast", ...args);
  const [whole, cut] = [join(directory, "whole"), join(directory, "cut")];
  const first = run("--out", cut);
  const killed = new Promise((resolve) => first.on("close", (_code, signal) => resolve(signal)));
  first.stdout.on("data", (text) => {
    if (`${text}`.includes("Error en la iteracion 9000")) first.kill("SIGKILL");
  });
  expect(await killed).toBe("SIGKILL");
  let printed = "";
  for (const folder of [cut, whole]) {
    const child = run("--out", folder);
    child.stdout.on("data", (text) => {
      printed += text;
    });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  }
  expect(printed).toMatch(/Going on after step \d000 of 20000/);
  const left = (folder: string) => {
    const log = readRunLog(readFileSync(join(folder, "moons-fast", "run.arrow")));
    return { weights: log.weightsSha256, records: log.records.map(({ elapsedMs, ...record }) => record) };
  };
  expect(left(cut)).toEqual(left(whole));
  expect(readdirSync(join(cut, "moons-fast")).sort()).toEqual(["model.safetensors", "run.arrow", "summary.json"]);
});

/** Runs the program on a terminal of its own, types `key` when the output of `recipe` matches `moment`, and gives what came. */
function onTerminal(
  recipe: string,
  moment: RegExp,
  key: string,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const program = join(import.meta.dirname, "../train.ts");
  const line = [process.execPath, "--conditions=@nn/source", program, "--recipe", recipe, "--out", directory].join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"]);
  let output = "";
  let typed = false;
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    output += more;
    if (typed || !moment.test(output)) return;
    typed = true;
    child.stdin.write(key);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

const hasTerminals = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

test.skipIf(!hasTerminals)(
  "Ctrl-C on a terminal takes the bar away, says so in the log and ends with 130",
  async () => {
    const { code, output } = await onTerminal("moons-workshop", /iteracion 2000.*█/s, "\u0003");
    expect(code).toBe(130);
    expect(output).toContain("moons-workshop █");
    // Lines are never made not to wrap, the cursor is never hidden; the line is cleared before the last words.
    for (const off of ["\u001b[?7l", "\u001b[?25l"]) expect(output).not.toContain(off);
    expect(output.endsWith("\u001b[2Ktrain: interrupted by SIGINT\r\n")).toBe(true);
    const log = readRunLog(readFileSync(join(directory, "moons-workshop", "run.arrow")));
    expect(log).toMatchObject({ status: "interrupted", interruption: "interrupted by SIGINT" });
    expect(readdirSync(join(directory, "moons-workshop")).sort()).toEqual(["checkpoint.safetensors", "run.arrow"]);
  },
);

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends the run, and its log says so", async (signal, expected) => {
  const child = start("--recipe", "mnist-workshop", "--out", directory);
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.stdout.on("data", (text) => {
    if (`${text}`.includes("Epoch 2 ")) child.kill(signal);
  });
  expect(await closed).toBe(expected);
  const log = readRunLog(readFileSync(join(directory, "mnist-workshop", "run.arrow")));
  expect(log).toMatchObject({ status: "interrupted", interruption: `interrupted by ${signal}` });
});

test("a run whose output nobody reads ends, and its log says so", async () => {
  const child = start("--recipe", "moons-workshop", "--out", directory);
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const closed = new Promise((resolve) => child.on("close", resolve));
  child.stdout.once("data", () => child.stdout.destroy());
  expect(await closed).toBe(3);
  expect(errors).toBe("train: nobody reads standard output any more (EPIPE)\n");
  expect(readRunLog(readFileSync(join(directory, "moons-workshop", "run.arrow"))).status).toBe("interrupted");
});
