import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryName } from "@nn/arrow/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lineReporter } from "../progress.ts";
import { fakeData } from "../train/test-recipe.ts";
import { cases } from "./cases/index.ts";
import { moonsStep } from "./cases/moons-step.ts";
import { bench, type Effects } from "./command.ts";
import type { ContenderSpec } from "./contender-spec.ts";
import { look } from "./contenders/find-python.ts";
import { contenders } from "./contenders/index.ts";
import { type MeasureOptions, measure } from "./measure.ts";
import type { CaseResult } from "./result.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "nn-bench-test-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const effects: Effects = {
    cases,
    contenders,
    data: fakeData,
    environment: () => ({ cpu: "none" }),
    load: () => [0.5, 0.25, 0],
    now: () => new Date(0),
    out: (text) => void out.push(text),
    error: (text) => void errors.push(text),
    reporter: () => lineReporter((line) => void errors.push(`${line}\n`)),
  };
  const code = await bench(args, effects);
  return { code, out: out.join(""), errors: errors.join("") };
}

test("--help names every option", async () => {
  const { code, out, errors } = await run("--help");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  const options = ["case", "contender", "baseline", "rounds", "quiet", "quick", "list", "json", "out", "help"];
  for (const option of options) expect(out).toContain(`--${option}`);
  expect(out).toContain("NN_PYTHON");
});

test("--list names cases and contenders, and knows the beginning of a name", async () => {
  const { code, out } = await run(
    "--list",
    "--json",
    "--case",
    "gemm-64x",
    "moons-step",
    "--contender",
    "pytorch",
    "tf",
  );
  expect(code).toBe(0);
  const names = JSON.parse(out, (_, value) => value?.name ?? value) as object;
  expect(names).toEqual({
    cases: ["moons-step", "gemm-64x784x256", "gemm-64x256x10"],
    // An exact name is one; any other text all that begin with it.
    contenders: ["tfjs-wasm", "tfjs-cpu", "pytorch"],
  });
});

test.each([
  [["--case", "chess"], 'received case "chess"; expected some of mnist-mlp-step, mnist-mlp-step-no-zeros, moons-step'],
  [["--contender", "abacus"], 'received contender "abacus"; expected some of nn-strict-128'],
  [["--baseline", "abacus"], 'received baseline "abacus"'],
  [["--rounds", "0"], "Expected a whole number from 1"],
  [["--rounds", "many"], "Expected a whole number from 1"],
  [["--case", ""], 'received --case "", which is empty'],
  [["--case", "moons-setp"], 'Did you mean "moons-step"?'],
  [["--quiet", "0"], "Expected a number above 0"],
  [["fast"], "too many arguments"],
  [["--fast"], "unknown option '--fast'"],
])("a wrong argument %s", async (args, message) => {
  const { code, out, errors } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(errors).toContain(message);
  expect(errors.trimEnd()).not.toContain("\n");
});

test("a quick look at two contenders: checked, timed, written where --out says", async () => {
  const { code, out, errors } = await run(
    ...[
      "--quick",
      "--json",
      "--case",
      "moons-step",
      "--contender",
      "nn-strict-128",
      "nn-reference",
      "--out",
      directory,
    ],
    ...["--baseline", "nn-reference"],
  );
  // On a slow machine it says how far it is.
  expect(errors.replace(/^\d+% · .*\n/gm, "")).toBe("");
  expect(code).toBe(0);
  const [result] = JSON.parse(out) as [CaseResult];
  expect(readdirSync(directory)).toEqual(["moons-step.json"]);
  expect(JSON.parse(readFileSync(join(directory, "moons-step.json"), "utf8"))).toEqual(result);
  expect(result).toMatchObject({
    version: 1,
    case: "moons-step",
    unit: "iterations/s",
    setting: { environment: { cpu: "none" }, loadBefore: [0.5, 0.25, 0], rounds: 3 },
    contenders: [
      { status: "timed", name: "nn-strict-128", difference: 0, ratios: { "nn-reference": {} } },
      { status: "timed", name: "nn-reference", difference: 0, ratios: { "nn-reference": { ratio: 1 } } },
    ],
  });
});

test("a case without its data fails, the others go on", async () => {
  const mnist = () => Promise.reject(new Error("mnist is not prepared"));
  const out: string[] = [];
  const errors: string[] = [];
  const code = await bench(["--quick", "-k", "m", "-c", "nn-strict-128"], {
    ...({ cases, contenders, environment: () => ({}), load: () => [], now: () => new Date(0) } as const),
    data: { ...fakeData, mnist },
    out: (text) => void out.push(text),
    error: (text) => void errors.push(text),
    reporter: () => lineReporter(() => undefined),
  });
  expect(code).toBe(1);
  const failed = ["mnist-mlp-step", "mnist-mlp-step-no-zeros"];
  expect(errors).toEqual(failed.map((name) => `bench: ${name} failed: mnist is not prepared\n`));
  expect(out.join("")).toContain("moons-step: 2-5-2");
});

