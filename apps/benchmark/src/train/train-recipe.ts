/** The one way in which recipes are trained: events to log, output and progress, and a stop that leaves a checkpoint. */

import { type CheckpointOptions, logRun, type StepEvent, type TrainingEvent } from "@nn/train";
import { curves, type RecordedAt } from "@nn/train/records";
import type { RunLogWriter } from "@nn/train/run-log";
import type { PreparedRun, RecipeResult, Trained } from "./recipe.ts";
import { turn } from "./turn.ts";

/** All that a training touches outside itself. */
export interface TrainContext {
  readonly log: RunLogWriter;
  /** Where the run is kept while it goes; default: nowhere. */
  readonly checkpoint?: CheckpointOptions;
  print(line: string): void;
  /** How far it is: `done` of `total` steps, and a word on how it goes. */
  progress(done: number, total: number, text: string): void;
  /** Ends the run after the step under way when it is aborted. */
  readonly signal: AbortSignal;
}

const BUSY_MS = 50;

/**
 * Trains and tests.
 * @throws the reason of `signal` when it ended the run, whose checkpoint is written by then, and what training throws.
 */
export async function trainRecipe(run: PreparedRun, context: TrainContext): Promise<RecipeResult> {
  const { log, signal } = context;
  const stream = logRun(run.training.events(context.checkpoint), log, run.curves);
  const watched = new WatchedRun(run, context);
  let lastTurnMs = performance.now();
  for await (const event of stream) {
    watched.see(event);
    if (performance.now() - lastTurnMs >= BUSY_MS) {
      await turn();
      lastTurnMs = performance.now();
    }
    if (signal.aborted) stream.stop(String(signal.reason));
  }
  const { at, samples, trainingMs } = watched;
  const trained = watched.trained!;
  if (trained.stopped !== undefined) signal.throwIfAborted();
  const { train, test: data } = run.measured;
  const { accuracy: testAccuracy, predictions } = await trained.evaluate(data, signal);
  const { accuracy: trainAccuracy } = await trained.evaluate(train, signal);
  curves.write(log, at, "test", { accuracy: testAccuracy });
  const recorders = run.recorders.filter(({ tested }) => tested !== undefined);
  if (recorders.length > 0) {
    const result = { data, predictions, probabilities: await trained.probabilities(data, signal) };
    for (const recorder of recorders) recorder.tested!(result, log, at);
  }
  const { variables, steps, epochs, finalLoss } = trained;
  return { variables, steps, epochs, samples, trainingMs, finalLoss, trainAccuracy, testAccuracy };
}

/** What has been seen of a run. */
class WatchedRun {
  at: RecordedAt = { step: 0, epoch: 0, elapsedMs: 0 };
  samples = 0;
  trainingMs = 0;
  trained: Trained | undefined;
  #stepsPerEpoch = 1;
  #totalSteps = 0;
  readonly #run: PreparedRun;
  readonly #context: TrainContext;

  constructor(run: PreparedRun, context: TrainContext) {
    this.#run = run;
    this.#context = context;
  }

  see(event: TrainingEvent<Trained>): void {
    const { log, print } = this.#context;
    if (event.type === "start") {
      this.#stepsPerEpoch = event.stepsPerEpoch;
      this.#totalSteps = event.epochs * event.stepsPerEpoch;
      if (event.resumed !== undefined) {
        const { step, epoch } = event.resumed;
        this.at = { ...this.at, step, epoch: epoch - 1 };
        print(`Going on after step ${step} of ${this.#totalSteps}`);
      }
    } else if (event.type === "step") {
      this.samples += event.size;
      const epoch = Math.floor(event.step / this.#stepsPerEpoch);
      this.at = { step: event.step, epoch, elapsedMs: event.elapsedMs };
      this.#progress(event);
    } else if (event.type === "epoch") {
      this.trainingMs += event.durationMs;
      this.at = { step: event.step, epoch: event.epoch, elapsedMs: event.elapsedMs };
    } else if (event.type === "end") {
      this.trained = event.run;
    }
    if (event.type !== "start" || event.resumed === undefined) {
      for (const recorder of this.#run.recorders) recorder.event?.(event, log, this.at);
    }
    const line = this.#run.line(event);
    if (line !== undefined) print(line);
  }

  #progress({ step, epoch, loss }: StepEvent): void {
    const where = this.#stepsPerEpoch === 1 ? "" : `epoch ${epoch}, `;
    this.#context.progress(step, this.#totalSteps, `${where}loss ${loss.toPrecision(4)}`);
  }
}
