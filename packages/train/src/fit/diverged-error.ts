/** The error of a run whose numbers left the finite ones. */

import { ArgumentError } from "@nn/tensor";

/** A loss or a parameter that became NaN or infinite. What happened until then has been reported. */
export class DivergedError extends ArgumentError {
  /** The step that failed, from 1. */
  readonly step: number;
  /** Its epoch, from 1. */
  readonly epoch: number;

  /** `operation` is what was training; default "fit". */
  constructor(at: {
    readonly operation?: string;
    readonly step: number;
    readonly epoch: number;
    readonly received: string;
  }) {
    super({
      operation: at.operation ?? "fit",
      received: `${at.received} at step ${at.step}, in epoch ${at.epoch}`,
      expected: "finite numbers",
      fix: "Lower the learning rate, and look for very large inputs.",
    });
    this.step = at.step;
    this.epoch = at.epoch;
  }
}
