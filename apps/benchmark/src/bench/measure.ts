/**
 * Measures one case: every contender in a process of its own, warmed up, checked against the reference loops, then timed
 * round by round in an order that is drawn for each round. Only the one that is timed runs; the others are stopped.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeLeftoversSync, temporaryName } from "@nn/arrow/node";
import { saveSafetensors } from "@nn/model";
import { RandomState, reference } from "@nn/tensor";
import type { RecipeData } from "../train/recipe.ts";
import { concatenate, largestDifference, readFloats } from "./answers.ts";
import type { Case } from "./case.ts";
import { ContenderProcess } from "./contender-process.ts";
import type { ContenderSpec } from "./contender-spec.ts";
import { engineWorkload } from "./contenders/engine-workload.ts";
import { CoreExchange } from "./core-exchange.ts";
import { watchOtherPrograms } from "./other-programs.ts";
import type { Problem } from "./protocol.ts";

export interface MeasureOptions {
  readonly data: RecipeData;
  readonly rounds: number;
  /** How long a round of one contender takes, about. Who needs five of them for one run is timed three times only. */
  readonly roundMs: number;
  /** How long each works before it counts. */
  readonly warmupMs: number;
  /** How long an answer may take. */
  readonly timeoutMs: number;
  /** A round is repeated, three times at most, when others use more cores than this; default: never. */
  readonly quietCores?: number;
  /** Starts to watch others than this process and a contender's; what it gives tells how many cores they have used since. */
  readonly watch?: (contender: number | undefined) => () => number;
  /**
   * Tells how many nanoseconds two cores take to exchange a value, before a round of several threads. Default: the machine's,
   * once its cores are near each other again, or after ten seconds.
   */
  readonly exchange?: () => Promise<number>;
  progress(done: number, total: number, text: string): void;
}

/** What became of a contender. */
export type Outcome =
  | {
      readonly status: "timed";
      readonly name: string;
      readonly threads: number;
      readonly version: string;
      /** The largest difference to the reference; absent where there was nothing to compare. */
      readonly difference?: number;
      readonly iterationsPerRound: number;
      /** Units a second in each round. */
      readonly rates: readonly number[];
      /** Cores that others used in each round; NaN where that cannot be told. */
      readonly others: readonly number[];
      /** Nanoseconds in which two cores exchanged a value before each round; only of contenders with several threads. */
      readonly exchanges?: readonly number[];
    }
  | {
      /** `wrong`: its numbers were. `failed`: it could not do it. `skipped`: it is not here. */
      readonly status: "wrong" | "failed" | "skipped";
      readonly name: string;
      readonly reason: string;
    };

type Timed = Extract<Outcome, { readonly status: "timed" }>;
type Other = Exclude<Outcome, Timed>;

/** What a contender is asked to do at once: training in whole runs, the same for all, products one after the other. */
interface Work {
  readonly runs: number;
  readonly iterations: number;
}

interface Runner {
  readonly spec: ContenderSpec;
  readonly process: ContenderProcess;
  readonly version: string;
  readonly difference: number | undefined;
  readonly work: Work;
  readonly rounds: number;
  readonly timed: Round[];
}

interface Round {
  readonly rate: number;
  readonly others: number;
  readonly exchange: number;
}

/** Of the folder in which contenders find their problem. */
const TEMPORARY = "nn-bench";

/** Outcomes in the order of `specs`. */
export async function measure(
  measured: Case,
  specs: readonly ContenderSpec[],
  options: MeasureOptions,
): Promise<readonly Outcome[]> {
  removeLeftoversSync(tmpdir(), TEMPORARY);
  const directory = join(tmpdir(), temporaryName(TEMPORARY));
  mkdirSync(directory, { mode: 0o700 });
  const processes: ContenderProcess[] = [];
  const cores = new CoreExchange();
  const cleanUp = (): void => {
    cores.close();
    for (const each of processes) each.close();
    rmSync(directory, { recursive: true, force: true });
  };
  // When the command is interrupted: a stopped contender would outlive it.
  process.once("exit", cleanUp);
  const runners: Runner[] = [];
  const others: Other[] = [];
  const launches = specs.map((spec) => ({ spec, launch: spec.launch() }));
  const total = launches.filter(({ launch }) => "file" in launch).length * (1 + options.rounds);
  let done = 0;
  const progress = (text: string): void => options.progress(++done, total, `${measured.name}: ${text}`);
  try {
    const { problem, values } = await measured.problem(options.data);
    const file = join(directory, "problem.safetensors");
    writeFileSync(file, saveSafetensors(values as Parameters<typeof saveSafetensors>[0]));
    const setting: Setting = {
      measured,
      problem: { ...problem, file },
      expected: concatenate(await engineWorkload({ ...problem, file }, reference).check()),
      answerFile: join(directory, "answer.bin"),
    };
    for (const { spec, launch } of launches) {
      if ("absent" in launch) {
        others.push({ status: "skipped", name: spec.name, reason: launch.absent });
        continue;
      }
      const contender = new ContenderProcess(launch, options.timeoutMs);
      processes.push(contender);
      const runner = await prepare(spec, contender, setting, options);
      if ("status" in runner) others.push(runner);
      else runners.push(runner);
      progress(`${spec.name} is ${"status" in runner ? runner.status : "ready"}`);
    }
    others.push(
      ...(await timeRounds(runners, measured, { exchange: () => cores.whenNear(10_000), ...options }, progress)),
    );
  } finally {
    process.off("exit", cleanUp);
    cleanUp();
  }
  return specs.map(({ name }) => others.find((each) => each.name === name) ?? timed(name, runners));
}

