/** From the events of a run to its log. */

import { ArgumentError } from "@nn/tensor";
import { checkInteger, checkOptions, formatValue } from "@nn/tensor/arguments";
import type { Score, StartEvent, TrainingEvent, TrainingStream } from "../fit/events.ts";
import { type ScoreState, ScoreSums } from "../fit/score-sums.ts";
import { curves } from "../records/curves.ts";
import type { RunLogWriter } from "./write.ts";

export interface LogRunOptions {
  /** Steps that one training record stands for, at least 1; default: the steps of an epoch. An epoch's end closes one too. */
  readonly stepsPerRecord?: number;
  /**
   * What a training record says: the `"mean"` over the steps since the last one, which is the default, or the score of the
   * `"last"` of them alone, which the end of the run closes and an epoch's does not.
   */
  readonly record?: "mean" | "last";
}

/** What a checkpoint keeps of the log. */
type LogMark = {
  /** Null: those of an epoch. */
  readonly stepsPerRecord: number | null;
  readonly record: "mean" | "last";
  readonly records: number;
  /** Steps since the last record. */
  readonly steps: number;
  readonly window: ScoreState;
  readonly last: LastStep | null;
};

/** What a record of single steps says. */
type LastStep = { readonly step: number; readonly elapsedMs: number; readonly score: Score };

const ATTACHMENT = "run-log";

/**
 * Passes `events` on and writes their scores into `log`: the loss and the metrics of the training split over the steps since
 * the last record, of the validation split after each epoch. A run that goes on from a checkpoint goes on with its log: what
 * was recorded after the checkpoint is dropped, and recorded again. When the run fails, so does the log; its end
 * stays the caller's to write, who may have more to say. What ended the run is thrown even where the log cannot be written.
 * @throws ArgumentError unless `stepsPerRecord` is an integer of at least 1.
 * @example for await (const event of logRun(fit.events(model, data, options), log)) if (event.type === "end") run = event.run;
 */
export function logRun<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  options: LogRunOptions = {},
): TrainingStream<E> {
  checkOptions("logRun", options, { stepsPerRecord: true, record: true });
  const { stepsPerRecord, record = "mean" } = options;
  if (stepsPerRecord !== undefined) checkInteger("logRun", "stepsPerRecord", stepsPerRecord, 1);
  if (record !== "mean" && record !== "last") {
    const received = `record ${formatValue(record)}`;
    throw new ArgumentError({ operation: "logRun", received, expected: '"mean" or "last"' });
  }
  const stream = write(events, log, { stepsPerRecord, record });
  return Object.assign(stream, { stop: (reason?: string) => (events as Partial<TrainingStream<E>>).stop?.(reason) });
}

async function* write<E extends TrainingEvent>(
  events: AsyncIterable<E>,
  log: RunLogWriter,
  { stepsPerRecord, record: which }: { readonly stepsPerRecord: number | undefined; readonly record: "mean" | "last" },
): AsyncGenerator<E, void, undefined> {
  let newWindow = (): ScoreSums => new ScoreSums({}, "mean");
  let window = newWindow();
  let steps = 0;
  let stepsPerEpoch = Number.POSITIVE_INFINITY;
  let last: LastStep | undefined;
  const record = (at: { readonly step: number; readonly elapsedMs: number }): void => {
    if (steps === 0) return;
    // Epochs done: the last step of an epoch has done it, though its event comes first.
    const epoch = Math.floor(at.step / stepsPerEpoch);
    curves.write(log, { ...at, epoch }, "train", which === "last" ? last!.score : window.score());
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
          const mark = markOf(event.resumed, { stepsPerRecord: stepsPerRecord ?? null, record: which });
          log.keep(mark.records);
          window.restore(mark.window);
          ({ steps } = mark);
          last = mark.last ?? undefined;
        }
      } else if (event.type === "step") {
        if (which === "mean") window.add(event);
        last = event;
        steps++;
        if (steps === (stepsPerRecord ?? (which === "last" ? stepsPerEpoch : undefined))) record(event);
      } else if (event.type === "epoch") {
        if (which === "mean") record(event);
        if (event.validation !== undefined) curves.write(log, event, "validation", event.validation);
      } else if (event.type === "checkpoint") {
        await log.flush();
        const mark: LogMark = {
          stepsPerRecord: stepsPerRecord ?? null,
          record: which,
          records: log.recordCount,
          steps,
          window: window.state(),
          last:
            last === undefined || which === "mean"
              ? null
              : { step: last.step, elapsedMs: last.elapsedMs, score: last.score },
        };
        event.attach(ATTACHMENT, mark);
      } else if (which === "last" && last !== undefined) {
        record(last);
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

type Resumed = NonNullable<StartEvent["resumed"]>;

/** What the checkpoint says of the log. @throws ArgumentError where it says nothing, or has other windows. */
function markOf({ attachments, step }: Resumed, now: Pick<LogMark, "stepsPerRecord" | "record">): LogMark {
  const mark = attachments[ATTACHMENT] as LogMark | undefined;
  const refuse = (received: string, expected: string): ArgumentError => {
    const fix = "Log the run as before, or start it from its first step: resume: false.";
    return new ArgumentError({ operation: "logRun", received, expected, fix });
  };
  if (mark === undefined) {
    throw refuse(`a run that goes on after step ${step} and had no log`, "a run that was logged from its first step");
  }
  const show = (steps: number | null): string => (steps === null ? "of an epoch, the default" : String(steps));
  if (mark.stepsPerRecord !== now.stepsPerRecord) {
    throw refuse(
      `stepsPerRecord ${show(now.stepsPerRecord)}`,
      `${show(mark.stepsPerRecord)}, as before the checkpoint`,
    );
  }
  if (mark.record !== now.record) throw refuse(`record "${now.record}"`, `"${mark.record}", as before the checkpoint`);
  return mark;
}
