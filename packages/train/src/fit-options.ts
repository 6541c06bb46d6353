/** What `fit` takes: its options, their checks, and the check that data, model and loss belong together. */

import { checkLoss, checkParameters, type Loss, type Parameters, type Regularizer, type Sequential } from "@nn/model";
import {
  ArgumentError,
  type CompileOptions,
  DTypeError,
  type FloatDType,
  type FormatShape,
  formatShape,
  type Mismatch,
  type Shape,
  ShapeError,
  sameShape,
} from "@nn/tensor";
import { checkBoolean, checkInteger, checkMembers, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import type { Optimizer } from "./optimizer.ts";
import type { TrainingData } from "./training-data.ts";

/** `backend`: where the steps run. */
export interface FitOptions<D extends FloatDType = FloatDType> extends CompileOptions {
  /** What is made small, `crossEntropy()` for example. */
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** How often to go through the data, at least 1. */
  readonly epochs: number;
  /** Rows in a step, 1 … the data's size; default 32, or the data's size where that is smaller. */
  readonly batchSize?: number;
  /** Measured after each epoch; never learned from. */
  readonly validation?: TrainingData;
  /** Of the first parameters, the order of the rows and all random layers: 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Steps in an epoch, 1 … the number of batches, which is the default. */
  readonly stepsPerEpoch?: number;
  /** Whether each epoch takes the rows in an order of its own; default true. */
  readonly shuffle?: boolean;
  /** A penalty added to what is made small. Reported losses do not contain it. */
  readonly regularizer?: Regularizer;
  /** Of the parameters and all arithmetic; default `"float32"`. Not together with `initialParameters`. */
  readonly dtype?: D;
  /** Where to start, in their own dtype; default: drawn by the model from `seed`. Not changed. */
  readonly initialParameters?: Parameters<D>;
  /** Stops the run before its next step: `fit` throws the signal's reason. */
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
  readonly regularizer: Regularizer | undefined;
  readonly initialParameters: Parameters;
  readonly signal: AbortSignal | undefined;
  readonly compiling: CompileOptions;
}

const operation = "fit";
const BATCH_SIZE = 32;

/** The options checked against model and data, defaults filled in. @throws ArgumentError @throws ShapeError */
export function planFit(model: Sequential, data: TrainingData, options: FitOptions): FitPlan {
  checkOptions(operation, options, optionNames);
  const { loss, optimizer, epochs, validation, regularizer, signal, backend } = options;
  checkMembers(operation, "loss", loss, ["check", "apply"], "a loss such as crossEntropy()");
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
  checkData(operation, model, data);
  checkLoss(loss, model, data.classCount);
  if (validation !== undefined) {
    checkData(`${operation}: validation`, model, validation);
    checkClasses(`${operation}: validation`, data, validation);
  }
  const { batchSize = Math.min(BATCH_SIZE, data.size), seed = 0, shuffle = true } = options;
  checkInteger(operation, "epochs", epochs, 1);
  checkInteger(operation, "batchSize", batchSize, 1, data.size);
  checkSeed(operation, seed);
  checkBoolean(operation, "shuffle", shuffle);
  const batches = Math.ceil(data.size / batchSize);
  const { stepsPerEpoch = batches } = options;
  checkInteger(operation, "stepsPerEpoch", stepsPerEpoch, 1, batches);
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
    regularizer,
    initialParameters: initialParametersOf(model, seed, options),
    signal,
    compiling: backend === undefined ? {} : { backend },
  };
}

const optionNames = {
  loss: true,
  optimizer: true,
  epochs: true,
  batchSize: true,
  validation: true,
  seed: true,
  stepsPerEpoch: true,
  shuffle: true,
  regularizer: true,
  dtype: true,
  initialParameters: true,
  signal: true,
  backend: true,
} as const;

function initialParametersOf(
  model: Sequential,
  seed: number,
  { dtype, initialParameters }: Pick<FitOptions, "dtype" | "initialParameters">,
): Parameters {
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError({ operation, received: `dtype ${formatValue(dtype)}`, expected: "float32 or float64" });
  }
  if (initialParameters === undefined) return model.initialize({ seed, dtype: dtype ?? "float32" });
  if (dtype === undefined) {
    const name = "initialParameters";
    checkMembers(operation, name, initialParameters, [], "the parameters of the model, by name");
    checkParameters(`${operation}: ${name}`, model, initialParameters);
    return initialParameters;
  }
  throw new ArgumentError({
    operation,
    received: `dtype ${dtype} and initialParameters`,
    expected: "one of them",
    fix: "Leave dtype out: initial parameters bring their own.",
  });
}

/** Throws unless `data` has rows of the model's input. */
export function checkData(operation: string, model: Sequential, data: TrainingData): void {
  checkMembers(operation, "model", model, ["inputShape", "layers", "apply"], "a model made by sequential");
  const members = ["size", "inputShape", "classCount", "batches"];
  checkMembers(operation, "data", data, members, "a dataset: size, inputShape, classCount, batches");
  if (!Array.isArray(data.inputShape) || typeof data.batches !== "function") {
    throw new ArgumentError({
      operation,
      received: `data with inputShape ${formatValue(data.inputShape)} and batches ${formatValue(data.batches)}`,
      expected: "an array of sizes and a function",
    });
  }
  if (!sameShape(data.inputShape, model.inputShape)) {
    throw new ShapeError({
      operation,
      received: `data with inputs of shape ${formatShape(data.inputShape)}`,
      expected: `${formatShape(model.inputShape)}, the input of the model`,
    });
  }
  checkInteger(operation, "size of the data", data.size, 0);
  checkInteger(operation, "classCount of the data", data.classCount, 1);
  if (data.size >= 1) return;
  throw new ArgumentError({ operation, received: "data without rows", expected: "at least 1 row" });
}

/** Throws unless `other` has the classes of the training data: as many, and the same names where both tell them. */
function checkClasses(operation: string, data: TrainingData, other: TrainingData): void {
  if (other.classCount !== data.classCount) {
    throw new ShapeError({
      operation,
      received: `data of ${other.classCount} classes`,
      expected: `${data.classCount}, the classes of the training data`,
    });
  }
  const [names, otherNames] = [data.classNames, other.classNames];
  if (names === undefined || otherNames === undefined) return;
  const label = names.findIndex((name, i) => name !== otherNames[i]);
  if (label < 0) return;
  throw new ArgumentError({
    operation,
    received: `data with the name ${JSON.stringify(otherNames[label])} for class ${label}`,
    expected: `${JSON.stringify(names[label])}, as in the training data`,
    fix: "Give both the same class names, in the same order.",
  });
}

/** For the compiler: what `checkClasses` throws for another number of classes, letter for letter, or nothing. */
export type ClassMismatch<Operation extends string, K extends number, OtherK extends number> = number extends K | OtherK
  ? number
  : [OtherK] extends [K]
    ? number
    : Mismatch<`${Operation}: received data of ${OtherK} classes; expected ${K}, the classes of the training data.`>;

/** For the compiler: what `checkData` throws, letter for letter, or nothing. */
export type DataMismatch<Operation extends string, In extends Shape, DataIn extends Shape> =
  SameShape<In, DataIn> extends true
    ? Shape
    : Mismatch<`${Operation}: received data with inputs of shape ${FormatShape<DataIn>}; expected ${FormatShape<In>}, the input of the model.`>;

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