interface Setting {
  readonly measured: Case;
  readonly problem: Problem;
  readonly expected: Float32Array;
  readonly answerFile: string;
}

/**
 * Prepares, warms up and checks one contender, and leaves it stopped, or ended when it falls out. The check comes last: a
 * contender that does not find back to the first parameters is wrong too.
 */
async function prepare(
  spec: ContenderSpec,
  process: ContenderProcess,
  setting: Setting,
  options: MeasureOptions,
): Promise<Runner | Other> {
  try {
    const { version } = await process.ask({ do: "prepare", problem: setting.problem });
    const { work, runMs } = await warmUp(process, setting.problem, options);
    let difference: number | undefined;
    if (spec.flopsPerIteration === undefined) {
      await process.ask({ do: "check", file: setting.answerFile });
      difference = largestDifference(readFloats(setting.answerFile), setting.expected);
      const { tolerance } = setting.measured;
      if (!(difference <= tolerance)) {
        process.close();
        const reason = `differs from the reference by ${difference.toPrecision(3)}; at most ${tolerance} is allowed`;
        return { status: "wrong", name: spec.name, reason };
      }
    }
    process.pause();
    const rounds = runMs > 5 * options.roundMs ? Math.min(3, options.rounds) : options.rounds;
    return { spec, process, version: version!, difference, work, rounds, timed: [] };
  } catch (error) {
    process.close();
    return { status: "failed", name: spec.name, reason: messageOf(error) };
  }
}

/** Works for a while, until compilers have come to rest; gives the work of a round, and the time of the least there can be. */
async function warmUp(
  process: ContenderProcess,
  problem: Problem,
  { warmupMs, roundMs }: MeasureOptions,
): Promise<{ readonly work: Work; readonly runMs: number }> {
  const workOf = (amount: number): Work =>
    problem.kind === "training" ? { runs: amount, iterations: problem.runSteps } : { runs: 1, iterations: amount };
  let amount = 1;
  for (let spentMs = 0; ; ) {
    const durationMs = await process.time(workOf(amount));
    spentMs += durationMs;
    const wanted = Math.max(1, Math.round((amount * roundMs) / Math.max(durationMs, 1e-3)));
    if (spentMs >= warmupMs) return { work: workOf(wanted), runMs: durationMs / amount };
    // Early iterations are slow: growing at most tenfold keeps a bad guess short.
    amount = Math.min(10 * amount, wanted);
  }
}

/** Lets all take their rounds; gives those that failed on the way. */
async function timeRounds(
  runners: readonly Runner[],
  measured: Case,
  options: TimingOptions,
  progress: (text: string) => void,
): Promise<readonly Other[]> {
  const failed = new Map<Runner, Other>();
  const { rounds } = options;
  for (let round = 0; round < rounds; round++) {
    for (const i of new RandomState(round).permutation(runners.length).data) {
      const runner = runners[i]!;
      const { name } = runner.spec;
      progress(`round ${round + 1} of ${rounds}, ${name}`);
      if (round >= runner.rounds || failed.has(runner)) continue;
      try {
        runner.timed.push(await timeQuietRound(runner, measured, options));
      } catch (error) {
        failed.set(runner, { status: "failed", name, reason: messageOf(error) });
      }
    }
  }
  return [...failed.values()];
}

type TimingOptions = MeasureOptions & Required<Pick<MeasureOptions, "exchange">>;

const TRIES = 4;

/** Of as many tries as it takes for a quiet one, the one that others disturbed least, however fast it was. */
async function timeQuietRound(runner: Runner, measured: Case, options: TimingOptions): Promise<Round> {
  const { quietCores = Number.POSITIVE_INFINITY } = options;
  let best = await timeRound(runner, measured, options);
  for (let tries = 1; tries < TRIES && best.others > quietCores; tries++) {
    const next = await timeRound(runner, measured, options);
    if (next.others < best.others) best = next;
  }
  return best;
}

/** A tenth of the work goes before the clock: caches and threads wake up. */
async function timeRound(
  { spec, process, work }: Runner,
  { unitsPerIteration }: Case,
  { watch = watchOtherPrograms, exchange: measureExchange }: TimingOptions,
): Promise<Round> {
  const exchange = spec.threads > 1 ? Math.round(await measureExchange()) : Number.NaN;
  process.resume();
  try {
    const iterations = iterationsOf(work);
    if (iterations >= 10) await process.time({ runs: 1, iterations: Math.ceil(iterations / 10) });
    const othersCores = watch(process.pid);
    const durationMs = await process.time(work);
    const others = Number(othersCores().toFixed(2));
    const units = spec.flopsPerIteration === undefined ? unitsPerIteration : spec.flopsPerIteration / 1e9;
    return { rate: Number(((units * iterations) / (durationMs / 1000)).toPrecision(5)), others, exchange };
  } finally {
    process.pause();
  }
}

function iterationsOf({ runs, iterations }: Work): number {
  return runs * iterations;
}

function timed(name: string, runners: readonly Runner[]): Timed {
  const { spec, version, difference, work, timed } = runners.find(({ spec }) => spec.name === name)!;
  const { threads } = spec;
  const found = difference === undefined ? {} : { difference };
  const rates = timed.map(({ rate }) => rate);
  const others = timed.map(({ others }) => others);
  const exchanges = threads > 1 ? { exchanges: timed.map(({ exchange }) => exchange) } : {};
  const iterationsPerRound = iterationsOf(work);
  return { status: "timed", name, threads, version, ...found, iterationsPerRound, rates, others, ...exchanges };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
