/** From the events of a run to its log. */

import { ArgumentError } from "@nn/tensor";
import { checkInteger, checkOptions } from "@nn/tensor/arguments";
import type { Score, StartEvent, StepEvent, TrainingEvent, TrainingStream } from "../fit/events.ts";
import { type ScoreState, ScoreSums } from "../fit/score-sums.ts";
import type { Split } from "./schema.ts";
import type { RunLogWriter } from "./write.ts";

export interface LogRunOptions {
  /** Steps that one training record stands for, at least 1; default: the steps of an epoch. An epoch's end closes one too. */
  readonly stepsPerRecord?: number;
}

/** What a checkpoint keeps of the log. */
type LogMark = {
  readonly stepsPerRecord: number | null;
  readonly records: number;
  readonly steps: number;
  readonly window: ScoreState;
};

const ATTACHMENT = "run-log";

/**
 * Passes `events` on and writes their scores into `log`: the loss and the metrics of the training split over the steps since
 * the last record, of the validation split after each epoch. A run that goes on from a checkpoint goes on with its log: what
 * was recorded after the checkpoint is dropped, and recorded again. When the run fails, so does the log; its end
 * stays the caller's to write, who may have more to say. What ended the run is thrown even where the log cannot be written.
 * @throws ArgumentError unless `stepsPerRecord` is an integer of at least 1; while it runs, for a checkpoint without a log or
 * with another `stepsPerRecord`. @throws RunLogError for a checkpoint whose log is missing or shorter than it was.
 * @example for await (const event of logRun(fit.events(model, data, options), log)) if (event.type === "end") run = event.run;
 */
export function logRun<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  options: LogRunOptions = {},
): TrainingStream<E> {
  checkOptions("logRun", options, { stepsPerRecord: true });
  const { stepsPerRecord } = options;
  if (stepsPerRecord !== undefined) checkInteger("logRun", "stepsPerRecord", stepsPerRecord, 1);
  const stream = write(events, log, stepsPerRecord ?? Number.POSITIVE_INFINITY);
  return Object.assign(stream, { stop: (reason?: string) => (events as Partial<TrainingStream<E>>).stop?.(reason) });
}

async function* write<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  stepsPerRecord: number,
): AsyncGenerator<E, void, undefined> {
  let newWindow = (): ScoreSums => new ScoreSums({}, "mean");
  let window = newWindow();
  let steps = 0;
  let stepsPerEpoch = Number.POSITIVE_INFINITY;
  let last: StepEvent | undefined;
  const record = (at: { readonly step: number; readonly elapsedMs: number }): void => {
    if (steps === 0) return;
    // Epochs done: the last step of an epoch has done it, though its event comes first.
    const epoch = Math.floor(at.step / stepsPerEpoch);
    writeScore(log, { step: at.step, epoch, elapsedMs: at.elapsedMs, split: "train" }, window.score());
    window = newWindow();
    steps = 0;
  };
  try {
    for await (const event of events as AsyncIterable<TrainingEvent>) {
      if (event.type === "start") {
        const { metrics } = event;
        stepsPerEpoch = event.stepsPerEpoch;
        newWindow = () => new ScoreSums(metrics, "mean");
        window = newWindow();
        if (event.resumed === undefined) log.restart();
        else {
          const mark = markOf(event.resumed, stepsPerRecord);
          log.keep(mark.records);
          window.restore(mark.window);
          ({ steps } = mark);
        }
      } else if (event.type === "step") {
        window.add(event);
        last = event;
        if (++steps === stepsPerRecord) record(event);
      } else if (event.type === "epoch") {
        const { step, epoch, elapsedMs, validation } = event;
        record(event);
        if (validation !== undefined) writeScore(log, { step, epoch, elapsedMs, split: "validation" }, validation);
      } else if (event.type === "checkpoint") {
        await log.flush();
        const mark: LogMark = {
          stepsPerRecord: Number.isFinite(stepsPerRecord) ? stepsPerRecord : null,
          records: log.recordCount,
          steps,
          window: window.state(),
        };
        event.attach(ATTACHMENT, mark);
      }
      yield event as E;
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

/** What the checkpoint says of the log. @throws ArgumentError where it says nothing, or has other windows. */
function markOf({ attachments, step }: Resumed, stepsPerRecord: number): LogMark {
  const mark = attachments[ATTACHMENT] as LogMark | undefined;
  const refuse = (received: string, expected: string): ArgumentError => {
    const fix = "Log the run as before, or start it from its first step: resume: false.";
    return new ArgumentError({ operation: "logRun", received, expected, fix });
  };
  if (mark === undefined) {
    throw refuse(`a run that goes on after step ${step} and had no log`, "a run that was logged from its first step");
  }
  const before = mark.stepsPerRecord ?? Number.POSITIVE_INFINITY;
  if (before === stepsPerRecord) return mark;
  const show = (steps: number): string => (Number.isFinite(steps) ? String(steps) : "of an epoch, the default");
  throw refuse(`stepsPerRecord ${show(stepsPerRecord)}`, `${show(before)}, as before the checkpoint`);
}

type Resumed = NonNullable<StartEvent["resumed"]>;

function writeScore(
  log: RunLogWriter,
  moment: { readonly step: number; readonly epoch: number; readonly elapsedMs: number; readonly split: Split },
  score: Score,
): void {
  for (const [name, value] of Object.entries(score)) log.scalar({ ...moment, name, value });
}
