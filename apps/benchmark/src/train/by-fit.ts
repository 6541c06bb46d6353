/** Training by `fit` on the engine. */

import type { ClassesTarget, Dataset } from "@nn/datasets";
import { type Loss, type Model, network, type Shapes } from "@nn/model";
import { type Shape, softmax } from "@nn/tensor";
import {
  type DefaultMetrics,
  evaluate,
  type FitOptionsFor,
  fit,
  type Metrics,
  type Run,
  type TrainingEvent,
  type TrainingStream,
} from "@nn/train";
import { engine } from "../engine.ts";
import type { ClassData, Probabilities, Trained, Training } from "./recipe.ts";

/** Trains `model` on `data` in float32; the options are those of `fit`. The model gives a logit for each class. */
export function byFit<
  In extends Shape,
  Out extends Shapes,
  T extends ClassesTarget,
  L extends Loss,
  M extends Metrics = DefaultMetrics<T> & Metrics,
>(
  model: Model<In, Out>,
  data: Dataset<In, T>,
  options: FitOptionsFor<In, Out, T, L, M, In, "float32", T> & { readonly batchSize: number },
): Training {
  const { loss, optimizer, epochs, batchSize, seed = 0, validation } = options;
  const stepsPerEpoch = Math.ceil(data.size / batchSize);
  const trained = ({ history, network: { variables }, steps, stopped }: Run): Trained => {
    const onEngine = network(model as unknown as Model<Shape, [number]>, variables, { backend: engine });
    return {
      variables,
      steps,
      epochs: history.length,
      finalLoss: history.at(-1)?.train.loss ?? Number.NaN,
      stopped,
      evaluate: (rows) => evaluate(onEngine, rows, { loss: loss as never, backend: engine }) as never,
      probabilities: async ({ inputs }: ClassData) =>
        softmax(onEngine.predict(inputs as never) as never) as unknown as Probabilities,
    };
  };
  return {
    totalSteps: epochs * stepsPerEpoch,
    config: {
      model: model.places.map(({ layer }) => layer.call),
      loss: (loss as Loss).call,
      optimizer: { kind: optimizer.kind, ...optimizer.config },
      epochs,
      batchSize,
      seed,
      dtype: "float32",
      ...(validation && { validation: validation.size }),
    },
    events(checkpoint) {
      const events = fit.events(model as never, data as never, {
        ...(options as object as { readonly loss: never; readonly optimizer: never; readonly epochs: number }),
        backend: engine,
        ...(checkpoint && { checkpoint }),
      }) as unknown as TrainingStream<TrainingEvent<Run>>;
      return Object.assign(withRun(events, trained), { stop: (reason?: string) => events.stop(reason) });
    },
  };
}

/** The same events, with what `convert` makes of the run at the end. */
async function* withRun(
  events: TrainingStream<TrainingEvent<Run>>,
  convert: (run: Run) => Trained,
): AsyncGenerator<TrainingEvent<Trained>, void, undefined> {
  for await (const event of events) yield event.type === "end" ? { ...event, run: convert(event.run) } : event;
}
