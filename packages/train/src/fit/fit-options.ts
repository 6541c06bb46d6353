/** What `fit` takes: its options, their checks, and the check that data, model and loss belong together. */

import {
  checkLoss,
  checkTarget,
  formatShapes,
  formatTarget,
  type Loss,
  type Model,
  type Regularizer,
  type Shapes,
  type Target,
  type Unfit,
  type Variables,
} from "@nn/model";
import {
  ArgumentError,
  type CompileOptions,
  checkInteger,
  checkSeed,
  type FloatDType,
  type FormatShape,
  type Mismatch,
  type Shape,
  ShapeError,
} from "@nn/tensor";
import type { CheckpointOptions } from "../checkpoint/checkpoint.ts";
import type { Controller } from "../control/controller.ts";
import { accuracy } from "../metrics/accuracy.ts";
import { type Metric, type Metrics, metricOf } from "../metrics/metric.ts";
import { matchNames } from "../optimizers/name-pattern.ts";
import type { Optimizer } from "../optimizers/transform.ts";
import type { TrainingData } from "./data.ts";

/** `backend`: where the steps run. */
export interface FitOptions<D extends FloatDType = FloatDType> extends CompileOptions {
  /** The loss to minimise, `crossEntropy()` for example. */
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** How often to go through the data, at least 1. */
  readonly epochs: number;
  /** Rows in a step, 1 … the data's size; default 32, or the data's size where that is smaller. */
  readonly batchSize?: number;
  /** Measured after each epoch; never learned from. */
  readonly validation?: TrainingData;
  /** What is measured beside the loss, by name; a loss may be one. Default: `{ accuracy: accuracy() }` for classes, else nothing. */
  readonly metrics?: Metrics;
  /** Of the first parameters, the order of the rows and all random layers: 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Steps in an epoch, 1 … the number of batches, which is the default. */
  readonly stepsPerEpoch?: number;
  /** Whether each epoch takes the rows in an order of its own; default true. */
  readonly shuffle?: boolean;
  /** A penalty added to the loss. Reported losses do not contain it. */
  readonly regularizer?: Regularizer;
  /** Of the variables and all arithmetic; default `"float32"`. Not together with `initialVariables`. */
  readonly dtype?: D;
  /** Where to start, in their own dtype; default: drawn by the model from `seed`. Not changed. */
  readonly initialVariables?: Variables<D>;
  /** Patterns of parameters that keep their values, `"dense1.*"`; no backward work is done for them. */
  readonly frozen?: readonly string[];
  /** An exponential moving average of the variables beside them: average ← decay · average + (1 − decay) · now, after each step. */
  readonly average?: { readonly decay: number };
  /** Who watches the run and may end it, in order. */
  readonly control?: readonly Controller[];
  /** Where the run is kept, and from where it goes on. */
  readonly checkpoint?: CheckpointOptions;
  /** Aborts the run before its next step: `fit` throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Options with their defaults. */
export interface FitPlan {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Rows trained on in one epoch. */
  readonly samplesPerEpoch: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly validation: TrainingData | undefined;
  readonly metrics: { readonly [name: string]: Metric };
  readonly regularizer: Regularizer | undefined;
  readonly initialVariables: Variables;
  /** The names of the parameters that do not learn. */
  readonly frozen: readonly string[];
  readonly averageDecay: number | undefined;
  readonly control: readonly Controller[];
  readonly checkpoint: CheckpointOptions | undefined;
  readonly signal: AbortSignal | undefined;
  readonly target: Target;
  readonly compiling: CompileOptions;
}

const operation = "fit";
const BATCH_SIZE = 32;

/** The options checked against model and data, defaults filled in. @throws ArgumentError @throws ShapeError */
export function planFit(model: Model, data: TrainingData, options: FitOptions): FitPlan {
  checkIs("options", options, ["epochs"], "{ loss, optimizer, epochs }");
  const { loss, optimizer, epochs, validation, regularizer, signal, backend, frozen = [], average } = options;
  checkIs("loss", loss, ["check", "perRow"], "a loss such as crossEntropy()");
  checkIs("optimizer", optimizer, ["initialize", "update"], "an optimizer such as sgd()");
  checkData(operation, model, data);
  checkLoss(loss, model, data.target);
  const metrics = resolveMetrics(operation, model, data.target, options.metrics);
  if (validation !== undefined) {
    checkData(`${operation}: validation`, model, validation);
    checkSameTarget(data.target, validation.target);
  }
  const { batchSize = Math.min(BATCH_SIZE, data.size), seed = 0, shuffle = true } = options;
  checkInteger(operation, "epochs", epochs, 1);
  checkInteger(operation, "batchSize", batchSize, 1, data.size);
  checkSeed(operation, seed);
  const batches = Math.ceil(data.size / batchSize);
  const { stepsPerEpoch = batches } = options;
  checkInteger(operation, "stepsPerEpoch", stepsPerEpoch, 1, batches);
  if (average !== undefined && !(average.decay >= 0 && average.decay < 1)) {
    throw new ArgumentError({
      operation,
      received: `average.decay ${String(average.decay)}`,
      expected: "a number from 0 up to, not including, 1",
    });
  }
  return {
    loss,
    optimizer,
    epochs,
    batchSize,
    stepsPerEpoch,
    samplesPerEpoch: Math.min(data.size, stepsPerEpoch * batchSize),
    seed,
    shuffle,
    validation,
    metrics,
    regularizer,
    initialVariables: initialVariablesOf(model, seed, options),
    frozen: frozenNames(model, frozen),
    averageDecay: average?.decay,
    control: options.control ?? [],
    checkpoint: options.checkpoint,
    signal,
    target: data.target,
    compiling: backend === undefined ? {} : { backend },
  };
}

function initialVariablesOf(
  model: Model,
  seed: number,
  { dtype, initialVariables }: Pick<FitOptions, "dtype" | "initialVariables">,
): Variables {
  if (initialVariables === undefined) return model.initialize({ seed, dtype: dtype ?? "float32" });
  if (dtype === undefined) return initialVariables;
  throw new ArgumentError({
    operation,
    received: `dtype ${dtype} and initialVariables`,
    expected: "one of them",
    fix: "Leave dtype out: initial variables bring their own.",
  });
}

function frozenNames(model: Model, patterns: readonly string[]): string[] {
  const parameters = Object.entries(model.variables()).flatMap(([name, { role }]) =>
    role === "parameter" ? [name] : [],
  );
  return [...new Set(patterns.flatMap((pattern) => matchNames(`${operation}: frozen`, pattern, parameters)))];
}

/** The metrics asked for, or those of the target. @throws ShapeError for one that does not suit outputs and target. */
export function resolveMetrics(
  operation: string,
  model: Model,
  target: Target,
  asked: Metrics | undefined,
): { readonly [name: string]: Metric } {
  const metrics: Metrics = asked ?? (target.kind === "classes" && isSingleAxis(model) ? { accuracy: accuracy() } : {});
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => {
      checkIs(`metric ${name}`, value, ["check"], "a metric such as accuracy(), or a loss", operation);
      if (name === "loss") {
        throw new ArgumentError({
          operation,
          received: "a metric named loss",
          expected: "another name: every score has the loss",
        });
      }
      const metric = metricOf(value);
      const unfit: Unfit | undefined = metric.check(model.outputShape as Shape, target);
      if (unfit === undefined) return [name, metric];
      throw new ShapeError({
        operation: metric.call,
        received: `outputs of shape ${formatShapes(model.outputShape)} for ${formatTarget(target)}`,
        ...unfit,
      });
    }),
  );
}

