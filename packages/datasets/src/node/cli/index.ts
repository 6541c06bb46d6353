/** The command `nn-datasets`. Prints through `io`, and leaves ending the process to `bin/`. */

import { ArgumentError } from "@nn/tensor";
import { Command, CommanderError } from "commander";
import { isFromSystem } from "../../prepare/system-error.ts";
import { inspectCommand } from "./inspect.ts";
import { type Io, processIo, safeIo } from "./io.ts";
import { prepareCommand } from "./prepare.ts";
import { printable } from "./printable.ts";
import { verifyCommand } from "./verify.ts";

const exitCodes = `
Exit codes:
  0  done
  1  the data are not what they should be: missing, altered, or no images
  2  the command is not what it should be, or its folder is in use
  3  the machine failed: a full disk, a file that may not be read
141  nobody reads what is printed (a closed pipe)
`;

/** Runs one command and gives its exit code. Prints no control character of a file, a name or an argument. */
export async function run(args: readonly string[], to: Io = processIo): Promise<number> {
  const io = safeIo(to);
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
      io.error(`${printable(error.message)}\n`);
      return error.constructor === ArgumentError ? 2 : 1;
    }
    if (!isFromSystem(error)) throw error;
    io.error(`${printable(systemFailure(error, args[0] ?? ""))}\n`);
    return 3;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than the file system allows",
  EROFS: "the file system may only be read",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EIO: "the disk or network failed",
};

/** In one line: what failed, at which file, and what comes of it. */
function systemFailure(error: NodeJS.ErrnoException, command: string): string {
  const reason = reasons[error.code ?? ""];
  const what = reason === undefined ? error.message : `${reason} (${error.message})`;
  if (command !== "prepare") return `${command}: ${what}`;
  return `${command}: ${what}. What is done so far is kept: the same command goes on from there.`;
}
