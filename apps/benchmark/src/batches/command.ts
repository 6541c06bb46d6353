/** The command line of the batch benchmark. Everything it touches comes in as effects, so that tests can watch it. */

import { loadavg } from "node:os";
import { integerFrom, numberAbove, parseCommand, reportFailure } from "@nn/command";
import { formatAgainst, formatCount } from "@nn/command/format";
import type { Backend } from "@nn/tensor";
import { Command } from "commander";
import { type Ratio, ratioOf, type Spread, spread } from "../bench/statistics.ts";
import { engine } from "../engine.ts";
import { environment } from "../environment.ts";
import { preparedData } from "../prepared-data.ts";
import { type Reporter, reporterOn } from "../progress.ts";
import { textTable } from "../text-table.ts";
import type { RecipeData } from "../train/recipe.ts";
import { feeds } from "./feeds.ts";
import { measureFeeds } from "./measure.ts";

export interface Effects {
  readonly data: RecipeData;
  readonly backend: Backend;
  readonly environment: () => object;
  readonly load: () => readonly number[];
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly reporter: () => Reporter;
}

const defaults: Omit<Effects, "out" | "error"> = {
  data: preparedData(),
  backend: engine,
  environment,
  load: loadavg,
  reporter: () => reporterOn(process.stderr, "batches"),
};

/** What batches from Arrow are meant to reach of the resident batch's rate. Printed with the results; no test asserts it. */
const AT_LEAST = 0.95;
const BASELINE = "resident";
const MEANT = ["batches", "prefetch"];

interface Options {
  readonly rounds: number;
  readonly steps: number;
  readonly quiet?: number;
  readonly json?: true;
}

interface Result {
  readonly setting: object;
  readonly feeds: readonly (Spread &
    Ratio & { readonly name: string; readonly description: string; readonly rounds: number })[];
}

/**
 * Runs the command with `args`; gives the exit code: 0, 1 when a feed's batches are wrong or not to be had, 2 when an argument
 * is wrong.
 */
export async function benchBatches(
  args: readonly string[],
  io: Pick<Effects, "out" | "error"> & Partial<Effects>,
): Promise<number> {
  const given: Effects = { ...defaults, ...io };
  const command = new Command("bench:batches")
    .description(
      "Trains the step of mnist-mlp on batches from Arrow and on one resident batch, in turn; prints samples a second and ratios to the resident one.",
    )
    .option("-r, --rounds <number>", "how often each is timed", integerFrom(1), 20)
    .option("-s, --steps <number>", "steps in a round, 64 images each", integerFrom(1), 500)
    .option(
      "-q, --quiet <cores>",
      "leave out rounds in which other programs use more than so many cores",
      numberAbove(0),
    )
    .option("--json", "answer in JSON")
    .addHelpText("after", `\n${feeds.map(({ name, description }) => `  ${name}: ${description}`).join("\n")}`);
  const options = parseCommand<Options>(command, { args, ...given });
  if (typeof options === "number") return options;
  const { rounds, steps, quiet } = options;
  const reporter = given.reporter();
  try {
    const loadBefore = given.load();
    const rates = await measureFeeds(feeds, await given.data.mnist("train"), {
      rounds,
      stepsPerRound: steps,
      ...(quiet === undefined ? {} : { quietCores: quiet }),
      backend: given.backend,
      progress: (...progress) => reporter.progress(...progress),
    });
    reporter.end();
    const baseline = rates.find(({ name }) => name === BASELINE)!.rates;
    const result: Result = {
      setting: { environment: given.environment(), rounds, steps, quiet, loadBefore, loadAfter: given.load() },
      feeds: rates.map(({ name, description, rates }) => ({
        name,
        description,
        rounds: rates.length,
        ...spread(rates),
        ...ratioOf(rates, baseline),
      })),
    };
    given.out(options.json ? `${JSON.stringify(result, null, 2)}\n` : table(result, loadBefore));
    return 0;
  } catch (error) {
    reporter.end();
    return reportFailure("bench:batches", error, given);
  }
}

function table({ feeds }: Result, [load = Number.NaN]: readonly number[]): string {
  const rows = feeds.map(({ name, rounds, median, quartiles: [low, high], ratio, interval }) => [
    name,
    String(rounds),
    formatCount(median),
    `${formatCount(low)} – ${formatCount(high)}`,
    ratio.toFixed(3),
    interval.map((each) => each.toFixed(3)).join(" – "),
  ]);
  const bars = feeds
    .filter(({ name }) => MEANT.includes(name))
    .map(
      ({ name, ratio }) =>
        `${ratio >= AT_LEAST ? "✓" : "✗"} ${name} ÷ ${BASELINE}: ${formatAgainst(ratio, AT_LEAST)}, at least ${AT_LEAST}`,
    );
  return [
    `load ${load.toFixed(1)} before`,
    ...textTable([["", "rounds", "samples/s", "half of the rounds", `÷ ${BASELINE}`, "95 % confidence"], ...rows]),
    ...bars,
  ]
    .map((line) => `${line}\n`)
    .join("");
}
