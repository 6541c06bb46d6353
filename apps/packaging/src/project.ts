/** An empty project outside the workspace, with the packages installed in it as a registry would deliver them. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const packages = join(import.meta.dirname, "../../../packages");
const programs = join(import.meta.dirname, "programs");
const run = promisify(execFile);

export interface Project {
  readonly directory: string;
  /** Runs a command there. @returns what it printed. @throws Error with both streams when it fails. */
  run(command: string, args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Packs `names` (folders of packages/), installs the tarballs with npm, and lays the programs beside them. */
export async function createProject(names: readonly string[], extra: readonly string[]): Promise<Project> {
  const directory = await mkdtemp(join(tmpdir(), "nn-packaging-"));
  const project: Project = {
    directory,
    run: (command, args) => runIn(directory, command, args),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  try {
    for (const name of names) {
      await runIn(join(packages, name), "pnpm", ["pack", "--pack-destination", directory]);
    }
    const tarballs = (await readdir(directory)).filter((file) => file.endsWith(".tgz")).map((file) => `./${file}`);
    await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await project.run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs, ...extra]);
    await cp(programs, directory, { recursive: true });
  } catch (error) {
    await project.remove();
    throw error;
  }
  return project;
}

async function runIn(cwd: string, command: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(command, args, { cwd })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
