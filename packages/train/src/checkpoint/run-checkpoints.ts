/** The checkpoints of one run: read at its start, written beside the training as it goes. */

import { type CheckpointOwner, decodeCheckpoint, encodeCheckpoint, type TrainingState } from "./checkpoint.ts";
import type { CheckpointOptions } from "./checkpoint-options.ts";

/**
 * Writes one checkpoint at a time and never makes the training wait for the store: of those that come while one is being
 * written, only the last is written afterwards.
 */
export class RunCheckpoints {
  readonly everySteps: number;
  readonly #options: CheckpointOptions;
  #next: Uint8Array | undefined;
  #isWriting = false;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: CheckpointOptions, stepsPerEpoch: number) {
    this.#options = options;
    this.everySteps = options.everySteps ?? stepsPerEpoch;
  }

  /** The state to go on from; undefined where the run starts with its first step. @throws as `decodeCheckpoint`. */
  async read(owner: CheckpointOwner): Promise<TrainingState | undefined> {
    const { in: store, resume = true } = this.#options;
    const bytes = resume ? await store.read() : undefined;
    return bytes === undefined ? undefined : decodeCheckpoint(bytes, { ...owner, name: store.name });
  }

  /** Copies `state` and has it written. @throws what went wrong with an earlier one. */
  write(state: TrainingState): void {
    this.#throwFailure();
    this.#next = encodeCheckpoint(state);
    if (!this.#isWriting) this.#writing = this.#writeAll();
  }

  /** Waits for the last checkpoint to be in place. @throws what went wrong with it. */
  async settled(): Promise<void> {
    await this.#writing;
    this.#throwFailure();
  }

  /** Waits until nothing is being written; what went wrong is forgotten. For a run that fails for another reason. */
  async abandon(): Promise<void> {
    await this.#writing;
    this.#failure = undefined;
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#next !== undefined) {
      const bytes = this.#next;
      this.#next = undefined;
      try {
        await this.#options.in.write(bytes);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
    this.#isWriting = false;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }
}
