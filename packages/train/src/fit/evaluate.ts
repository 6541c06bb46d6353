/** How well a model does on data that it does not learn from. */

import {
  type CheckLoss,
  checkLoss,
  checkVariables,
  type Loss,
  type Model,
  predictedClasses,
  type Shapes,
  type Target,
  type Tensors,
  type Variables,
} from "@nn/model";
import {
  type CompileOptions,
  compileStep,
  type FloatDType,
  fromArray,
  type Shape,
  sizeOf,
  type Tensor,
  type Valid,
} from "@nn/tensor";
import { checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";
import { type Metric, type Metrics, metricOf } from "../metrics/metric.ts";
import { MetricSums, observeAll, valuesOf } from "../metrics/metric-sums.ts";
import { announcedBatches } from "./announced-batches.ts";
import { checkData, type DataMismatch } from "./check-data.ts";
import type { TrainingData } from "./data.ts";
import { type DivergedAt, DivergedError, fixForBatch } from "./diverged-error.ts";
import type { DefaultMetrics, Score } from "./events.ts";
import { Pause } from "./pause.ts";
import { resolveMetrics } from "./resolve-metrics.ts";

/** A score with what the model said of each row. */
export type Evaluation<M = Metrics, T extends Target = Target> = Score<M> & {
  /** Of classes, the predicted class of each row (N); otherwise the outputs (N, …). */
  readonly predictions: Predictions<T>;
};

/** See `Evaluation`. */
export type Predictions<T extends Target> = T["kind"] extends "classes"
  ? Tensor<[number], "int32">
  : Tensor<Shape, FloatDType>;

/** Measures variables on one dataset. */
export interface Evaluator {
  /** Compiled at its first use. @throws DivergedError for a loss that is not finite. */
  measure(
    variables: Variables,
    at?: Pick<DivergedAt, "step" | "epoch">,
  ): Promise<{ readonly score: Score; readonly predictions: Tensor }>;
  /** Gives the memory of its programs back. */
  release(): void;
}

export interface EvaluatorOptions extends CompileOptions {
  readonly loss: Loss;
  /** What is measured beside the loss, by name; default as in `fit`. */
  readonly metrics?: Metrics;
  /** Rows at a time, at least 1; default 256. No result depends on it. */
  readonly batchSize?: number;
}

const BATCH_SIZE = 256;

type Batch = { readonly inputs: Tensors; readonly targets: Tensor };

/** An evaluator of `model` on `data`: what `evaluate` and `fit` share. `metrics` have been checked. */
export function evaluator(
  operation: string,
  model: Model,
  data: TrainingData,
  metrics: { readonly [name: string]: Metric },
  options: EvaluatorOptions,
): Evaluator {
  const { loss, batchSize = BATCH_SIZE, backend } = options;
  checkMembers(operation, "loss", loss, ["check", "perRow"], "a loss such as crossEntropy()");
  checkData(operation, model, data);
  checkLoss(loss, model, data.target);
  checkInteger(operation, "batchSize", batchSize, 1);
  const { target } = data;
  const isClasses = target.kind === "classes" && Array.isArray(model.outputShape) && model.outputShape.length === 1;
  // The loss is a metric like the others: rows are added up one by one, so that no batch size shows in the result.
  const all = { loss: metricOf(loss), ...metrics };
  const program = compileStep(
    (state: [], variables: Variables, { inputs, targets }: Batch) => {
      const outputs = model.apply(variables, inputs as never) as Tensor<Shape, FloatDType>;
      const seen = observeAll(all, { outputs, targets, model, target });
      const predictions = (isClasses ? predictedClasses(model, outputs) : outputs) as Tensor;
      return { state, outputs: { predictions, seen } };
    },
    [],
    backend && { backend },
  );
  const order = { batchSize: Math.min(batchSize, data.size) };
  const measure: Evaluator["measure"] = async (variables, at) => {
    const sums = new MetricSums(all);
    let predictions: Tensor | undefined;
    const pause = new Pause();
    let row = 0;
    for await (const { inputs, targets, weights, size } of announcedBatches(operation, data, order)) {
      const result = program.run(variables, { inputs: inputs as Tensors, targets });
      const seen = valuesOf(result.seen);
      const diverged = seen.loss!.losses!.find((value) => !Number.isFinite(value));
      if (diverged !== undefined) {
        throw new DivergedError({
          operation,
          ...at,
          received: `a loss of ${diverged}`,
          ...fixForBatch({ inputs: inputs as Tensors, targets }, row),
        });
      }
      sums.add(seen, { size, weights: weights?.data });
      predictions ??= emptyLike(result.predictions, data.size);
      predictions.data.set(result.predictions.data, row * sizeOf(predictions.shape.slice(1)));
      row += size;
      await pause.take();
    }
    return { score: sums.results() as Score, predictions: predictions! };
  };
  return { measure, release: () => program.release() };
}

/** A tensor like `batch`, of `rows` rows. */
function emptyLike({ data, shape }: Tensor, rows: number): Tensor {
  const size = rows * sizeOf(shape.slice(1));
  return fromArray(new (data.constructor as new (length: number) => Tensor["data"])(size), [rows, ...shape.slice(1)]);
}

/** A model with its variables, as `network` of @nn/model makes it. */
interface Evaluated<In extends Shapes, Out extends Shapes> {
  readonly model: Model<In, Out>;
  readonly variables: Variables;
}

/** `EvaluatorOptions` for one model and target: the compiler checks that the loss and the metrics suit them. */
type EvaluateOptionsFor<Out extends Shapes, T extends Target, L, M> = Omit<EvaluatorOptions, "loss" | "metrics"> & {
  readonly loss: L & CheckLoss<L, Out, T>;
  readonly metrics?: M & { readonly [Name in keyof M]: M[Name] & CheckLoss<M[Name], Out, T> };
};

/**
 * The loss, the metrics and the predictions of a network on `data`, in the order of its rows.
 * @throws ShapeError when data, model, loss and metrics do not belong together. @throws ArgumentError when an option is out
 * of range or a loss of logits follows a last `softmax()` or `sigmoid()`, and when `data` gives other than its `size` rows.
 * @example const { accuracy } = await evaluate(run.network, test, { loss: crossEntropy() });
 */
export async function evaluate<
  In extends Shapes,
  Out extends Shapes,
  DataIn extends Shapes,
  T extends Target,
  L extends Loss,
  M extends Metrics = DefaultMetrics<T> & Metrics,
>(
  network: Evaluated<In, Out>,
  data: TrainingData<DataIn, T> & Valid<DataMismatch<"evaluate", In, DataIn>>,
  options: EvaluateOptionsFor<Out, T, L, M>,
): Promise<Evaluation<M, T>> {
  checkMembers(
    "evaluate",
    "network",
    network,
    ["model", "variables"],
    "a network: run.network, or one made by network",
  );
  checkOptions("evaluate", options as unknown as EvaluatorOptions, {
    loss: true,
    metrics: true,
    batchSize: true,
    backend: true,
  });
  const model = network.model as unknown as Model;
  const rows = data as unknown as TrainingData;
  checkData("evaluate", model, rows);
  const metrics = resolveMetrics("evaluate", model, rows.target, options.metrics as Metrics | undefined);
  const { measure, release } = evaluator("evaluate", model, rows, metrics, options as unknown as EvaluatorOptions);
  try {
    checkVariables("evaluate", model.variables(), network.variables);
    const { score, predictions } = await measure(network.variables);
    return { ...score, predictions } as unknown as Evaluation<M, T>;
  } finally {
    release();
  }
}
