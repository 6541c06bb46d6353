/** The command line of the benchmark. Everything it touches comes in as effects, so that tests can watch it. */

import { loadavg, release, type } from "node:os";
import { join, resolve } from "node:path";
import { writeFileAtomicallySync } from "@nn/arrow/node";
import {
  checkWritableFolder,
  didYouMean,
  integerFrom,
  numberAbove,
  parseCommand,
  reportFailure,
  UsageError,
} from "@nn/command";
import { Command } from "commander";
import { environment } from "../environment.ts";
import { preparedData } from "../prepared-data.ts";
import { type Reporter, reporterOn } from "../progress.ts";
import type { RecipeData } from "../train/recipe.ts";
import type { Case } from "./case.ts";
import { cases as allCases } from "./cases/index.ts";
import type { ContenderSpec } from "./contender-spec.ts";
import { contenders as allContenders } from "./contenders/index.ts";
import { measure } from "./measure.ts";
import { type CaseResult, caseResult } from "./result.ts";
import { table } from "./table.ts";

export interface Effects {
  readonly cases: readonly Case[];
  readonly contenders: readonly ContenderSpec[];
  readonly data: RecipeData;
  readonly environment: () => object;
  readonly load: () => readonly number[];
  readonly now: () => Date;
  /** What the command answers. */
  readonly out: (text: string) => void;
  /** What goes wrong, and how it goes. */
  readonly error: (text: string) => void;
  readonly reporter: () => Reporter;
}

type CommandEffects = Pick<Effects, "out" | "error">;

const defaults: Omit<Effects, keyof CommandEffects> = {
  cases: allCases,
  contenders: allContenders,
  data: preparedData(),
  environment: () => ({ ...environment(), os: `${type()} ${release()}` }),
  load: loadavg,
  now: () => new Date(),
  reporter: () => reporterOn(process.stderr, "bench"),
};

/** Those that the bars and a reader's questions are about. */
const DEFAULT_BASELINES = ["jax-js", "tfjs-wasm", "numpy-float64", "pytorch"];

interface Options {
  readonly case?: readonly string[];
  readonly contender?: readonly string[];
  readonly baseline?: readonly string[];
  readonly rounds?: number;
  readonly quiet?: number;
  readonly quick?: true;
  readonly list?: true;
  readonly json?: true;
  readonly out?: string;
}

/**
 * Runs the command with `args`; gives the exit code: 0, 1 when a case cannot be measured or a contender's numbers are wrong, 2
 * when an argument is, 3 when the machine fails.
 */
export async function bench(args: readonly string[], io: CommandEffects & Partial<Effects>): Promise<number> {
  const given: Effects = { ...defaults, ...io };
  const command = new Command("bench")
    .description(
      "Measures the engine beside its peers. Each is checked against the reference loops before it is timed.",
    )
    .option("-k, --case <name...>", "measure these only; the beginning of a name picks all that begin so")
    .option("-c, --contender <name...>", "let these only take part; likewise")
    .option("-b, --baseline <name...>", `show ratios to these (default: ${DEFAULT_BASELINES.join(", ")})`)
    .option("-r, --rounds <number>", "how often each is timed (default: 15)", integerFrom(1))
    .option(
      "--quiet <cores>",
      "repeat rounds in which others use more cores (default: 0.2; with --quick, any)",
      numberAbove(0),
    )
    .option("-q, --quick", "a look: 3 short rounds, nothing written unless --out says where")
    .option("-l, --list", "list cases and contenders and stop")
    .option("--json", "answer in JSON")
    .option("-o, --out <directory>", `where the results go, one file for each case (default: ${defaultOut})`)
    .addHelpText(
      "after",
      "\nNN_PYTHON names the Python that has NumPy and PyTorch; without it, python3. A contender that is not installed is skipped by name.\nMeasure on a machine that does nothing else: the load before and after is in the results.",
    );
  const options = parseCommand<Options>(command, { args, ...given });
  if (typeof options === "number") return options;
  try {
    const cases = pick("case", given.cases, options.case);
    const contenders = pick("contender", given.contenders, options.contender);
    const baselines = pick("baseline", given.contenders, options.baseline ?? DEFAULT_BASELINES, options.baseline);
    if (options.list) {
      given.out(options.json ? listJson(cases, contenders) : list(cases, contenders));
      return 0;
    }
    return await measureAll(
      cases,
      contenders,
      baselines.map(({ name }) => name),
      options,
      given,
    );
  } catch (error) {
    return reportFailure("bench", error, given);
  }
}

