// The command line of `serve`.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type CommandIo, InterruptedError, integerFrom, parseCommand, printableLine, reportFailure } from "@nn/command";
import { Command } from "commander";
import { appFolder } from "./app-folder.ts";
import { serveReport } from "./serve-report.ts";

interface Options {
  readonly port: number;
  readonly dist: string;
}

/** Serves until `signal` is aborted; gives the exit code: that of the signal, 1 without a page, 2 when an argument is wrong. */
export async function serveCommand(io: CommandIo): Promise<number> {
  const command = new Command("serve")
    .description("Serves the built report on this machine, until Ctrl-C.")
    .option("-p, --port <number>", "the port, or the next free one after it; 0 for any", integerFrom(0, 65_535), 4173)
    .option("-d, --dist <directory>", "the folder that `report` wrote index.html to", join(appFolder, "dist"));
  const options = parseCommand<Options>(command, io);
  if (typeof options === "number") return options;
  try {
    const page = join(resolve(options.dist), "index.html");
    if (!existsSync(page)) throw new Error(`found no ${page}; build it first: npx pnpm@12 train`);
    const { url, close } = await serveReport(page, options.port);
    io.out(`Report: ${url}\nThe same page opens without a server: ${printableLine(page)}\nCtrl-C stops.\n`);
    if (!io.signal.aborted) await once(io.signal, "abort");
    await close();
    // To be stopped is what it waits for.
    const { reason } = io.signal;
    return reason instanceof InterruptedError && reason.exitCode > 128
      ? reason.exitCode
      : reportFailure("serve", reason, io);
  } catch (error) {
    return reportFailure("serve", error, io);
  }
}
