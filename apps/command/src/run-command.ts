/**
 * A command as a process. The one place that knows signals and broken output: a command sees an AbortSignal, and ends.
 */

import { setTimeout } from "node:timers/promises";
import { reportFailure } from "./failure.ts";
import { InterruptedError } from "./interrupted-error.ts";
import { printable } from "./printable.ts";

export interface CommandIo {
  readonly args: readonly string[];
  /** What the command answers. Control characters are escaped. */
  readonly out: (text: string) => void;
  /** What goes wrong, and how it goes. Control characters are escaped. */
  readonly error: (text: string) => void;
  /** Aborted with an InterruptedError by SIGINT, SIGTERM or SIGHUP, and when standard output cannot be written any more. */
  readonly signal: AbortSignal;
}

export interface RunCommandOptions {
  /**
   * Whether `main` watches its signal and settles soon after it is aborted; a second signal, a second later or more, ends the
   * process where it is. Default: the first one does. Listeners of the process's "exit" run in every case.
   */
  readonly endsItself?: boolean;
}

// 128 + the signal's number, as shells report it.
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** npm, pnpm and turbo hand on a signal that the terminal has sent to the whole group already: one Ctrl-C comes twice. */
const SAME_SIGNAL_MS = 1000;

/** Runs `main` and ends the process with its exit code; a failure is one line (`reportFailure`). */
export async function runCommand(
  name: string,
  main: (io: CommandIo) => Promise<number>,
  { endsItself = false }: RunCommandOptions = {},
): Promise<void> {
  const controller = new AbortController();
  const io: CommandIo = {
    args: process.argv.slice(2),
    out: (text) => void process.stdout.write(printable(text)),
    error: (text) => void process.stderr.write(printable(text)),
    signal: controller.signal,
  };
  let abortedMs = Number.POSITIVE_INFINITY;
  const interrupt = (reason: InterruptedError): void => {
    if (!controller.signal.aborted) {
      abortedMs = performance.now();
      controller.abort(reason);
      if (endsItself) return;
    } else if (performance.now() - abortedMs < SAME_SIGNAL_MS) {
      return;
    }
    process.exit(reportFailure(name, reason, io));
  };
  for (const [signal, exitCode] of Object.entries(exitCodes)) {
    process.on(signal, () => interrupt(new InterruptedError(`interrupted by ${signal}`, exitCode)));
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Later writes fail as well.
    if (!controller.signal.aborted) interrupt(outputFailure(error, process.stdout.isTTY));
  });
  // Without standard error there is nobody left to tell.
  process.stderr.on("error", () => undefined);

  let code: number;
  try {
    code = await main(io);
    // A write fails a moment after it was made.
    await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
    await setTimeout(0);
    if (controller.signal.aborted && code === 0) throw controller.signal.reason;
  } catch (error) {
    code = reportFailure(name, error, io);
  }
  process.exitCode = code;
  // Whatever still waits, such as a worker, would keep an interrupted process.
  if (controller.signal.aborted) process.exit();
}

function outputFailure({ code, message }: NodeJS.ErrnoException, isTerminal: boolean): InterruptedError {
  if (code === "EPIPE") return new InterruptedError("nobody reads standard output any more (EPIPE)", 3);
  // A terminal that is gone may be noticed before its signal comes.
  if (code === "EIO" && isTerminal) return new InterruptedError("interrupted by SIGHUP", exitCodes.SIGHUP);
  return new InterruptedError(`standard output cannot be written: ${message}`, 3);
}
