// The command line of `report`.
import { join, resolve } from "node:path";
import { recipes } from "@nn/benchmark/recipes";
import { type CommandIo, checkWritableFolder, parseCommand, printableLine, reportFailure } from "@nn/command";
import { formatBytes } from "@nn/command/format";
import { Command } from "commander";
import { appFolder } from "./app-folder.ts";
import { buildReport } from "./build-report.ts";

interface Options {
  readonly runs: string;
  readonly out: string;
}

/** Runs the command; gives the exit code: 0, 1 without runs to show, 2 when an argument is wrong, 3 when the machine fails. */
export async function reportCommand(io: Pick<CommandIo, "args" | "out" | "error">): Promise<number> {
  const command = new Command("report")
    .description("Builds one HTML file of every run that `train` left.")
    .option("-r, --runs <directory>", "the folder of the runs", join(appFolder, "../benchmark/runs"))
    .option("-o, --out <directory>", "where index.html goes", join(appFolder, "dist"));
  const options = parseCommand<Options>(command, io);
  if (typeof options === "number") return options;
  try {
    const folder = resolve(options.out);
    checkWritableFolder(folder);
    const outputFile = join(folder, "index.html");
    const course = recipes.map(({ name }) => name);
    const { runs, problems, pageBytes, totalBytes } = await buildReport(resolve(options.runs), outputFile, course);
    for (const problem of problems) io.error(`report: ${printableLine(problem)}\n`);
    const count = `${runs} ${runs === 1 ? "run" : "runs"}`;
    io.out(
      `${printableLine(outputFile)}: ${count}, ${formatBytes(totalBytes)} (${formatBytes(pageBytes)} without data)\n`,
    );
    return 0;
  } catch (error) {
    return reportFailure("report", error, io);
  }
}
