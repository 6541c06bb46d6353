/** Every program in a README compiles, runs, and prints what stands below it. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readmePrograms } from "./readme-programs.ts";

const root = join(import.meta.dirname, "../../..");
const names = ["arrow", "datasets", "model", "tensor", "train"];
/** In this package, so that its dependencies are found. */
const folder = join(import.meta.dirname, "../build/readme");
const run = promisify(execFile);
const require = createRequire(import.meta.url);

const programs = [
  ...(await readmePrograms(join(root, "README.md"), "nn")),
  ...(await Promise.all(names.map((name) => readmePrograms(join(root, "packages", name, "README.md"), name)))).flat(),
];
let elsewhere: string;

beforeAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { name, code } of programs) await writeFile(join(folder, `${name}.ts`), code);
  const compilerOptions = { noEmit: true, types: ["node"], declaration: false, isolatedDeclarations: false };
  const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  elsewhere = await mkdtemp(join(tmpdir(), "nn-readme-"));
});

afterAll(() => rm(elsewhere, { recursive: true, force: true }));

test("each README has a program", () => {
  for (const name of ["nn", ...names]) expect(programs.map((program) => program.name)).toContain(`${name}-1`);
});

test("they compile", async () => {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  await run(process.execPath, [compiler, "-p", folder]).catch((error: { readonly stdout: string }) => {
    expect.fail(error.stdout);
  });
});

test.each(programs.filter(({ runs }) => runs))("$name runs", async ({ name, output }) => {
  const file = join(folder, `${name}.ts`);
  const cwd = await mkdtemp(join(elsewhere, "run-"));
  const { stdout } = await run(process.execPath, ["--conditions=@nn/source", file], { cwd });
  if (output !== undefined) expect(stdout).toBe(output);
});
