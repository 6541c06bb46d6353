// From the folder of runs to what the page embeds. Reading is lenient: a run without a log or a summary is a run to
// show as such; only a folder without any run is an error.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { EmbeddedRun } from "./embedded.ts";

/** @throws Error when the folder is missing or holds no run. */
export function readRuns(folder: string): EmbeddedRun[] {
  const recipes = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
  if (recipes.length === 0)
    throw new Error(
      `report: received no runs in ${folder}; expected <recipe>/run.arrow. Train first: npx pnpm@12 train`,
    );
  return recipes.sort(byCourse).map((recipe) => ({
    recipe,
    log: readIfPresent(join(folder, recipe, "run.arrow"), (bytes) => gzipSync(bytes, { level: 9 }).toString("base64")),
    summary: readIfPresent(join(folder, recipe, "summary.json"), (bytes) => JSON.parse(bytes.toString("utf8"))),
  }));
}

// The order in which a course meets them; other recipes follow by name.
const COURSE = ["perceptron-loans", "moons-workshop", "mnist-workshop", "mnist-mlp"];

function byCourse(a: string, b: string): number {
  const place = (recipe: string): number => (COURSE.indexOf(recipe) + COURSE.length + 1) % (COURSE.length + 1);
  return place(a) - place(b) || (a < b ? -1 : 1);
}

function readIfPresent<T>(path: string, decode: (bytes: Buffer) => T): T | null {
  if (!existsSync(path)) return null;
  try {
    return decode(readFileSync(path));
  } catch (cause) {
    throw new Error(`report: received an unreadable ${path}; expected what training left. Train the recipe again.`, {
      cause,
    });
  }
}
