import { ArgumentError, type ErrorFields } from "@nn/tensor";

/** A run log that cannot be written or read. `message` reads `operation: received X; expected Y. fix`. */
export class RunLogError extends ArgumentError {
  constructor({ cause, ...fields }: ErrorFields & { readonly fix: string; readonly cause?: unknown }) {
    super(fields);
    if (cause !== undefined) this.cause = cause;
  }
}