function isSingleAxis({ outputShape }: Model): boolean {
  return Array.isArray(outputShape) && outputShape.length === 1;
}

/** For programs that no compiler checked: throws unless `value` has all the `members`. */
function checkIs(name: string, value: unknown, members: readonly string[], expected: string, by = operation): void {
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function";
  if (isHolder && members.every((member) => member in (value as object))) return;
  const received = `${name} ${value === null ? "null" : `of type ${typeof value}`}`;
  throw new ArgumentError({ operation: by, received, expected });
}

/** Throws unless `data` has rows of the model's input. */
export function checkData(operation: string, model: Model, data: TrainingData): void {
  checkIs("model", model, ["inputShape", "places", "apply"], "a model, made by sequential for example", operation);
  checkIs("data", data, ["inputShape", "target", "batches"], "a dataset: size, inputShape, target, batches", operation);
  checkTarget(operation, data.target);
  if (formatShapes(data.inputShape) !== formatShapes(model.inputShape)) {
    throw new ShapeError({
      operation,
      received: `data with inputs of shape ${formatShapes(data.inputShape)}`,
      expected: `${formatShapes(model.inputShape)}, the input of the model`,
    });
  }
  if (data.size >= 1) return;
  throw new ArgumentError({ operation, received: "data without rows", expected: "at least 1 row" });
}

function checkSameTarget(train: Target, validation: Target): void {
  if (formatTarget(train) === formatTarget(validation)) return;
  throw new ShapeError({
    operation: `${operation}: validation`,
    received: `data for ${formatTarget(validation)}`,
    expected: `${formatTarget(train)}, as the training data`,
  });
}

/** For the compiler: what `checkData` throws, letter for letter, or nothing. */
export type DataMismatch<Operation extends string, In extends Shapes, DataIn extends Shapes> = In extends Shape
  ? DataIn extends Shape
    ? SameShape<In, DataIn> extends true
      ? Shape
      : Mismatch<`${Operation}: received data with inputs of shape ${FormatShape<DataIn>}; expected ${FormatShape<In>}, the input of the model.`>
    : Shape
  : Shape;

/** Whether two shapes may be the same, as far as the compiler knows them. */
type SameShape<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? true
  : A extends readonly [infer HeadA extends number, ...infer TailA extends Shape]
    ? B extends readonly [infer HeadB extends number, ...infer TailB extends Shape]
      ? number extends HeadA | HeadB
        ? SameShape<TailA, TailB>
        : HeadA extends HeadB
          ? SameShape<TailA, TailB>
          : false
      : false
    : B extends readonly []
      ? true
      : false;
