/**
 * Opening files that others may have written. Only regular files are opened, and opening never waits: a named pipe without a
 * writer would block for ever. What was opened is compared with what was checked, so that a file that is swapped for a link
 * in between is not read.
 */

import fs, { type BigIntStats, constants } from "node:fs";
import { join, sep } from "node:path";

/** The calls that open a file. A test passes its own to change the folder between two of them. */
export type FileCalls = Pick<
  typeof fs,
  "statSync" | "lstatSync" | "realpathSync" | "openSync" | "fstatSync" | "readlinkSync" | "closeSync"
>;

/** A path that leads to something that must not be opened. */
export class UnusableFile extends Error {
  /** In words that follow the path: `which is a named pipe`. */
  readonly reason: string;

  constructor(path: string, reason: string) {
    super(`${path}, ${reason}`);
    this.name = "UnusableFile";
    this.reason = reason;
  }
}

/** A regular file that is open for reading. The caller closes `handle`. */
export interface OpenFile {
  readonly handle: number;
  /** Bytes. */
  readonly size: number;
  /** Equal for two openings of one file that was not written to in between. */
  readonly identity: string;
}

// Windows has none of these flags; 0 changes nothing.
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_NOCTTY = 0 } = constants;

/** Flags that open for reading without waiting. */
const readOnly = O_RDONLY | O_NONBLOCK | O_NOCTTY;

/** Flags for `open` that append to a file that is no link, and do not wait where it is a pipe. */
export const appendFlags: number = constants.O_WRONLY | constants.O_APPEND | O_NONBLOCK | O_NOFOLLOW;

/**
 * Opens the file at `path`, links followed.
 * @throws UnusableFile when it is no regular file. @throws Error as the system gives it when it cannot be opened.
 */
export function openRegular(path: string, calls: FileCalls = fs): OpenFile {
  return open(path, calls.statSync(path, { bigint: true }), readOnly, calls);
}

/** Opens the file at `path` unless that is a link. @throws as `openRegular`. */
export function openUnlinked(path: string, calls: FileCalls = fs): OpenFile {
  return open(path, calls.lstatSync(path, { bigint: true }), readOnly | O_NOFOLLOW, calls);
}

/**
 * Opens the file `path` in `folder`, which must be as `realpath` gives it. Links are followed as long as they end in the
 * folder.
 * @throws as `openRegular`, and UnusableFile for a link that leads out of the folder.
 */
export function openInside(folder: string, path: string, calls: FileCalls = fs): OpenFile {
  const real = calls.realpathSync.native(join(folder, path));
  if (!isInside(folder, real)) throw new UnusableFile(path, leadsOut);
  const file = open(real, calls.lstatSync(real, { bigint: true }), readOnly | O_NOFOLLOW, calls);
  // A folder on the way may have become a link after `real` was found. Where the system tells, this is where the file lies.
  const found = placeOf(file.handle, calls);
  if (found === undefined || isInside(folder, found)) return file;
  calls.closeSync(file.handle);
  throw new UnusableFile(path, leadsOut);
}

const leadsOut = "a link that leads out of the folder";

const isInside = (folder: string, real: string): boolean =>
  real.startsWith(folder.endsWith(sep) ? folder : folder + sep);

function placeOf(handle: number, calls: FileCalls): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return calls.readlinkSync(`/proc/self/fd/${handle}`);
  } catch {
    return undefined; // without /proc
  }
}

function open(path: string, checked: BigIntStats, flags: number, calls: FileCalls): OpenFile {
  refuseOthers(path, checked);
  const handle = calls.openSync(path, flags);
  try {
    const opened = calls.fstatSync(handle, { bigint: true });
    refuseOthers(path, opened);
    if (opened.dev !== checked.dev || opened.ino !== checked.ino) {
      throw new UnusableFile(path, "which was replaced while it was opened");
    }
    const { dev, ino, size, mtimeNs } = opened;
    return { handle, size: Number(size), identity: `${dev}:${ino}:${size}:${mtimeNs}` };
  } catch (error) {
    calls.closeSync(handle);
    throw error;
  }
}

/** Before opening, as opening a device may have an effect; and after it, for what came to be there since. */
function refuseOthers(path: string, stats: BigIntStats): void {
  if (stats.isFile()) return;
  throw new UnusableFile(path, `which is ${kindOf(stats)}, not a regular file`);
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return "a folder";
  if (stats.isFIFO()) return "a named pipe";
  if (stats.isSocket()) return "a socket";
  return stats.isSymbolicLink() ? "a link" : "a device";
}

/**
 * The whole of an open file, which is closed whatever happens.
 * @throws UnusableFile when it has more than `most` bytes: they are never allocated.
 */
export function readWhole(file: OpenFile, path: string, most: number): Uint8Array<ArrayBuffer> {
  try {
    if (file.size > most) throw new UnusableFile(path, `of ${file.size} bytes, where ${most} are the most`);
    const bytes = new Uint8Array(file.size);
    return bytes.subarray(0, readInto(file.handle, bytes, 0));
  } finally {
    fs.closeSync(file.handle);
  }
}

/** Node refuses to read 2 GiB in one call. */
const mostAtOnce = 2 ** 30;

/** How many bytes from `position` on were put into `bytes`: fewer than it has room for where the file ends before. */
export function readInto(handle: number, bytes: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < bytes.byteLength) {
    const wanted = Math.min(bytes.byteLength - filled, mostAtOnce);
    const read = fs.readSync(handle, bytes, filled, wanted, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return filled;
}

/** The text of an open file, which is closed. @throws as `readWhole`. */
export function readText(file: OpenFile, path: string, most: number): string {
  return decoder.decode(readWhole(file, path, most));
}

// As `readFile` does: a mark at the beginning is kept.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Why a file is not read, in words that follow its path. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof UnusableFile) return error.reason;
  return `which cannot be read (${error instanceof Error && "code" in error ? error.code : error})`;
}
