/**
 * The training loop: epochs of steps, a score after each, validation where there is data for it. One way to run it to the
 * end (`fit`), one event by event (`fit.events`). Knows no log and no file: listeners record what the events hold.
 */

import type { Model, Variables } from "@nn/model";
import { checkFiniteNumber, checkMembers } from "@nn/tensor/arguments";
import { RunCheckpoints } from "../checkpoint/run-checkpoints.ts";
import { identityOf, sampleScalars } from "../checkpoint/run-identity.ts";
import type { ActiveController } from "../control/controller.ts";
import { momentAt } from "../schedules/schedule.ts";
import { announcedBatches } from "./announced-batches.ts";
import type { TrainingData } from "./data.ts";
import { DivergedError, fixForBatch } from "./diverged-error.ts";
import { evaluator } from "./evaluate.ts";
import type { EpochRecord, Score, TrainingEvent, TrainingStream } from "./events.ts";
import { type FitOptions, type FitPlan, planFit } from "./fit-options.ts";
import type { Fit } from "./fit-signature.ts";
import { Pause } from "./pause.ts";
import { createRun, type Run } from "./run.ts";
import { type BatchResult, ScoreSums } from "./score-sums.ts";
import { compileTrainingStep, variablesOf, withVariables } from "./step.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Why a run was asked to stop. */
interface StopRequest {
  reason: string | undefined;
}

/** Where a run is. */
interface Cursor {
  step: number;
  epoch: number;
  batch: number;
}

async function* train(
  model: Model,
  data: TrainingData,
  plan: FitPlan,
  request: StopRequest,
): AsyncGenerator<TrainingEvent<Run>, void, undefined> {
  const checkpoints = plan.checkpoint && new RunCheckpoints(plan.checkpoint, plan.stepsPerEpoch);
  try {
    yield* trainWith(checkpoints, model, data, plan, request);
  } catch (error) {
    await checkpoints?.abandon();
    throw error;
  } finally {
    // Also where the loop over the events is left: a run that is started again must find its last checkpoint.
    await checkpoints?.settled();
  }
}

async function* trainWith(
  checkpoints: RunCheckpoints | undefined,
  model: Model,
  data: TrainingData,
  plan: FitPlan,
  request: StopRequest,
): AsyncGenerator<TrainingEvent<Run>, void, undefined> {
  const { epochs, stepsPerEpoch, samplesPerEpoch, batchSize, shuffle, seed, loss, metrics, signal } = plan;
  const controllers = beginControllers(plan);
  const step = compileTrainingStep(model, plan);
  const validate =
    plan.validation && evaluator("fit: validation", model, plan.validation, metrics, { loss, ...plan.compiling });
  const identity = checkpoints && identityOf(model, data, plan);
  const restored = identity && (await checkpoints.read({ identity, plan, template: step.state() }));
  const total = new Stopwatch(restored?.elapsedMs);
  const pause = new Pause();
  const history: EpochRecord[] = [...(restored?.history ?? [])];
  const cursor: Cursor = { step: restored?.step ?? 0, epoch: restored?.epoch ?? 1, batch: restored?.batch ?? 0 };
  let sums = new ScoreSums(metrics, loss.reduction);
  // Why a controller ended the run: for good. A run that was asked to stop may go on later.
  let stopped = restored?.stopped ?? undefined;
  if (restored !== undefined) {
    step.write(restored.tensors);
    sums.restore(restored.sums);
    controllers.forEach((controller, i) => {
      controller.restore(restored.controllers[i]!);
    });
  }
  const tell = (event: TrainingEvent): void => {
    for (const controller of controllers) {
      controller.observe(event, {
        stop(reason) {
          stopped ??= reason;
        },
      });
    }
  };
  const isOver = (): boolean => stopped !== undefined || request.reason !== undefined;
  const place = (): string => JSON.stringify([cursor, stopped]);
  let savedAt = restored && place();
  async function* save(): AsyncGenerator<TrainingEvent<Run>, void, undefined> {
    if (checkpoints === undefined || identity === undefined || savedAt === place()) return;
    const attachments: { [name: string]: unknown } = {};
    yield { type: "checkpoint", step: cursor.step, attach: (name, value) => (attachments[name] = value) };
    checkpoints.write({
      identity,
      epochs,
      scalars: sampleScalars(plan.optimizer, plan, cursor.step),
      ...cursor,
      elapsedMs: total.elapsedMs,
      history,
      sums: sums.state(),
      tensors: step.state(),
      controllers: controllers.map((controller) => controller.state()),
      stopped: stopped ?? null,
      attachments,
    });
    savedAt = place();
  }

  try {
    yield {
      type: "start",
      epochs,
      stepsPerEpoch,
      samplesPerEpoch,
      metrics,
      ...(restored && { resumed: { step: cursor.step, epoch: cursor.epoch, attachments: restored.attachments } }),
    };
    // An epoch whose steps are done is closed even where the run is over.
    while (cursor.epoch <= epochs && (!isOver() || cursor.batch === stepsPerEpoch)) {
      const ofSteps = new Stopwatch();
      const order = { batchSize, shuffle, seed, epoch: cursor.epoch - 1, from: cursor.batch, to: stepsPerEpoch };
      for await (const batch of announcedBatches("fit", data, order)) {
        signal?.throwIfAborted();
        const result = step.run(batch, momentAt(cursor.step, plan, scaleOf(controllers)));
        const at = { step: ++cursor.step, epoch: cursor.epoch };
        cursor.batch++;
        if (!Number.isFinite(result.objective)) {
          const received = `a loss of ${result.objective}`;
          throw new DivergedError({ ...at, received, ...fixForBatch(batch as never, 0) });
        }
        sums.add(result);
        ofSteps.pause();
        const event = stepEvent(result, at, plan, total.elapsedMs);
        tell(event);
        yield event;
        if (checkpoints !== undefined && cursor.step % checkpoints.everySteps === 0) yield* save();
        await pause.take();
        if (isOver()) break;
        ofSteps.resume();
      }
      if (cursor.batch < stepsPerEpoch) break;
      const durationMs = ofSteps.elapsedMs;
      const at = { step: cursor.step, epoch: cursor.epoch };
      const variables = variablesOf(model, step.state());
      checkFinite(variables, at);
      const validation = validate && (await validate.measure(variables, at)).score;
      const record = { ...at, train: sums.score(), ...(validation && { validation }), durationMs };
      history.push(record);
      const event = { type: "epoch", ...record, variables, elapsedMs: total.elapsedMs } as const;
      tell(event);
      yield event;
      cursor.epoch++;
      cursor.batch = 0;
      sums = new ScoreSums(metrics, loss.reduction);
    }
    yield* save();
    const final = controllers
      .map((controller) => controller.finalVariables)
      .find((variables) => variables !== undefined);
    const state = final === undefined ? step.state() : withVariables(step.state(), final);
    const run = createRun(model, {
      variables: variablesOf(model, state),
      average: plan.averageDecay === undefined ? undefined : state.average,
      history,
      steps: cursor.step,
      stopped: cursor.epoch <= epochs ? (stopped ?? request.reason) : undefined,
    });
    await checkpoints?.settled();
    yield { type: "end", run };
  } finally {
    // Also when the events are left early. Nobody else runs these programs.
    step.release();
    validate?.release();
  }
}