test("who has only products to show takes no part in training", async () => {
  const { code, out } = await run("--quick", "--json", "-k", "moons-step", "-c", "peak", "nn-strict-256-plain");
  expect({ code, contenders: JSON.parse(out)[0].contenders }).toEqual({ code: 0, contenders: [] });
});

const options: MeasureOptions = {
  data: fakeData,
  rounds: 2,
  roundMs: 1,
  warmupMs: 1,
  timeoutMs: 60_000,
  progress: () => undefined,
};

describe("contenders that fall out, by name and reason, while the rest is timed", () => {
  const contender = (behaviour: string): ContenderSpec => ({
    name: behaviour,
    description: behaviour,
    threads: 1,
    launch: () => ({
      file: process.execPath,
      args: ["--conditions=@nn/source", join(import.meta.dirname, "test-contender.ts"), behaviour],
    }),
  });
  test.each([
    ["wrong", "wrong", /^differs from the reference by 0.00100; at most 0.0001 is allowed$/],
    ["stays", "wrong", /^differs from the reference by \d/],
    ["nan", "wrong", /^differs from the reference by NaN/],
    ["short", "wrong", /^differs from the reference by Infinity/],
    ["refuses", "failed", /^not today$/],
    ["dies", "failed", /^its process ended with code 3$/],
    ["silent", "failed", /^no answer to "prepare" in 2 s$/],
  ])("%s", async (behaviour, status, reason) => {
    const timeoutMs = behaviour === "silent" ? 2000 : options.timeoutMs;
    const [outcome] = await measure(moonsStep, [contender(behaviour)], { ...options, timeoutMs });
    expect(outcome).toEqual({ status, name: behaviour, reason: expect.stringMatching(reason) });
  });

  test("one that prints is understood; one that is not there is skipped", async () => {
    const gone: ContenderSpec = { ...contender("gone"), launch: () => ({ absent: "it left" }) };
    const nowhere: ContenderSpec = { ...contender("nowhere"), launch: () => ({ file: "/no/such/program", args: [] }) };
    const outcomes = await measure(moonsStep, [gone, contender("noisy"), nowhere], options);
    expect(outcomes).toMatchObject([
      { status: "skipped", name: "gone", reason: "it left" },
      { status: "timed", name: "noisy", rates: [expect.any(Number), expect.any(Number)] },
      { status: "failed", name: "nowhere", reason: expect.stringContaining("ENOENT") },
    ]);
  });
});

test("a round that others disturb is repeated, and the quietest try counts", async () => {
  const [engine] = contenders;
  const cores = [0.3, 0.1, 0.9, 0.8, 0.5, 0.6];
  const watch = () => () => cores.shift()!;
  const [outcome] = await measure(moonsStep, [engine!], { ...options, quietCores: 0.2, watch });
  expect(outcome).toMatchObject({
    status: "timed",
    others: [0.1, 0.5],
    rates: [expect.any(Number), expect.any(Number)],
  });
  expect(cores).toEqual([]);
});

test("every contender that needs no Python computes what the reference does", async () => {
  const names = ["nn-strict-128-2t", "nn-fast-256", "nn-strict-256-plain", "jax-js", "tfjs-wasm", "tfjs-cpu"];
  const some = contenders.filter(({ name }) => names.includes(name));
  const product = cases.find(({ name }) => name === "gemm-64x256x10")!;
  for (const each of [moonsStep, product]) {
    const outcomes = await measure(each, some, { ...options, rounds: 1 });
    expect(outcomes.filter(({ status }) => status !== "timed" && status !== "skipped")).toEqual([]);
  }
});

test("a folder that cannot be written is said before anything is measured", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  const { code, out, errors } = await run("--quick", "--case", "moons-step", "--out", file);
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(errors).toMatch(/^bench: received --out .*file, which cannot be written \(.*\n$/);
});

test("the folder of a killed benchmark is removed by the next, that of a live one is not", async () => {
  const live = join(tmpdir(), temporaryName("nn-bench"));
  const killed = live.replace(`.${process.pid}-`, `.${2 ** 31 - 1}-`);
  for (const folder of [live, killed]) mkdirSync(folder);
  await measure(moonsStep, [], options);
  expect([live, killed].map(existsSync)).toEqual([true, false]);
  rmSync(live, { recursive: true });
});

test.each(["true", "/no/such/python"])("a Python that is %s", (program) => {
  expect(look(program)).toEqual({ absent: `no Python at "${program}"; NN_PYTHON may name one` });
});
