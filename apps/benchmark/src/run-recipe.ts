/**
 * Runs one recipe and leaves its folder: `run.arrow` as it goes, then `model.safetensors`, then `summary.json`, each
 * written under a temporary name and renamed. What an earlier run left is removed first, so a folder with a summary is
 * the folder of one finished run.
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomicallySync } from "@nn/arrow/node";
import { saveSafetensors, weightsSha256 } from "@nn/model";
import { fileSink } from "@nn/train/node";
import { createRunLog, type RunLogWriter } from "@nn/train/run-log";
import type { Environment } from "./environment.ts";
import { misses } from "./misses.ts";
import type { Reporter } from "./progress.ts";
import type { Recipe, RecipeData } from "./recipe.ts";

/** What a run came to: the content of `summary.json`. Accuracies are shares, 0 … 1. */
export interface Summary {
  readonly recipe: string;
  readonly datasets: readonly { readonly name: string; readonly fingerprint: string }[];
  readonly steps: number;
  readonly epochs: number;
  readonly finalLoss: number;
  readonly trainAccuracy: number;
  readonly testAccuracy: number;
  /** Whether the figures are what the recipe must reach. */
  readonly reached: boolean;
  /** Of `model.safetensors`: `sha256sum` prints the same. */
  readonly weightsSha256: string;
  /** The whole recipe, from reading the data to measuring at the end. */
  readonly durationMs: number;
  /** Rows a second while it trained. */
  readonly samplesPerSecond: number;
  readonly environment: Environment;
}

export interface RunRecipeOptions {
  /** The recipe's results go to a folder of its name in here. */
  readonly directory: string;
  readonly data: RecipeData;
  readonly environment: Environment;
  readonly reporter: Reporter;
  /** Ends the run when it is aborted, and its log as interrupted. */
  readonly signal: AbortSignal;
  /** Milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * @throws whatever the recipe throws, the reason of `signal` included, after the log says so.
 * @throws Error when a figure is not what the recipe must reach, after all files are written.
 */
export async function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<Summary> {
  const { data, environment, reporter, signal, now = () => performance.now() } = options;
  const file = (name: string): string => join(options.directory, recipe.name, name);
  for (const name of ["summary.json", "model.safetensors", "run.arrow"]) rmSync(file(name), { force: true });

  const startedMs = now();
  const elapsedMs = (): number => now() - startedMs;
  let log: RunLogWriter | undefined;
  let datasets: Summary["datasets"] = [];
  try {
    const result = await recipe.run({
      data,
      elapsedMs,
      signal,
      print: (line) => reporter.print(line),
      progress: (done, total, text) => reporter.progress(done, total, text),
      startLog(header) {
        datasets = header.datasets;
        log = createRunLog(fileSink(file("run.arrow")), {
          ...header,
          recipe: recipe.name,
          environment: { ...environment },
        });
        return log;
      },
    });
    if (log === undefined) throw new Error(`${recipe.name}: the recipe kept no run log`);
    const { parameters, steps, epochs, finalLoss, trainAccuracy, testAccuracy, samples, trainingMs } = result;
    const missed = misses(recipe.reaches, result);
    const summary: Summary = {
      recipe: recipe.name,
      datasets,
      steps,
      epochs,
      finalLoss,
      trainAccuracy,
      testAccuracy,
      reached: missed.length === 0,
      weightsSha256: weightsSha256(parameters),
      durationMs: Math.round(elapsedMs()),
      samplesPerSecond: Math.round(samples / (trainingMs / 1000)),
      environment,
    };
    writeFileAtomicallySync(file("model.safetensors"), saveSafetensors(parameters));
    await log.finish({ weightsSha256: summary.weightsSha256, summary: { ...summary } });
    writeFileAtomicallySync(file("summary.json"), new TextEncoder().encode(`${JSON.stringify(summary, null, 2)}\n`));
    if (missed.length > 0) throw new Error(`${missed.join(", ")}. Its log, weights and summary are kept.`);
    return summary;
  } catch (error) {
    // The log may have ended: `logRun` fails it, and what is written after `finish` can fail as well.
    const interrupted = signal.aborted && error === signal.reason;
    await (interrupted ? log?.interrupt(messageOf(error)) : log?.fail(error))?.catch(() => undefined);
    throw error;
  } finally {
    reporter.end();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
