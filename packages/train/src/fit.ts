/**
 * The training loop: epochs of steps, a score after each, validation where there is data for it. One way to run it to the
 * end (`fit`), one to watch it go (`fit.events`). Knows no log and no file: what is worth keeping is in the events.
 */

import type { CheckLoss, Loss, Parameters, Sequential } from "@nn/model";
import type { FloatDType, Shape, Valid } from "@nn/tensor";
import { announcedBatches } from "./announced-batches.ts";
import { DivergedError, fixForInputs } from "./diverged-error.ts";
import { evaluator } from "./evaluate.ts";
import type { EpochRecord, TrainingEvent } from "./events.ts";
import { type ClassMismatch, type DataMismatch, type FitOptions, type FitPlan, planFit } from "./fit-options.ts";
import { Pause } from "./pause.ts";
import { createRun, type Run } from "./run.ts";
import { ScoreSum } from "./score.ts";
import { compileTrainingStep } from "./step.ts";
import { Stopwatch } from "./stopwatch.ts";
import type { TrainingData } from "./training-data.ts";

/** `FitOptions` for one model and one dataset: the compiler checks that the loss and the validation data suit them. */
export type FitOptionsFor<
  In extends Shape,
  Out extends Shape,
  K extends number,
  L extends Loss,
  ValidationIn extends Shape,
  D extends FloatDType,
  ValidationK extends number = number,
> = Omit<FitOptions<D>, "loss" | "validation"> & {
  readonly loss: L & CheckLoss<L, Out, K>;
  readonly validation?: TrainingData<ValidationIn, ValidationK> &
    Valid<DataMismatch<"fit: validation", In, ValidationIn>> &
    Valid<ClassMismatch<"fit: validation", K, ValidationK>>;
};

/** Training, at once or event by event. Both refuse the same arguments with the same texts. */
export interface Fit {
  /**
   * Trains `model` on `data` from fresh parameters and gives the finished run. The same arguments give the same weights,
   * bit for bit.
   * @throws ShapeError when data, model and loss do not belong together. @throws ArgumentError when an option is out of range
   * or a loss of logits follows a last `softmax()` or `sigmoid()`, and when data gives other batches than its size announces.
   * @throws DivergedError when the loss, a parameter or the loss on the validation data becomes NaN or infinite.
   * @example const run = await fit(model, train, { loss: crossEntropy(), optimizer: sgd(), epochs: 5, seed: 0 });
   */
  <
    In extends Shape,
    Out extends Shape,
    DataIn extends Shape,
    K extends number,
    L extends Loss,
    ValidationIn extends Shape = Shape,
    D extends FloatDType = "float32",
    ValidationK extends number = number,
  >(
    model: Sequential<In, Out>,
    data: TrainingData<DataIn, K> & Valid<DataMismatch<"fit", In, DataIn>>,
    options: FitOptionsFor<In, Out, K, L, ValidationIn, D, ValidationK>,
  ): Promise<Run<In, Out, D>>;

  /**
   * The same run as events: `start`, then for each epoch its `step`s and `epoch`, then `end` with the run. Training waits
   * while an event is looked at; leaving the loop ends it.
   * @throws as `fit`: arguments at the call, the rest at the step that fails.
   * @example for await (const event of fit.events(model, train, options)) if (event.type === "epoch") show(event.train.loss);
   */
  events<
    In extends Shape,
    Out extends Shape,
    DataIn extends Shape,
    K extends number,
    L extends Loss,
    ValidationIn extends Shape = Shape,
    D extends FloatDType = "float32",
    ValidationK extends number = number,
  >(
    model: Sequential<In, Out>,
    data: TrainingData<DataIn, K> & Valid<DataMismatch<"fit", In, DataIn>>,
    options: FitOptionsFor<In, Out, K, L, ValidationIn, D, ValidationK>,
  ): AsyncGenerator<TrainingEvent<Run<In, Out, D>, D>, void, undefined>;
}

async function* train(model: Sequential, data: TrainingData, plan: FitPlan): AsyncGenerator<TrainingEvent<Run>, void> {
  const { epochs, stepsPerEpoch, samplesPerEpoch, batchSize, shuffle, seed, loss, signal } = plan;
  const step = compileTrainingStep(model, plan);
  const validate = plan.validation && evaluator("fit: validation", model, plan.validation, { loss, ...plan.compiling });
  const total = new Stopwatch();
  const pause = new Pause();
  const history: EpochRecord[] = [];
  let steps = 0;

  try {
    yield { type: "start", epochs, stepsPerEpoch, samplesPerEpoch };
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const sum = new ScoreSum();
      const ofSteps = new Stopwatch();
      const order = { batchSize, shuffle, seed, epoch: epoch - 1, to: stepsPerEpoch };
      for await (const batch of announcedBatches("fit", data, order)) {
        signal?.throwIfAborted();
        const result = step.run(batch, steps++);
        if (!Number.isFinite(result.objective)) {
          const received = `a loss of ${result.objective}`;
          throw new DivergedError({ step: steps, epoch, received, ...fixForInputs(batch.inputs, 0) });
        }
        sum.add(result, batch.size);
        ofSteps.pause();
        yield { type: "step", step: steps, epoch, ...scoreOf(result), size: batch.size, elapsedMs: total.elapsedMs };
        await pause.take();
        ofSteps.resume();
      }
      const durationMs = ofSteps.elapsedMs;
      const parameters = step.parameters();
      checkFinite(parameters, { step: steps, epoch });
      const validation = validate && scoreOf(await validate.measure(parameters, { step: steps, epoch }));
      const record = { epoch, step: steps, train: sum.score(), ...(validation && { validation }), durationMs };
      history.push(record);
      yield { type: "epoch", ...record, parameters, elapsedMs: total.elapsedMs };
    }
    yield { type: "end", run: createRun(model, step.parameters(), history) };
  } finally {
    // Also when the events are left early. Nobody else runs these programs.
    step.release();
    validate?.release();
  }
}

function scoreOf({ loss, accuracy }: { readonly loss: number; readonly accuracy: number }): EpochRecord["train"] {
  return { loss, accuracy };
}

/** The update after the last loss may have been the one that went astray. */
function checkFinite(parameters: Parameters, at: { readonly step: number; readonly epoch: number }): void {
  for (const [name, { data }] of Object.entries(parameters)) {
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new DivergedError({ ...at, received: `${data[wrong]} in parameter ${name}` });
  }
}

function events(model: Sequential, data: TrainingData, options: FitOptions): AsyncGenerator<TrainingEvent<Run>, void> {
  return train(model, data, planFit(model, data, options));
}

async function toTheEnd(model: Sequential, data: TrainingData, options: FitOptions): Promise<Run> {
  let run: Run | undefined;
  for await (const event of events(model, data, options)) if (event.type === "end") run = event.run;
  return run as Run;
}

/** Trains a model: `await fit(…)` for the finished run, `fit.events(…)` to watch it. */
export const fit: Fit = Object.assign(toTheEnd, { events }) as unknown as Fit;
