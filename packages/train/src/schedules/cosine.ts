/** Half a cosine, from a peak down, after a linear warm-up. */

import { checkFiniteNumber, checkInteger, checkOptions } from "@nn/tensor/arguments";
import { cos } from "@nn/tensor/math";
import type { Schedule } from "./schedule.ts";

export interface CosineOptions {
  /** The rate after the warm-up, finite and at least 0. */
  readonly peak: number;
  /** Steps of warm-up, in which the rate grows linearly from peak / (warmup + 1); default 0. */
  readonly warmup?: number;
  /** The rate that the last step approaches, 0 … peak; default 0. */
  readonly end?: number;
  /** The step at which `end` is reached; default: the steps of the run. The rate stays there afterwards. */
  readonly steps?: number;
}

/**
 * The rate of step t, from 0: peak · (t + 1) / (warmup + 1) for t < warmup; then end + (peak − end) · (1 + cos πp) / 2 with
 * p = (t − warmup) / (steps − warmup).
 * @throws ArgumentError when an option is out of range.
 * Source: I. Loshchilov, F. Hutter, "SGDR" (2017), without restarts.
 * @example adamW({ learningRate: cosine({ peak: 3e-3, warmup: 500 }) })
 */
export function cosine(options: CosineOptions): Schedule {
  checkOptions("cosine", options, { peak: true, warmup: true, end: true, steps: true });
  const { peak, warmup = 0, end = 0, steps } = options;
  checkFiniteNumber("cosine", "peak", peak, { atLeast: 0 });
  checkFiniteNumber("cosine", "end", end, { atLeast: 0, atMost: peak });
  checkInteger("cosine", "warmup", warmup, 0);
  if (steps !== undefined) checkInteger("cosine", "steps", steps, 1);
  return {
    kind: "cosine",
    config: { peak, warmup, end, ...(steps !== undefined && { steps }) },
    at({ step, totalSteps }) {
      if (step < warmup) return (peak * (step + 1)) / (warmup + 1);
      const length = (steps ?? totalSteps) - warmup;
      const progress = length <= 0 ? 1 : Math.min((step - warmup) / length, 1);
      return end + ((peak - end) * (1 + cos(Math.PI * progress))) / 2;
    },
  };
}
