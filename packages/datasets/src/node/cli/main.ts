/** The process of the command: its exit code, and what becomes of output that nobody takes. */

import { run } from "./index.ts";

/** What a shell reports of a command that a closed pipe ended: 128 + SIGPIPE. */
const brokenPipe = 141;

/** Runs the command that `args` say and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  let failed: number | undefined;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (failed !== undefined) return;
    // `| head` has seen enough; anything else is worth a line.
    failed = error.code === "EPIPE" ? brokenPipe : 3;
    if (failed === 3) process.stderr.write(`nn-datasets: standard output cannot be written (${error.message})\n`);
    process.exitCode = failed;
  });
  process.stderr.on("error", () => undefined);
  const code = await run(args);
  process.exitCode = failed ?? code;
}
