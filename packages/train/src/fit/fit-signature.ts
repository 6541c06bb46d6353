/** `fit` as the compiler sees it: what belongs together is checked there with the texts that are thrown. */

import type { CheckLoss, Loss, Model, Shapes, Target } from "@nn/model";
import type { FloatDType, Valid } from "@nn/tensor";
import type { Metrics } from "../metrics/metric.ts";
import type { DataMismatch, TargetMismatch } from "./check-data.ts";
import type { TrainingData } from "./data.ts";
import type { DefaultMetrics, TrainingEvent, TrainingStream } from "./events.ts";
import type { FitOptions } from "./fit-options.ts";
import type { Run } from "./run.ts";

/** `FitOptions` for one model and one dataset: the compiler checks that loss, metrics and validation data suit them. */
export type FitOptionsFor<
  In extends Shapes,
  Out extends Shapes,
  T extends Target,
  L,
  M,
  ValidationIn extends Shapes,
  D extends FloatDType,
  ValidationT extends Target = Target,
> = Omit<FitOptions<D>, "loss" | "metrics" | "validation"> & {
  readonly loss: L & CheckLoss<L, Out, T>;
  readonly metrics?: M & { readonly [Name in keyof M]: M[Name] & CheckLoss<M[Name], Out, T> };
  readonly validation?: TrainingData<ValidationIn, ValidationT> &
    Valid<DataMismatch<"fit: validation", In, ValidationIn>> &
    Valid<TargetMismatch<"fit: validation", T, ValidationT>>;
};

/** Training, at once or event by event. Both refuse the same arguments with the same texts. */
export interface Fit {
  /**
   * Trains `model` on `data` from fresh variables and gives the finished run. The same arguments give the same weights,
   * bit for bit.
   * @throws ShapeError when data, model, loss and metrics do not belong together. @throws ArgumentError when an option is out
   * of range or a loss of logits follows a last `softmax()` or `sigmoid()`, when data give other batches than their size
   * announces, and for a checkpoint of another run.
   * @throws DivergedError when the loss, a variable or the validation loss becomes NaN or infinite.
   * @example const run = await fit(model, train, { loss: crossEntropy(), optimizer: sgd(), epochs: 5, seed: 0 });
   */
  <
    In extends Shapes,
    Out extends Shapes,
    DataIn extends Shapes,
    T extends Target,
    L extends Loss,
    M extends Metrics = DefaultMetrics<T> & Metrics,
    ValidationIn extends Shapes = Shapes,
    D extends FloatDType = "float32",
    ValidationT extends Target = T,
  >(
    model: Model<In, Out>,
    data: TrainingData<DataIn, T> & Valid<DataMismatch<"fit", In, DataIn>>,
    options: FitOptionsFor<In, Out, T, L, M, ValidationIn, D, ValidationT>,
  ): Promise<Run<In, Out, D, M>>;

  /**
   * The same run as events: `start`, then for each epoch its `step`s and `epoch`, then `end` with the run. Training waits
   * while an event is looked at; leaving the loop ends it, and `stop()` lets it end with a run.
   * @throws as `fit`: arguments at the call, the rest at the step that fails.
   * @example for await (const event of fit.events(model, train, options)) if (event.type === "epoch") show(event.train.loss);
   */
  events<
    In extends Shapes,
    Out extends Shapes,
    DataIn extends Shapes,
    T extends Target,
    L extends Loss,
    M extends Metrics = DefaultMetrics<T> & Metrics,
    ValidationIn extends Shapes = Shapes,
    D extends FloatDType = "float32",
    ValidationT extends Target = T,
  >(
    model: Model<In, Out>,
    data: TrainingData<DataIn, T> & Valid<DataMismatch<"fit", In, DataIn>>,
    options: FitOptionsFor<In, Out, T, L, M, ValidationIn, D, ValidationT>,
  ): TrainingStream<TrainingEvent<Run<In, Out, D, M>, D, M>>;
}
