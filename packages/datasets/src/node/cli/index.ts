/** The command `nn-datasets`. Prints through `io`, and leaves ending the process to `bin/`. */

import { ArgumentError } from "@nn/tensor";
import { Command, CommanderError } from "commander";
import { inspectCommand } from "./inspect.ts";
import { type Io, processIo } from "./io.ts";
import { prepareCommand } from "./prepare.ts";
import { verifyCommand } from "./verify.ts";

const exitCodes = `
Exit codes:
  0  done
  1  the data are not what they should be: missing, altered, or no images
  2  the command is not what it should be, or its folder is in use
  3  the machine failed: a full disk, a file that may not be read
`;

/** Runs one command and gives its exit code. */
export async function run(args: readonly string[], io: Io = processIo): Promise<number> {
  const program = new Command("nn-datasets")
    .description("Turns images into checked Arrow files to train on, and looks at what came of it.")
    .addHelpText("after", exitCodes)
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.error });
  let code = 0;
  for (const command of [prepareCommand, inspectCommand, verifyCommand]) {
    command(program, io, (found) => {
      code = found;
    });
  }
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof ArgumentError) {
      io.error(`${error.message}\n`);
      return error.constructor === ArgumentError ? 2 : 1;
    }
    if (!(error instanceof Error && "syscall" in error)) throw error;
    io.error(`${error.message}\n`);
    if (args[0] === "prepare") io.error("What is done so far is kept: the same command goes on from there.\n");
    return 3;
  }
}
