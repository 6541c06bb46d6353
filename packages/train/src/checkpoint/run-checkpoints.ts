/** The checkpoints of one run: read at its start, written as it goes, one at a time and beside the training. */

import { ArgumentError, checkInteger } from "@nn/tensor";
import type { StepState } from "../fit/step.ts";
import {
  type CheckpointOptions,
  decodeCheckpoint,
  encodeCheckpoint,
  type RunIdentity,
  type TrainingState,
} from "./checkpoint.ts";

export class RunCheckpoints {
  readonly everySteps: number;
  readonly identity: RunIdentity;
  readonly #options: CheckpointOptions;
  #writing: Promise<void> = Promise.resolve();
  #failed: unknown;

  constructor(options: CheckpointOptions, identity: RunIdentity, stepsPerEpoch: number) {
    const { in: store, everySteps = stepsPerEpoch } = options;
    if (typeof store?.read !== "function" || typeof store.write !== "function") {
      throw new ArgumentError({
        operation: "fit: checkpoint",
        received: "no store",
        expected: "{ in: folder(path), … }, a store with read and write",
        fix: "folder is in @nn/train/node.",
      });
    }
    checkInteger("fit: checkpoint", "everySteps", everySteps, 1);
    this.everySteps = everySteps;
    this.identity = identity;
    this.#options = options;
  }

  /** The state to go on from; undefined where the run starts anew. @throws ArgumentError for another run's checkpoint. */
  async read(template: StepState): Promise<TrainingState | undefined> {
    if (this.#options.resume === false) return undefined;
    const bytes = await this.#options.in.read();
    return bytes === undefined ? undefined : decodeCheckpoint(bytes, template, this.identity);
  }

  /** Begins to write `state`, after the checkpoint before it. @throws what went wrong with that one. */
  async write(state: TrainingState): Promise<void> {
    const bytes = encodeCheckpoint(state);
    await this.settled();
    this.#writing = this.#options.in.write(bytes).catch((error: unknown) => {
      this.#failed ??= error;
    });
  }

  /** Waits for the last checkpoint to be in place. @throws what went wrong with it. */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failed !== undefined) throw this.#failed;
  }
}
