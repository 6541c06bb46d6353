/**
 * Runs one recipe in its folder: `run.arrow` and, while it is not whole, `checkpoint.safetensors` as it goes; at the end
 * `model.safetensors`, then `summary.json`, each written under a temporary name and renamed. A folder with a summary is that of
 * one finished run; a folder with a checkpoint and without a summary is that of a run to go on with.
 */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomicallySync } from "@nn/arrow/node";
import { saveSafetensors, type Variables, weightsSha256 } from "@nn/model";
import { ArgumentError } from "@nn/tensor";
import { fileSink, folder } from "@nn/train/node";
import { createRunLog, type RunLogWriter, readRunLog } from "@nn/train/run-log";
import type { Environment } from "../environment.ts";
import type { Reporter } from "../progress.ts";
import { misses } from "./reach-check.ts";
import type { PreparedRun, Recipe, RecipeData } from "./recipe.ts";
import { trainRecipe } from "./train-recipe.ts";

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
  /** Ends the run after the step under way when it is aborted, and its log as interrupted. */
  readonly signal: AbortSignal;
  /** Whether to start from the first step where an earlier run left a checkpoint; default false. */
  readonly fresh?: boolean;
  /** Milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * @throws the reason of `signal` and whatever training throws, after the log says so.
 * @throws Error when a figure is not what the recipe must reach, after all files are written.
 */
export async function runRecipe(recipe: Recipe, options: RunRecipeOptions): Promise<Summary> {
  const { environment, reporter, signal, now = () => performance.now() } = options;
  const directory = join(options.directory, recipe.name);
  const file = (name: string): string => join(directory, name);
  const startedMs = now();
  let log: RunLogWriter | undefined;
  try {
    const earlier = options.fresh ? undefined : earlierLog(directory);
    for (const name of ["summary.json", "model.safetensors", ...(earlier ? [] : ["run.arrow", CHECKPOINT])]) {
      rmSync(file(name), { force: true });
    }
    const run = await recipe.prepare(options.data);
    log = openLog(recipe, run, { directory, environment, earlier });
    const result = await trainRecipe(run, {
      log,
      checkpoint: { in: folder(directory), everySteps: run.checkpointEvery },
      print: (line) => reporter.print(line),
      progress: (done, total, text) => reporter.progress(done, total, text),
      signal,
    });
    const { variables, steps, epochs, finalLoss, trainAccuracy, testAccuracy, samples, trainingMs } = result;
    const missed = misses(recipe.reaches, result);
    const summary: Summary = {
      recipe: recipe.name,
      datasets: run.datasets,
      steps,
      epochs,
      finalLoss,
      trainAccuracy,
      testAccuracy,
      reached: missed.length === 0,
      weightsSha256: weightsSha256(variables as Variables),
      durationMs: Math.round(now() - startedMs),
      samplesPerSecond: trainingMs > 0 ? Math.round(samples / (trainingMs / 1000)) : 0,
      environment,
    };
    writeFileAtomicallySync(file("model.safetensors"), saveSafetensors(variables));
    await log.finish({ weightsSha256: summary.weightsSha256, summary: { ...summary } });
    writeFileAtomicallySync(file("summary.json"), new TextEncoder().encode(`${JSON.stringify(summary, null, 2)}\n`));
    rmSync(file(CHECKPOINT), { force: true });
    if (missed.length > 0) throw new Error(`${missed.join(", ")}. Its log, weights and summary are kept.`);
    return summary;
  } catch (caught) {
    const error = withFresh(caught);
    // The log may have ended: `logRun` fails it, and what is written after `finish` can fail as well.
    const interrupted = signal.aborted && error === signal.reason;
    await (interrupted ? log?.interrupt(messageOf(error)) : log?.fail(error))?.catch(() => undefined);
    throw error;
  } finally {
    reporter.end();
  }
}

/** As `folder` names it. */
const CHECKPOINT = "checkpoint.safetensors";

/** The log to go on with: that of a run that left a checkpoint and did not finish. Undefined where there is none. */
function earlierLog(directory: string): Uint8Array | undefined {
  if (!existsSync(join(directory, CHECKPOINT)) || existsSync(join(directory, "summary.json"))) return undefined;
  try {
    const bytes = readFileSync(join(directory, "run.arrow"));
    readRunLog(bytes);
    return bytes;
  } catch {
    // Without its log the run starts from the first step.
    return undefined;
  }
}

function openLog(
  { name }: Recipe,
  { config, datasets }: PreparedRun,
  {
    directory,
    environment,
    earlier,
  }: { readonly directory: string; readonly environment: Environment; readonly earlier: Uint8Array | undefined },
): RunLogWriter {
  const header = { recipe: name, config, datasets, environment: { ...environment } };
  return createRunLog(fileSink(join(directory, "run.arrow")), header, earlier && { continueFrom: earlier });
}

/** Where a checkpoint cannot be gone on from: the same error with what to do about it here. */
function withFresh(error: unknown): unknown {
  if (!(error instanceof ArgumentError) || !OF_CHECKPOINT.test(error.operation)) return error;
  const { operation, received, expected } = error;
  const fix = "Pass --fresh to start from the first step, which deletes the checkpoint.";
  return new ArgumentError({ operation, received, expected, fix });
}

/** What names the operation in errors of reading a checkpoint, by `fit` or by a loop. */
const OF_CHECKPOINT = /^((fit: )?checkpoint|loadSafetensors)\b/;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
