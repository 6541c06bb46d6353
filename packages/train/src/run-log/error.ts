import { ArrowError } from "@nn/arrow";
import { ArgumentError, type ErrorFields } from "@nn/tensor";

/** A run log that cannot be written or read. `message` reads `operation: received X; expected Y. fix`. */
export class RunLogError extends ArgumentError {
  constructor({ cause, ...fields }: ErrorFields & { readonly fix: string; readonly cause?: unknown }) {
    super(fields);
    if (cause !== undefined) this.cause = cause;
  }
}

/** What `read` returns; bytes that are no Arrow stream become a RunLogError. */
export function readingArrow<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ArrowError) throw corrupt(error.found, error.position ?? 0, error);
    throw error;
  }
}

/** The error of a log that holds `received`, from the byte at `position` on. */
export function corrupt(received: string, position = 0, cause?: unknown): RunLogError {
  return new RunLogError({
    operation: "readRunLog",
    received: `${received} at byte ${position}`,
    expected: "an Arrow IPC stream written by createRunLog",
    fix: "The file is no run log or was damaged: train the recipe again.",
    cause,
  });
}