/** Those named, in their own order: an exact name is one, any other text all that begin with it. */
function pick<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  wanted: readonly string[] | undefined,
  asked: readonly string[] | undefined = wanted,
): readonly T[] {
  if (wanted === undefined) return all;
  const chosen = new Set<T>();
  for (const text of wanted) {
    const exact = all.filter(({ name }) => name === text);
    const matching = exact.length > 0 ? exact : all.filter(({ name }) => name.startsWith(text));
    if (matching.length === 0 && asked !== undefined) {
      const known = all.map(({ name }) => name);
      const nearest = didYouMean(text, known);
      throw new UsageError(
        `received ${kind} "${text}"; expected some of ${known.join(", ")}, or how they begin.${nearest}`,
      );
    }
    for (const each of matching) chosen.add(each);
  }
  return all.filter((each) => chosen.has(each));
}

async function measureAll(
  cases: readonly Case[],
  contenders: readonly ContenderSpec[],
  baselines: readonly string[],
  options: Options,
  given: Effects,
): Promise<number> {
  const { rounds = options.quick ? 3 : 15, quiet = options.quick ? undefined : 0.2 } = options;
  const quietCores = quiet === undefined ? {} : { quietCores: quiet };
  const times = options.quick ? { roundMs: 30, warmupMs: 100 } : { roundMs: 200, warmupMs: 1500 };
  const out = options.out ?? (options.quick ? undefined : defaultOut);
  if (out !== undefined) checkWritableFolder(resolve(out));
  const where = given.environment();
  const results: CaseResult[] = [];
  const reporter = given.reporter();
  let code = 0;
  for (const each of cases) {
    const loadBefore = given.load();
    const startedAt = given.now().toISOString();
    const taking = contenders.filter(({ productsOnly }) => !productsOnly || each.unit === "GFLOPS");
    try {
      const outcomes = await measure(each, taking, {
        data: given.data,
        rounds,
        ...times,
        ...quietCores,
        timeoutMs: TIMEOUT_MS,
        progress: (done, total, text) => reporter.progress(done, total, text),
      });
      const loads = { loadBefore, loadAfter: given.load() };
      const setting = { environment: where, startedAt, ...loads, rounds, ...times, ...quietCores };
      const result = caseResult(each, outcomes, baselines, setting);
      results.push(result);
      if (out !== undefined) {
        writeFileAtomicallySync(join(resolve(out), `${each.name}.json`), new TextEncoder().encode(json(result)));
      }
      if (outcomes.some(({ status }) => status === "wrong" || status === "failed")) code = Math.max(code, 1);
      reporter.end();
      if (!options.json) given.out(`${results.length === 1 ? "" : "\n"}${table(result)}`);
    } catch (error) {
      reporter.end();
      code = Math.max(code, reportFailure(`bench: ${each.name} failed`, error, given));
    }
  }
  if (options.json) given.out(json(results));
  return code;
}

const TIMEOUT_MS = 120_000;

function list(cases: readonly Case[], contenders: readonly ContenderSpec[]): string {
  const all = [...cases, ...contenders];
  const width = Math.max(...all.map(({ name }) => name.length));
  const line = ({ name, description }: { readonly name: string; readonly description: string }): string =>
    `  ${name.padEnd(width)}  ${description}\n`;
  return `cases\n${cases.map(line).join("")}\ncontenders\n${contenders.map(line).join("")}`;
}

function listJson(cases: readonly Case[], contenders: readonly ContenderSpec[]): string {
  const brief = ({ name, description }: { readonly name: string; readonly description: string }): object => ({
    name,
    description,
  });
  return json({ cases: cases.map(brief), contenders: contenders.map(brief) });
}

/** Lists of numbers on one line each. */
function json(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[[-+\d.e,\s]+\]/g, (numbers) => numbers.replace(/\s+/g, " "))}\n`;
}

const defaultOut = resolve(import.meta.dirname, "../../results");
