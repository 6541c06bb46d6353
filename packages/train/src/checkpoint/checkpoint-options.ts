/** What `fit` takes as `checkpoint`. */

import { ArgumentError } from "@nn/tensor";
import { checkBoolean, checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";

/** Where the last checkpoint of one run is kept, whole or not at all. `folder` of `@nn/train/node` is one. */
export interface CheckpointStore {
  /** For messages: the file's path, for example. Default: none. */
  readonly name?: string;
  /** The last checkpoint; undefined where there is none. */
  read(): Promise<Uint8Array | undefined>;
  /** Replaces the last checkpoint by `bytes`, in one step. Calls never overlap, and `bytes` never change. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface CheckpointOptions {
  /** Where the checkpoint is. Each run needs a store of its own. */
  readonly in: CheckpointStore;
  /** Steps from one checkpoint to the next, at least 1; default: the steps of an epoch. The end of a run writes one too. */
  readonly everySteps?: number;
  /** Whether to go on from the checkpoint that is there; default true. `false` starts from the first step and replaces it. */
  readonly resume?: boolean;
}

/** @throws ArgumentError for options that are out of range and for a store without `read` and `write`. */
export function checkCheckpointOptions(options: CheckpointOptions): void {
  const operation = "fit: checkpoint";
  checkOptions(operation, options, { in: true, everySteps: true, resume: true });
  const { in: store, everySteps = 1, resume = true } = options;
  if (typeof store === "string") {
    throw new ArgumentError({
      operation,
      received: `in ${JSON.stringify(store)}`,
      expected: "a store such as folder(path)",
      fix: `Import folder from @nn/train/node: in: folder(${JSON.stringify(store)}).`,
    });
  }
  checkMembers(operation, "in", store, ["read", "write"], "a store such as folder(path) of @nn/train/node");
  checkInteger(operation, "everySteps", everySteps, 1);
  checkBoolean(operation, "resume", resume);
}
