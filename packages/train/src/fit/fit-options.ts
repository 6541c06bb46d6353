/** What `fit` takes: its options, their checks and their defaults. */

import {
  checkLoss,
  checkVariables,
  type Loss,
  type Model,
  type Regularizer,
  type Target,
  type Variables,
} from "@nn/model";
import { ArgumentError, type CompileOptions, DTypeError, type FloatDType } from "@nn/tensor";
import {
  checkBoolean,
  checkFiniteNumber,
  checkInteger,
  checkMembers,
  checkOptions,
  checkSeed,
  formatValue,
} from "@nn/tensor/arguments";
import { type CheckpointOptions, checkCheckpointOptions } from "../checkpoint/checkpoint-options.ts";
import type { Controller } from "../control/controller.ts";
import type { Metric, Metrics } from "../metrics/metric.ts";
import { matchNames } from "../optimizers/name-pattern.ts";
import type { Optimizer } from "../optimizers/transform.ts";
import { checkData, checkSameTarget } from "./check-data.ts";
import type { TrainingData } from "./data.ts";
import { resolveMetrics } from "./resolve-metrics.ts";

/** What `fit` needs of an `AbortSignal`. Named here, so that programs need no types of the DOM or of Node. */
export interface RunSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/** `backend`: the engine that runs the steps. */
export interface FitOptions<D extends FloatDType = FloatDType> extends CompileOptions {
  /** The loss to minimise, `crossEntropy()` for example. */
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** How often to go through the data, at least 1. */
  readonly epochs: number;
  /** Rows in a step, 1 … the data's size; default 32, or the data's size where that is smaller. */
  readonly batchSize?: number;
  /** Measured after each epoch; never trained on. */
  readonly validation?: TrainingData;
  /** What is measured besides the loss, by name; a loss may be one. Default: `{ accuracy: accuracy() }` for classes, else nothing. */
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
  /** Controllers, which see every event and may end the run, in this order. */
  readonly control?: readonly Controller[];
  /**
   * Where the run is kept: it goes on from the checkpoint that it finds there, with the results of a run that was never
   * interrupted. A checkpoint of another run is refused; more `epochs` and another strict `backend` are the same run.
   */
  readonly checkpoint?: CheckpointOptions;
  /** Aborts the run before its next step: `fit` throws the signal's reason. */
  readonly signal?: RunSignal;
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
  /** Whether the model drew them from the seed. */
  readonly drawsVariables: boolean;
  /** The names of the frozen parameters. */
  readonly frozen: readonly string[];
  readonly averageDecay: number | undefined;
  readonly control: readonly Controller[];
  readonly checkpoint: CheckpointOptions | undefined;
  readonly signal: RunSignal | undefined;
  readonly target: Target;
  readonly compiling: CompileOptions;
}

const operation = "fit";
const BATCH_SIZE = 32;

const optionNames = {
  loss: true,
  optimizer: true,
  epochs: true,
  batchSize: true,
  validation: true,
  metrics: true,
  seed: true,
  stepsPerEpoch: true,
  shuffle: true,
  regularizer: true,
  dtype: true,
  initialVariables: true,
  frozen: true,
  average: true,
  control: true,
  checkpoint: true,
  signal: true,
  backend: true,
} as const;

/** The options checked against model and data, defaults filled in. @throws ArgumentError @throws ShapeError */
export function planFit(model: Model, data: TrainingData, options: FitOptions): FitPlan {
  checkOptions(operation, options, optionNames);
  const {
    loss,
    optimizer,
    epochs,
    validation,
    regularizer,
    signal,
    backend,
    frozen = [],
    average,
    control = [],
  } = options;
  checkMembers(operation, "loss", loss, ["check", "perRow"], "a loss such as crossEntropy()");
  checkMembers(operation, "optimizer", optimizer, ["initialize", "update"], "an optimizer such as sgd()");
  if (regularizer !== undefined) {
    checkMembers(operation, "regularizer", regularizer, ["penalty"], "a regularizer such as l2(0.01)");
  }
  if (backend !== undefined) {
    checkMembers(operation, "backend", backend, ["store", "compile"], "a backend such as wasm()");
  }
  if (signal !== undefined) {
    checkMembers(operation, "signal", signal, ["aborted", "throwIfAborted"], "the signal of an AbortController");
  }
  checkArray("control", control, "an array of controllers");
  checkArray("frozen", frozen, "an array of patterns");
  for (const [i, controller] of control.entries()) {
    checkMembers(operation, `control ${i + 1}`, controller, ["begin"], "a controller such as earlyStopping()");
  }
  checkData(operation, model, data);
  checkLoss(loss, model, data.target);
  const metrics = resolveMetrics(operation, model, data.target, options.metrics);
  if (validation !== undefined) {
    checkData(`${operation}: validation`, model, validation);
    checkSameTarget(`${operation}: validation`, data.target, validation.target);
  }
  const { batchSize = Math.min(BATCH_SIZE, data.size), seed = 0, shuffle = true } = options;
  checkInteger(operation, "epochs", epochs, 1);
  checkInteger(operation, "batchSize", batchSize, 1, data.size);
  checkSeed(operation, seed);
  const batches = Math.ceil(data.size / batchSize);
  const { stepsPerEpoch = batches } = options;
  checkBoolean(operation, "shuffle", shuffle);
  checkInteger(operation, "stepsPerEpoch", stepsPerEpoch, 1, batches);
  if (average !== undefined) {
    checkOptions(`${operation}: average`, average, { decay: true });
    checkFiniteNumber(operation, "average.decay", average.decay, { atLeast: 0, below: 1 });
  }
  if (options.checkpoint !== undefined) checkCheckpointOptions(options.checkpoint);
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
    drawsVariables: options.initialVariables === undefined,
    frozen: frozenNames(model, frozen),
    averageDecay: average?.decay,
    control,
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
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError({ operation, received: `dtype ${formatValue(dtype)}`, expected: "float32 or float64" });
  }
  if (initialVariables === undefined) return model.initialize({ seed, dtype: dtype ?? "float32" });
  if (dtype === undefined) {
    const name = "initialVariables";
    checkMembers(operation, name, initialVariables, [], "the variables of the model, by name");
    checkVariables(`${operation}: ${name}`, model.variables(), initialVariables);
    return initialVariables;
  }
  throw new ArgumentError({
    operation,
    received: `dtype ${dtype} and initialVariables`,
    expected: "one of them",
    fix: "Leave dtype out: initial variables bring their own.",
  });
}

/** Those that the patterns match, and those that are declared so. */
function frozenNames(model: Model, patterns: readonly string[]): string[] {
  const parameters = Object.entries(model.variables()).filter(([, { role }]) => role === "parameter");
  const names = parameters.map(([name]) => name);
  const declared = parameters.flatMap(([name, { frozen = false }]) => (frozen ? [name] : []));
  const matched = patterns.flatMap((pattern) => matchNames(`${operation}: frozen`, pattern, names));
  return [...new Set([...declared, ...matched])];
}

function checkArray(name: string, value: unknown, expected: string): void {
  if (Array.isArray(value)) return;
  throw new ArgumentError({ operation, received: `${name} ${formatValue(value)}`, expected });
}
