/** From the events of a run to its log. */

import { checkInteger, checkOptions } from "@nn/tensor/arguments";
import type { StepEvent, TrainingEvent } from "./events.ts";
import type { RunLogWriter } from "./run-log.ts";
import { ScoreSum } from "./score.ts";

export interface LogRunOptions {
  /** Steps that one training record stands for, at least 1; default: the steps of an epoch. An epoch's end closes one too. */
  readonly stepsPerRecord?: number;
}

/**
 * Passes `events` on and writes their scores into `log`: `loss` and `accuracy` of the training split as means over the
 * steps since the last record, of the validation split after each epoch. When the run fails, so does the log; its end
 * stays the caller's to write, who may have more to say. What ended the run is thrown even where the log cannot be written.
 * @throws ArgumentError unless `stepsPerRecord` is an integer of at least 1.
 * @example for await (const event of logRun(fit.events(model, data, options), log)) if (event.type === "end") run = event.run;
 */
export function logRun<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  options: LogRunOptions = {},
): AsyncGenerator<E, void, undefined> {
  checkOptions("logRun", options, { stepsPerRecord: true });
  const { stepsPerRecord } = options;
  if (stepsPerRecord !== undefined) checkInteger("logRun", "stepsPerRecord", stepsPerRecord, 1);
  return write(events, log, stepsPerRecord ?? Number.POSITIVE_INFINITY);
}

async function* write<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  stepsPerRecord: number,
): AsyncGenerator<E, void, undefined> {
  let window = new ScoreSum();
  let steps = 0;
  let stepsPerEpoch = Number.POSITIVE_INFINITY;
  let last: StepEvent | undefined;
  const record = (at: Pick<StepEvent, "step" | "elapsedMs">): void => {
    if (steps === 0) return;
    const { loss, accuracy } = window.score();
    // Epochs done: the last step of an epoch has done it, though its event comes first.
    const epoch = Math.floor(at.step / stepsPerEpoch);
    const moment = { step: at.step, epoch, elapsedMs: at.elapsedMs, split: "train" } as const;
    log.scalar({ ...moment, name: "loss", value: loss });
    log.scalar({ ...moment, name: "accuracy", value: accuracy });
    window = new ScoreSum();
    steps = 0;
  };
  try {
    for await (const event of events) {
      if (event.type === "start") {
        stepsPerEpoch = event.stepsPerEpoch;
      } else if (event.type === "step") {
        window.add(event, event.size);
        last = event;
        if (++steps === stepsPerRecord) record(event);
      } else if (event.type === "epoch") {
        const { step, epoch, elapsedMs, validation } = event;
        record(event);
        if (validation !== undefined) {
          const moment = { step, epoch, elapsedMs, split: "validation" } as const;
          log.scalar({ ...moment, name: "loss", value: validation.loss });
          log.scalar({ ...moment, name: "accuracy", value: validation.accuracy });
        }
      }
      yield event;
    }
  } catch (error) {
    try {
      if (last !== undefined) record(last);
      await log.fail(error);
    } catch {
      // The caller must hear what ended the run, not that its log broke as well.
    }
    throw error;
  }
}
