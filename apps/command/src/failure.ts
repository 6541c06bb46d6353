/** How a command says that it failed. */

import { InterruptedError } from "./interrupted-error.ts";
import { printableLine } from "./printable.ts";

/** A wrong command line. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/**
 * Prints `error` as one line that begins with the command's `name`, and gives the exit code: an InterruptedError's own, 2 for
 * a UsageError, 3 for what the system refused, else 1.
 */
export function reportFailure(
  name: string,
  error: unknown,
  { error: print }: { readonly error: (text: string) => void },
): number {
  print(`${printableLine(`${name}: ${error instanceof Error ? error.message : String(error)}`)}\n`);
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof UsageError) return 2;
  return error instanceof Error && "syscall" in error ? 3 : 1;
}
