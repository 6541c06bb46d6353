/** Training by a recipe's own loop: the same events as `fit` gives, with checkpoints, from one step at a time. */

import type { Variables } from "@nn/model";
import { argmax, concat } from "@nn/tensor";
import {
  accuracy,
  accuracyScore,
  type CheckpointOptions,
  DivergedError,
  type Score,
  type StepEvent,
  type TrainingEvent,
} from "@nn/train";
import { LoopCheckpoints, type LoopState } from "./loop-checkpoints.ts";
import type { ClassData, Probabilities, Trained, Training } from "./recipe.ts";
import { turn } from "./turn.ts";

/** What a recipe says of its loop. The loop keeps the model; an epoch has `stepsPerEpoch` steps. */
export interface Loop {
  /** What the steps are, in errors: `NeuralNet.update`. */
  readonly operation: string;
  /** The run's configuration: a checkpoint goes on only where it is the same. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Rows in a step. */
  readonly batchSize: number;
  /** One step. `epoch` and `batch` count from 0. */
  step(epoch: number, batch: number): StepOutcome;
  /** Over the validation data after an epoch, counted from 1; undefined where it is not measured. */
  validate?(epoch: number): Score | undefined;
  /** Whether an epoch ends the run before its last; default: none does. */
  isOver?(train: LoopScore): boolean;
  variables(): Variables<"float64">;
  /** Takes the variables of a checkpoint after `epochs` begun epochs. */
  restore(variables: Variables<"float64">, epochs: number): void;
  /** (N, K), with the variables as they are now. */
  probabilities(data: ClassData): Probabilities;
}

export interface StepOutcome {
  /** Of the batch, from before the update. */
  readonly loss: number;
  /** 1 for each row that was answered rightly before the update, else 0. */
  readonly right: ArrayLike<number>;
}

export type LoopScore = { readonly loss: number; readonly accuracy: number };

/** Rows at a time when measuring. */
const MEASURED_ROWS = 1000;

/** Trains by `loop`. `probabilities` are those of the model as it is at that moment. */
export function byLoop(loop: Loop): Training & Pick<Loop, "probabilities"> {
  return {
    config: loop.config,
    totalSteps: loop.epochs * loop.stepsPerEpoch,
    probabilities: (data) => loop.probabilities(data),
    events(checkpoint) {
      const request: StopRequest = { reason: undefined };
      return Object.assign(run(loop, checkpoint, request), {
        stop(reason = "asked to stop") {
          request.reason ??= reason;
        },
      });
    },
  };
}

interface StopRequest {
  reason: string | undefined;
}

async function* run(
  loop: Loop,
  checkpoint: CheckpointOptions | undefined,
  request: StopRequest,
): AsyncGenerator<TrainingEvent<Trained>, void, undefined> {
  const { epochs, stepsPerEpoch, batchSize } = loop;
  const metrics = { accuracy: accuracy() };
  const checkpoints = checkpoint && new LoopCheckpoints(checkpoint, loop.config);
  const restored = await checkpoints?.read();
  if (restored !== undefined) loop.restore(restored.variables, restored.epoch - (restored.batch === 0 ? 1 : 0));
  const state: LoopState = restored?.state ?? {
    step: 0,
    epoch: 1,
    batch: 0,
    loss: 0,
    right: 0,
    last: null,
    isOver: false,
    elapsedMs: 0,
  };
  const startedMs = performance.now() - state.elapsedMs;
  const elapsedMs = (): number => performance.now() - startedMs;
  async function* save(): AsyncGenerator<TrainingEvent<Trained>, void, undefined> {
    if (checkpoints === undefined) return;
    const attachments: { [name: string]: unknown } = { ...restored?.attachments };
    yield { type: "checkpoint", step: state.step, attach: (name, value) => (attachments[name] = value) };
    state.elapsedMs = elapsedMs();
    await checkpoints.write(state, loop.variables(), attachments);
  }

  yield {
    type: "start",
    epochs,
    stepsPerEpoch,
    samplesPerEpoch: stepsPerEpoch * batchSize,
    metrics,
    ...(restored && { resumed: { step: state.step, epoch: state.epoch, attachments: restored.attachments } }),
  };
  const saved = state.step;
  for (; state.epoch <= epochs && !state.isOver && request.reason === undefined; nextEpoch(state)) {
    let durationMs = 0;
    while (state.batch < stepsPerEpoch && request.reason === undefined) {
      const beganMs = performance.now();
      const outcome = loop.step(state.epoch - 1, state.batch);
      durationMs += performance.now() - beganMs;
      const at = { step: ++state.step, epoch: state.epoch };
      state.batch++;
      if (!Number.isFinite(outcome.loss)) {
        throw new DivergedError({ operation: loop.operation, received: `a loss of ${outcome.loss}`, ...at });
      }
      const right = countOf(outcome.right);
      state.loss += outcome.loss;
      state.right += right;
      yield stepEvent(outcome, right / batchSize, { ...at, elapsedMs: elapsedMs() });
      if (checkpoints !== undefined && state.step % checkpoints.everySteps === 0) yield* save();
    }
    if (state.batch < stepsPerEpoch) break;
    const train = { loss: state.loss / stepsPerEpoch, accuracy: state.right / (stepsPerEpoch * batchSize) };
    state.last = train.loss;
    state.isOver = loop.isOver?.(train) ?? false;
    const validation = loop.validate?.(state.epoch);
    const at = { step: state.step, epoch: state.epoch, elapsedMs: elapsedMs() };
    yield { type: "epoch", ...at, train, ...(validation && { validation }), durationMs, variables: loop.variables() };
  }
  if (restored === undefined || saved !== state.step) yield* save();
  yield { type: "end", run: trained(loop, state, request.reason) };
}

function nextEpoch(state: LoopState): void {
  Object.assign(state, { epoch: state.epoch + 1, batch: 0, loss: 0, right: 0 });
}

function countOf(right: ArrayLike<number>): number {
  let count = 0;
  for (let row = 0; row < right.length; row++) count += right[row]!;
  return count;
}

function stepEvent(
  { loss, right }: StepOutcome,
  share: number,
  at: { readonly step: number; readonly epoch: number; readonly elapsedMs: number },
): StepEvent {
  return {
    type: "step",
    ...at,
    loss,
    score: { loss, accuracy: share },
    size: right.length,
    seen: { accuracy: { right: Uint8Array.from(right) } },
    rows: { size: right.length, weights: undefined },
  };
}

function trained(loop: Loop, { step, epoch, isOver, last }: LoopState, reason: string | undefined): Trained {
  const probabilities = async (data: ClassData, signal: AbortSignal): Promise<Probabilities> => {
    const parts: Probabilities[] = [];
    for (let start = 0; start < data.size; start += MEASURED_ROWS) {
      const count = Math.min(MEASURED_ROWS, data.size - start);
      parts.push(loop.probabilities(data.subset(Int32Array.from({ length: count }, (_, row) => start + row))));
      await turn(signal);
    }
    return concat(parts as never) as unknown as Probabilities;
  };
  return {
    variables: loop.variables(),
    steps: step,
    epochs: epoch - 1,
    finalLoss: last ?? Number.NaN,
    stopped: epoch <= loop.epochs && !isOver ? reason : undefined,
    probabilities,
    async evaluate(data, signal) {
      const predictions = argmax(await probabilities(data, signal), { axis: 1 });
      return { accuracy: accuracyScore(data.targets, predictions), predictions };
    },
  };
}
