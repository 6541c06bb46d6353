/** The checkpoints of a recipe's own loop: one safetensors file, as those of `fit`. */

import { loadSafetensors, saveSafetensors, type Variables } from "@nn/model";
import { ArgumentError } from "@nn/tensor";
import type { Attachments, CheckpointOptions } from "@nn/train";

/** Where a loop is: all but its variables. */
export interface LoopState {
  /** Steps done. */
  step: number;
  /** The epoch under way, from 1. */
  epoch: number;
  /** Steps of it done. */
  batch: number;
  /** Sums over the epoch under way. */
  loss: number;
  right: number;
  /** The loss of the last whole epoch. */
  last: number | null;
  /** Whether the loop has reached its end before the last epoch. */
  isOver: boolean;
  elapsedMs: number;
}

interface Restored {
  readonly state: LoopState;
  readonly epoch: number;
  readonly batch: number;
  readonly attachments: Attachments;
  readonly variables: Variables<"float64">;
}

const FORMAT = "nn-recipe-checkpoint";
const EVERY_STEPS = 500;

export class LoopCheckpoints {
  readonly everySteps: number;
  readonly #options: CheckpointOptions;
  readonly #identity: string;

  /** `config` is what the run is made of. */
  constructor(options: CheckpointOptions, config: Readonly<Record<string, unknown>>) {
    this.everySteps = options.everySteps ?? EVERY_STEPS;
    this.#options = options;
    this.#identity = JSON.stringify(config);
  }

  /** @throws ArgumentError for the checkpoint of another run. */
  async read(): Promise<Restored | undefined> {
    if (this.#options.resume === false) return undefined;
    const bytes = await this.#options.in.read();
    if (bytes === undefined) return undefined;
    const { parameters, metadata } = loadSafetensors(bytes);
    if (metadata.format !== FORMAT || metadata.identity !== this.#identity) {
      throw new ArgumentError({
        operation: `checkpoint ${this.#options.in.name ?? ""}`.trimEnd(),
        received: `a checkpoint of another run: ${metadata.identity ?? metadata.format ?? "without a format"}`,
        expected: this.#identity,
      });
    }
    const state = JSON.parse(metadata.state ?? "") as LoopState;
    const attachments = JSON.parse(metadata.attachments ?? "{}") as Attachments;
    const { epoch, batch } = state;
    return { state, epoch, batch, attachments, variables: parameters as Variables<"float64"> };
  }

  async write(state: LoopState, variables: Variables<"float64">, attachments: Attachments): Promise<void> {
    const metadata = {
      format: FORMAT,
      identity: this.#identity,
      state: JSON.stringify(state),
      attachments: JSON.stringify(attachments),
    };
    await this.#options.in.write(saveSafetensors(variables, { metadata }));
  }
}
