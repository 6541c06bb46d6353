/** Runs a recipe in memory, for tests: small data in, its log and lines out. */

import { type ClassesTarget, type Dataset, datasetFromArrays, makeMoons } from "@nn/datasets";
import { fromArray, RandomState } from "@nn/tensor";
import { createRunLog, type RunLog, readRunLog } from "@nn/train/run-log";
import type { Recipe, RecipeData, RecipeResult } from "./recipe.ts";
import { trainRecipe } from "./train-recipe.ts";

/** `rows` images that show their digit: row d of the brightest pixels, on noise. */
function fakeDigits(rows: number, seed: number = 0): Dataset<readonly [28, 28, 1], ClassesTarget<10>> {
  const random = new RandomState(seed);
  const labels = Uint8Array.from(random.randint(0, 10, [rows]).data);
  const pixels = Uint8Array.from(random.randint(0, 60, [rows * 784]).data);
  labels.forEach((label, row) => {
    pixels.fill(250, row * 784 + 56 * label, row * 784 + 56 * label + 56);
  });
  const classNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
  return datasetFromArrays({ name: "digits", inputs: fromArray(pixels, [rows, 28, 28, 1]), labels, classNames });
}

export const fakeData: RecipeData = {
  mnist: async (split) => fakeDigits(split === "test" ? 60 : 400, split === "test" ? 1 : 0),
  moons: async () => makeMoons({ samples: 200, noise: 0.2, seed: 42 }),
};

export interface Recorded {
  readonly result: RecipeResult;
  readonly log: RunLog;
  readonly lines: readonly string[];
  readonly progress: readonly (readonly [done: number, total: number])[];
}

export async function record(recipe: Recipe, data: RecipeData = fakeData): Promise<Recorded> {
  let bytes: Uint8Array[] = [];
  const sink = {
    write: (more: Uint8Array) => void bytes.push(more),
    replace: (all: Uint8Array) => {
      bytes = [all];
    },
  };
  const lines: string[] = [];
  const progress: [number, number][] = [];
  const run = await recipe.prepare(data);
  const { config, datasets } = run;
  const log = createRunLog(sink, { recipe: recipe.name, config, datasets, environment: {} });
  const result = await trainRecipe(run, {
    log,
    print: (line) => void lines.push(line),
    progress: (done, total) => void progress.push([done, total]),
    signal: new AbortController().signal,
  });
  await log.finish({ weightsSha256: "", summary: {} });
  return { result, log: readRunLog(new Uint8Array(Buffer.concat(bytes))), lines, progress };
}
