/** The contract of a schedule: a number that is a pure function of the moment, computed on the host in float64. */

import type { Config } from "@nn/model";
import { ArgumentError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";

/** Where a run is, before a step. */
export interface Moment {
  /** Steps done: 0 before the first. */
  readonly step: number;
  /** Epochs done: 0 in the first. */
  readonly epoch: number;
  /** Steps of the whole run, if nothing stops it. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** What controllers multiply learning rates by, 1 without any; see `reduceOnPlateau`. */
  readonly learningRateScale: number;
}

/** The moment before step `step`, from 0, of a run of so many steps. */
export function momentAt(
  step: number,
  { epochs, stepsPerEpoch }: { readonly epochs: number; readonly stepsPerEpoch: number },
  learningRateScale: number = 1,
): Moment {
  const epoch = Math.floor(step / stepsPerEpoch);
  return { step, epoch, totalSteps: stepsPerEpoch * epochs, stepsPerEpoch, learningRateScale };
}

/** A schedule as plain data. */
export interface Schedule {
  readonly kind: string;
  readonly config: Config;
  /** The value for the step that follows `moment`. */
  at(moment: Moment): number;
}

/**
 * A constant, a schedule, or any pure function of the moment. A function has no configuration: a checkpoint tells it from
 * another one by its values at some of the steps that are done.
 */
export type ScheduleLike = number | Schedule | ((moment: Moment) => number);

/**
 * A schedule of a constant or function. The values of a schedule are checked step by step: finite, and at least 0.
 * @throws ArgumentError for a constant out of range or something else.
 */
export function scheduleOf(operation: string, name: string, value: ScheduleLike): Schedule {
  if (typeof value === "number") {
    checkRate(operation, name, value);
    return { kind: "constant", config: { value }, at: () => value };
  }
  const schedule = typeof value === "function" ? { kind: "function", config: {}, at: value } : value;
  if (typeof schedule !== "object" || typeof schedule?.at !== "function") {
    throw new ArgumentError({
      operation,
      received: `${name} ${formatValue(value)}`,
      expected: "a number, a schedule such as cosine({ peak: 0.01 }), or a function of the moment",
    });
  }
  return {
    ...schedule,
    at(moment) {
      const rate = schedule.at(moment);
      checkRate(`${operation}: at step ${moment.step + 1}`, name, rate);
      return rate;
    },
  };
}

function checkRate(operation: string, name: string, rate: number): void {
  if (typeof rate === "number" && rate >= 0 && rate < Number.POSITIVE_INFINITY) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${formatValue(rate)}`,
    expected: "a finite number of at least 0",
  });
}
