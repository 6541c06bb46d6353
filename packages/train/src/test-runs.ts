/** Runs for the tests of checkpoints: small, and with everything that a run carries on. Shared with the processes that are killed. */

import { batchNorm, crossEntropy, dense, dropout, type Model, relu, sequential, tanh, weightsSha256 } from "@nn/model";
import type { CheckpointStore } from "./checkpoint/checkpoint-options.ts";
import { earlyStopping } from "./control/early-stopping.ts";
import { reduceOnPlateau } from "./control/reduce-on-plateau.ts";
import type { TrainingData } from "./fit/data.ts";
import type { TrainingEvent, TrainingStream } from "./fit/events.ts";
import { fit } from "./fit/fit.ts";
import type { FitOptions } from "./fit/fit-options.ts";
import type { Run } from "./fit/run.ts";
import { topK } from "./metrics/top-k.ts";
import { adamW } from "./optimizers/adam.ts";
import { sgd } from "./optimizers/sgd.ts";
import { type LogRunOptions, logRun } from "./run-log/log-run.ts";
import { createRunLog, type RunLogSink, readRunLog } from "./run-log.ts";
import { cosine } from "./schedules/cosine.ts";
import { halfCircles } from "./test-data.ts";

/** 6 steps an epoch, the last of them smaller. */
export const data: TrainingData = halfCircles(45) as unknown as TrainingData;
const loss = crossEntropy();
const validation = halfCircles(20, 9) as unknown as TrainingData;
const order = { loss, epochs: 4, batchSize: 8, seed: 3, validation } as const;

export type RunName = "sgd" | "adamW" | "batchNorm";

interface TestRun {
  readonly model: Model;
  readonly options: FitOptions;
}

export const runs: { readonly [Name in RunName]: TestRun } = {
  sgd: {
    model: sequential([2], dense(4), tanh(), dense(2)) as unknown as Model,
    options: { ...order, optimizer: sgd({ learningRate: 0.3, momentum: 0.9 }) },
  },
  // Ends by itself after 3 of 6 epochs, with the weights of an earlier one.
  adamW: {
    model: sequential([2], dense(4), tanh(), dense(2)) as unknown as Model,
    options: {
      ...order,
      epochs: 6,
      metrics: { top1: topK(1) },
      optimizer: adamW({ learningRate: cosine({ peak: 0.05, warmup: 4 }) }),
      average: { decay: 0.9 },
      control: [
        reduceOnPlateau({ monitor: "train.loss", patience: 1, minDelta: 1, factor: 0.5 }),
        earlyStopping({ patience: 2, minDelta: 0.5 }),
      ],
    },
  },
  batchNorm: {
    model: sequential([2], dense(4), batchNorm(), relu(), dropout(0.4), dense(2)) as unknown as Model,
    options: { ...order, optimizer: sgd({ learningRate: 0.1 }), frozen: ["dense1.bias"], average: { decay: 0.5 } },
  },
};

/** The events of a run. */
export function eventsOf(
  name: RunName,
  store: CheckpointStore | undefined,
  changed: Partial<FitOptions> & {
    readonly everySteps?: number;
    readonly resume?: boolean;
    readonly data?: TrainingData;
  } = {},
): TrainingStream<TrainingEvent<Run>> {
  const { model, options } = runs[name];
  const { everySteps = 4, resume = true, data: rows = data, ...rest } = changed;
  const checkpoint = store && { checkpoint: { in: store, everySteps, resume } };
  return fit.events(model, rows as never, { ...options, ...rest, ...checkpoint } as never) as never;
}

/** All that must be equal when a run was interrupted: everything but times. */
export function resultOf({ variables, average, history, epochs, steps, stopped }: Run): unknown {
  return {
    weights: weightsSha256(variables),
    average: average === undefined ? null : weightsSha256(average),
    history: history.map(({ durationMs, ...record }) => record),
    epochs,
    steps,
    stopped: stopped ?? null,
  };
}

/** A finished log without its times. */
export function logContent(bytes: Uint8Array): unknown {
  const { status, header, summary, weightsSha256: sha, records } = readRunLog(bytes);
  return { size: bytes.length, status, header, summary, sha, records: records.map(({ elapsedMs, ...rest }) => rest) };
}

/** The same run with a log, which it finishes. */
export async function* loggedEvents(
  events: TrainingStream<TrainingEvent<Run>>,
  sink: RunLogSink,
  continueFrom: Uint8Array | undefined,
  options: LogRunOptions = { stepsPerRecord: 5 },
): AsyncGenerator<TrainingEvent<Run>, void, undefined> {
  const header = {
    recipe: "test",
    config: {},
    environment: {},
    datasets: [{ name: "halfCircles", fingerprint: "45" }],
  };
  const log = createRunLog(sink, header, { continueFrom, flushEvery: 3 });
  for await (const event of logRun(events, log, options)) {
    if (event.type === "end") await log.finish({ weightsSha256: event.run.weightsSha256, summary: {} });
    yield event;
  }
}
