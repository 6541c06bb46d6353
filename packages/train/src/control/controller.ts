/** The contract of a controller: it watches the events of a run and may end it or scale its learning rate. */

import type { Config, Json, Variables } from "@nn/model";
import { ArgumentError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { EpochRecord, TrainingEvent } from "../fit/events.ts";
import type { Direction } from "../metrics/metric.ts";

/** What a controller knows of a run before it starts. */
export interface RunOutline {
  /** The metrics of the run, the loss among them, and which way is better. */
  readonly directions: { readonly [name: string]: Direction };
  /** Whether there is validation data. */
  readonly validation: boolean;
}

/** What a controller may do. */
export interface RunControl {
  /** Ends the run after this event; it still ends with a run. */
  stop(reason: string): void;
}

/** What a controller remembers. */
export interface ControllerState {
  readonly json: Json;
  readonly variables?: Variables;
}

/** A controller at work on one run. */
export interface ActiveController {
  /** Called after each event, before the loop over the events receives it. */
  observe(event: TrainingEvent, run: RunControl): void;
  /** What learning rates are multiplied by from the next step on; default 1. */
  readonly learningRateScale?: number;
  /** The variables that the finished run is to have; default: those of its last step. */
  readonly finalVariables?: Variables | undefined;
  state(): ControllerState;
  restore(state: ControllerState): void;
}

/** A controller: plain data. `begin` makes a fresh one for each run. */
export interface Controller {
  readonly kind: string;
  readonly config: Config;
  /** @throws ArgumentError when the run does not have what it watches. */
  begin(outline: RunOutline): ActiveController;
}

/** What a controller watches: `"validation.loss"`, `"train.accuracy"`. */
export type Monitor = `${"train" | "validation"}.${string}`;

/** The monitored number of an epoch, and which way is better. */
export interface Monitored {
  readonly direction: Direction;
  of(record: EpochRecord): number;
}

/** @throws ArgumentError for a monitor that no metric of the run has. */
export function monitorOf(operation: string, monitor: Monitor, { directions, validation }: RunOutline): Monitored {
  const [part, ...rest] = String(monitor).split(".");
  const name = rest.join(".");
  const known = Object.keys(directions).flatMap((each) => [
    `train.${each}`,
    ...(validation ? [`validation.${each}`] : []),
  ]);
  if (!known.includes(String(monitor))) {
    throw new ArgumentError({
      operation,
      received: `monitor ${typeof monitor === "string" ? JSON.stringify(monitor) : formatValue(monitor)}`,
      expected: known.join(", "),
      ...(part === "validation" && !validation && { fix: "Pass validation data to fit." }),
    });
  }
  return {
    direction: directions[name]!,
    of: (record) => (part === "train" ? record.train : record.validation)?.[name] ?? Number.NaN,
  };
}

/** Whether `value` is better than `best` by more than `minDelta`. */
export function isBetter(direction: Direction, value: number, best: number, minDelta: number): boolean {
  return direction === "minimize" ? value < best - minDelta : value > best + minDelta;
}
