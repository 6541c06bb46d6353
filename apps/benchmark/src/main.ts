/** The command line of the recipes. Everything it touches comes in as effects, so that tests can watch it. */

import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { aligned } from "./aligned.ts";
import { preparedData } from "./data.ts";
import { type Environment, environment } from "./environment.ts";
import { barReporter, lineReporter, type Reporter } from "./progress.ts";
import type { Recipe, RecipeData } from "./recipe.ts";
import { recipes as allRecipes } from "./recipes/index.ts";
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
}

const effects: Effects = {
  recipes: allRecipes,
  data: preparedData(),
  environment,
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  reporter(recipe, json) {
    const stream = json ? process.stderr : process.stdout;
    return stream.isTTY ? barReporter(recipe.name, stream) : lineReporter((line) => stream.write(`${line}\n`));
  },
};

interface Options {
  readonly recipe?: readonly string[];
  readonly list?: true;
  readonly json?: true;
  readonly out: string;
}

/** Runs the command with `args`; gives the exit code: 0, or 1 when an argument is wrong or a recipe fails. */
export async function main(args: readonly string[], { recipes, ...given }: Effects = effects): Promise<number> {
  const command = new Command("train")
    .description("Trains the recipes and leaves, for each, a run log, the weights and a summary.")
    .option("-r, --recipe <name...>", "train these only (default: all)")
    .option("-l, --list", "list the recipes and stop")
    .option("--json", "answer in JSON on standard output; progress goes to standard error")
    .option("-o, --out <directory>", "where the results go, one folder for each recipe", defaultOut)
    .addHelpText(
      "after",
      "\nPrepared data is needed first: `npx pnpm@12 turbo run prepare-data`, or train from the root with\n`npx pnpm@12 train`, which prepares what is missing.",
    )
    .configureOutput({ writeOut: given.out, writeErr: given.error })
    .exitOverride();
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  if (command.args.length > 0) return complain(given, `unexpected "${command.args[0]}"; see train --help`);
  const options = command.opts<Options>();
  if (options.list) {
    given.out(
      options.json
        ? `${JSON.stringify(
            recipes.map(({ name, description }) => ({ name, description })),
            null,
            2,
          )}\n`
        : listing(recipes),
    );
    return 0;
  }
  const names = new Set(options.recipe ?? recipes.map(({ name }) => name));
  const unknown = [...names].filter((name) => !recipes.some((recipe) => recipe.name === name));
  if (unknown.length > 0) {
    const known = recipes.map(({ name }) => name).join(", ");
    return complain(given, `received recipe ${unknown.join(", ")}; expected some of ${known}`);
  }
  return trainAll(
    recipes.filter(({ name }) => names.has(name)),
    options,
    given,
  );
}

async function trainAll(
  recipes: readonly Recipe[],
  options: Options,
  effects: Omit<Effects, "recipes">,
): Promise<number> {
  const directory = resolve(options.out);
  const json = options.json === true;
  const where = effects.environment();
  const summaries: Summary[] = [];
  for (const recipe of recipes) {
    const reporter = effects.reporter(recipe, json);
    reporter.print(`\n${recipe.name}: ${recipe.description}`);
    try {
      const summary = await runRecipe(recipe, { directory, data: effects.data, environment: where, reporter });
      reporter.print(figures(summary));
      summaries.push(summary);
    } catch (error) {
      complain(effects, `${recipe.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (json) effects.out(`${JSON.stringify(summaries, null, 2)}\n`);
  else if (recipes.length > 1 && summaries.length > 0) effects.out(`\n${table(summaries)}`);
  return summaries.length === recipes.length ? 0 : 1;
}

function complain({ error }: Pick<Effects, "error">, message: string): 1 {
  error(`train: ${message}\n`);
  return 1;
}

function listing(recipes: readonly Recipe[]): string {
  const width = Math.max(...recipes.map(({ name }) => name.length));
  return recipes.map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`).join("");
}

function figures({ finalLoss, trainAccuracy, testAccuracy, durationMs, samplesPerSecond }: Summary): string {
  return [
    `loss ${finalLoss.toPrecision(4)}`,
    `train accuracy ${percent(trainAccuracy)}`,
    `test accuracy ${percent(testAccuracy)}`,
    `${seconds(durationMs)}, ${samplesPerSecond.toLocaleString("en")} samples/s`,
  ].join(" · ");
}

function table(summaries: readonly Summary[]): string {
  const rows = [
    ["recipe", "steps", "loss", "train", "test", "time"],
    ...summaries.map(({ recipe, steps, finalLoss, trainAccuracy, testAccuracy, durationMs }) => [
      recipe,
      steps.toLocaleString("en"),
      finalLoss.toPrecision(4),
      percent(trainAccuracy),
      percent(testAccuracy),
      seconds(durationMs),
    ]),
  ];
  return aligned(rows)
    .map((line) => `${line}\n`)
    .join("");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const defaultOut = resolve(import.meta.dirname, "../runs");
