/** Where a run took place, for the run log and the summary. Nothing that names a person, a folder or a network. */

import { execFileSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";

export interface Environment {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  /** Of the source, with `+changes` when the work tree differs; absent without git. */
  readonly commit?: string;
}

export function environment(): Environment {
  const commit = commitOf(import.meta.dirname);
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: process.platform,
    arch: process.arch,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    ...(commit === undefined ? {} : { commit }),
  };
}

/** The commit checked out around `folder`, with `+changes` when the work tree differs; undefined without git. Writes nothing. */
export function commitOf(folder: string): string | undefined {
  const git = (...args: string[]): string =>
    // Without --no-optional-locks `status` rewrites the index, under a lock that a killed process leaves behind.
    execFileSync("git", ["--no-optional-locks", "-c", "core.fsmonitor=false", ...args], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  try {
    const commit = git("rev-parse", "HEAD").trim();
    return git("status", "--porcelain") === "" ? commit : `${commit}+changes`;
  } catch {
    return undefined;
  }
}
