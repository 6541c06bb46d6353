/** The command line of the recipes. Everything it touches comes in as effects, so that tests can watch it. */

import { resolve } from "node:path";
import { checkWritableFolder, didYouMean, parseCommand, reportFailure, UsageError } from "@nn/command";
import { formatCount, formatDuration, formatShare } from "@nn/command/format";
import { Command } from "commander";
import { type Environment, environment } from "../environment.ts";
import { preparedData } from "../prepared-data.ts";
import { type Reporter, reporterOn } from "../progress.ts";
import { recipes as allRecipes } from "../recipes/index.ts";
import { textTable } from "../text-table.ts";
import type { Recipe, RecipeData } from "./recipe.ts";
import { runRecipe, type Summary } from "./run-recipe.ts";

export interface Effects {
  readonly recipes: readonly Recipe[];
  readonly data: RecipeData;
  readonly environment: () => Environment;
  /** What the command answers. */
  readonly out: (text: string) => void;
  /** What goes wrong, and with `--json` how it goes. */
  readonly error: (text: string) => void;
  readonly reporter: (recipe: Recipe, json: boolean) => Reporter;
  /** Ends the training when it is aborted. */
  readonly signal: AbortSignal;
}

type CommandEffects = Pick<Effects, "out" | "error" | "signal">;

const defaults: Omit<Effects, keyof CommandEffects> = {
  recipes: allRecipes,
  data: preparedData(),
  environment,
  reporter: ({ name }, json) => reporterOn(json ? process.stderr : process.stdout, name),
};

interface Options {
  readonly recipe?: readonly string[];
  readonly list?: true;
  readonly json?: true;
  readonly out: string;
  readonly fresh?: true;
}

/**
 * Runs the command with `args`; gives the exit code: 0, 1 when a recipe fails, 2 when an argument is wrong, 3 when the machine
 * does.
 * @throws the reason of `signal` once it is aborted, after the log of the recipe under way says so and its checkpoint is written.
 */
export async function main(args: readonly string[], given: CommandEffects & Partial<Effects>): Promise<number> {
  const effects: Effects = { ...defaults, ...given };
  const { recipes } = effects;
  const command = new Command("train")
    .description("Trains the recipes and leaves, for each, a run log, the weights and a summary.")
    .option("-r, --recipe <name...>", "train these only (default: all)")
    .option("-l, --list", "list the recipes and stop")
    .option("--json", "answer in JSON on standard output; progress goes to standard error")
    .option("--fresh", "start from the first step where an earlier run left a checkpoint (default: go on from it)")
    .option("-o, --out <directory>", "where the results go, one folder for each recipe", defaultOut)
    .addHelpText(
      "after",
      "\nPrepared data is needed first: `npx pnpm@12 turbo run prepare-data`, or train from the root with\n`npx pnpm@12 train`, which prepares what is missing.",
    );
  const options = parseCommand<Options>(command, { args, ...effects });
  if (typeof options === "number") return options;
  if (options.list) {
    effects.out(
      options.json ? json(recipes.map(({ name, description }) => ({ name, description }))) : listing(recipes),
    );
    return 0;
  }
  try {
    const chosen = chosenRecipes(recipes, options.recipe);
    checkWritableFolder(resolve(options.out));
    return await trainAll(chosen, options, effects);
  } catch (error) {
    if (effects.signal.aborted) throw error;
    return reportFailure("train", error, effects);
  }
}

/** In their own order. @throws UsageError on a name that none has. */
function chosenRecipes(recipes: readonly Recipe[], names: Options["recipe"]): readonly Recipe[] {
  if (names === undefined) return recipes;
  const known = recipes.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return recipes.filter(({ name }) => names.includes(name));
  const nearest = didYouMean(unknown, known);
  throw new UsageError(`received recipe "${unknown}"; expected some of ${known.join(", ")}.${nearest}`);
}

async function trainAll(recipes: readonly Recipe[], options: Options, effects: Effects): Promise<number> {
  const directory = resolve(options.out);
  const { data, signal } = effects;
  const fresh = options.fresh === true;
  const where = effects.environment();
  const summaries: Summary[] = [];
  let code = 0;
  for (const recipe of recipes) {
    signal.throwIfAborted();
    const reporter = effects.reporter(recipe, options.json === true);
    reporter.print(`\n${recipe.name}: ${recipe.description}`);
    try {
      const summary = await runRecipe(recipe, { directory, data, environment: where, reporter, signal, fresh });
      reporter.print(figures(summary));
      summaries.push(summary);
    } catch (error) {
      signal.throwIfAborted();
      code = Math.max(code, reportFailure(`train: ${recipe.name} failed`, error, effects));
    }
  }
  if (options.json) effects.out(json(summaries));
  else if (recipes.length > 1 && summaries.length > 0) effects.out(`\n${table(summaries)}`);
  return code;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function listing(recipes: readonly Recipe[]): string {
  const width = Math.max(...recipes.map(({ name }) => name.length));
  return recipes.map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`).join("");
}

function figures({ finalLoss, trainAccuracy, testAccuracy, durationMs, samplesPerSecond }: Summary): string {
  return [
    `loss ${finalLoss.toPrecision(4)}`,
    `train accuracy ${formatShare(trainAccuracy)}`,
    `test accuracy ${formatShare(testAccuracy)}`,
    `${formatDuration(durationMs)}, ${formatCount(samplesPerSecond)} samples/s`,
  ].join(" · ");
}

function table(summaries: readonly Summary[]): string {
  const rows = [
    ["recipe", "steps", "loss", "train", "test", "time"],
    ...summaries.map(({ recipe, steps, finalLoss, trainAccuracy, testAccuracy, durationMs }) => [
      recipe,
      formatCount(steps),
      finalLoss.toPrecision(4),
      formatShare(trainAccuracy),
      formatShare(testAccuracy),
      formatDuration(durationMs),
    ]),
  ];
  return textTable(rows)
    .map((line) => `${line}\n`)
    .join("");
}

const defaultOut = resolve(import.meta.dirname, "../../runs");
