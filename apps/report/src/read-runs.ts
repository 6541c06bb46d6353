// From the folder of runs to what the page embeds. Reading is lenient: a run whose files are missing or cannot be read is a
// run to show as such; only a folder without any run is an error. Nothing outside the folder is read, and nothing but files.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { gzipSync } from "node:zlib";
import type { EmbeddedRun } from "./embedded.ts";

/**
 * The runs of `folder`: those that `course` names in its order, then the others by name.
 * @throws Error when the folder is missing or holds no run.
 */
export function readRuns(folder: string, course: readonly string[] = []): EmbeddedRun[] {
  const recipes = foldersIn(folder);
  if (recipes.length === 0)
    throw new Error(`received no runs in ${folder}; expected <recipe>/run.arrow. Train first: npx pnpm@12 train`);
  const place = (recipe: string): number => (course.includes(recipe) ? course.indexOf(recipe) : course.length);
  return recipes
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map((recipe) => readRun(realpathSync(folder), recipe));
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter(
      (name) => !name.startsWith(".") && statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory(),
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

function readRun(folder: string, recipe: string): EmbeddedRun {
  const problems: string[] = [];
  const read = <T>(name: string, decode: (bytes: Buffer) => T): T | null => {
    try {
      const bytes = readFileWithin(folder, join(folder, recipe, name));
      return bytes === undefined ? null : decode(bytes);
    } catch (error) {
      problems.push(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
      return null;
    }
  };
  const log = read("run.arrow", (bytes) => gzipSync(bytes, { level: 9 }).toString("base64"));
  const summary = read("summary.json", (bytes) => JSON.parse(bytes.toString("utf8")));
  return { recipe, log, summary, ...(problems.length > 0 && { problem: problems.join(" ") }) };
}

/**
 * The bytes of a file; undefined where there is none.
 * @throws Error when it is no regular file, or a link leads out of `folder`, a real path.
 */
function readFileWithin(folder: string, path: string): Buffer | undefined {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  if (!real.startsWith(folder + sep)) throw new Error("a link leads out of the folder of runs");
  // Without O_NONBLOCK opening a pipe waits for its writer. Windows has neither flag.
  const file = openSync(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(file).isFile()) throw new Error("it is no regular file");
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
