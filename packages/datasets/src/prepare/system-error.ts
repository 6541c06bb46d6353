/** Whose fault it is that a file cannot be read: its path's, which comes again in every run, or the machine's. */

import { UnusableFile } from "../node/regular-file.ts";

export { whyUnreadable } from "../node/regular-file.ts";

/** Whether the system failed at what it was asked for. */
export const isFromSystem = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;

// Rights (EACCES) are not among them: the file is there, and a user with the rights goes on from where the run ended. A folder,
// a socket or a device is as wrong a path as none.
const codes: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR", "ENXIO"]);

/** Whether a path leads to no file that may be read. All else that fails may be otherwise in the next run. */
export const leadsNowhere = (error: unknown): error is NodeJS.ErrnoException | UnusableFile =>
  error instanceof UnusableFile || (isFromSystem(error) && codes.has(error.code));

/** Whether it is for rights that a file system refuses. */
export const isForbidden = (error: unknown): boolean =>
  ["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? "");

/** What is read of a file; undefined where there is none that may be read. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    return undefined;
  }
}

/** The error with the path in its message, which some that come while a file is read or written are without. */
export function withPath(error: unknown, path: string): unknown {
  if (isFromSystem(error) && error.path === undefined) {
    error.message += ` '${path}'`;
    error.path = path;
  }
  return error;
}