function beginControllers({ control, metrics, validation }: FitPlan): ActiveController[] {
  const directions = Object.fromEntries(Object.entries(metrics).map(([name, { direction }]) => [name, direction]));
  const outline = { directions: { loss: "minimize", ...directions }, validation: validation !== undefined } as const;
  return control.map((controller) => {
    const active = controller.begin(outline);
    const name = `what controller ${controller.kind} began`;
    checkMembers("fit", name, active, ["observe", "state", "restore"], "{ observe, state, restore }");
    return active;
  });
}

/** What the controllers multiply learning rates by. */
function scaleOf(controllers: readonly ActiveController[]): number {
  return controllers.reduce((scale, { learningRateScale: factor = 1 }) => {
    checkFiniteNumber("fit", "learningRateScale of a controller", factor, { atLeast: 0 });
    return scale * factor;
  }, 1);
}

function stepEvent(
  result: BatchResult,
  at: { readonly step: number; readonly epoch: number },
  { metrics, loss }: FitPlan,
  elapsedMs: number,
): TrainingEvent & { readonly type: "step" } {
  const { seen, rows } = result;
  return {
    type: "step",
    ...at,
    loss: result.loss,
    get score(): Score {
      const sums = new ScoreSums(metrics, loss.reduction);
      sums.add(result);
      return sums.score();
    },
    size: rows.size,
    seen,
    rows,
    elapsedMs,
  };
}

/** The update after the last loss may have been the one that went astray. */
function checkFinite(variables: Variables, at: { readonly step: number; readonly epoch: number }): void {
  for (const [name, { data }] of Object.entries(variables)) {
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new DivergedError({ ...at, received: `${data[wrong]} in variable ${name}` });
  }
}

function events(model: Model, data: TrainingData, options: FitOptions): TrainingStream<TrainingEvent<Run>> {
  const request: StopRequest = { reason: undefined };
  const stream = train(model, data, planFit(model, data, options), request);
  return Object.assign(stream, {
    stop(reason = "asked to stop") {
      request.reason ??= reason;
    },
  });
}

async function toTheEnd(model: Model, data: TrainingData, options: FitOptions): Promise<Run> {
  let run: Run | undefined;
  for await (const event of events(model, data, options)) if (event.type === "end") run = event.run;
  return run as Run;
}

/** Trains a model: `await fit(…)` for the finished run, `fit.events(…)` to watch it. */
export const fit: Fit = Object.assign(toTheEnd, { events }) as unknown as Fit;
