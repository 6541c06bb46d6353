/** How well a model does on data that it does not learn from. */

import {
  type CheckLoss,
  checkLoss,
  checkParameters,
  type Loss,
  type Parameters,
  predictedClasses,
  type Sequential,
} from "@nn/model";
import { type CompileOptions, compileStep, fromArray, type Shape, type Tensor, type Valid } from "@nn/tensor";
import { checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";
import { announcedBatches } from "./announced-batches.ts";
import { countCorrect } from "./count-correct.ts";
import { type DivergedAt, DivergedError, fixForInputs } from "./diverged-error.ts";
import type { Score } from "./events.ts";
import { checkData, type DataMismatch } from "./fit-options.ts";
import { Pause } from "./pause.ts";
import { ScoreSum } from "./score.ts";
import type { TrainingBatch, TrainingData } from "./training-data.ts";

/** A score with the class that the model said for each row. */
export interface Evaluation extends Score {
  readonly predictions: Tensor<[number], "int32">;
}

/** Measures parameters on one dataset. */
export interface Evaluator {
  /** Compiled at its first use. @throws DivergedError for a loss that is not finite. */
  measure(parameters: Parameters, at?: Pick<DivergedAt, "step" | "epoch">): Promise<Evaluation>;
  /** Gives the memory of its programs back. */
  release(): void;
}

export interface EvaluatorOptions extends CompileOptions {
  readonly loss: Loss;
  /** Rows at a time, at least 1; default 256. With a mean loss the result depends on it by rounding only. */
  readonly batchSize?: number;
}

const BATCH_SIZE = 256;

type Inputs = TrainingBatch["inputs"];

/** An evaluator of `model` on `data`: what `evaluate` and `fit` share. */
export function evaluator(
  operation: string,
  model: Sequential,
  data: TrainingData,
  options: EvaluatorOptions,
): Evaluator {
  checkOptions(operation, options, { loss: true, batchSize: true, backend: true });
  const { loss, batchSize = BATCH_SIZE, backend } = options;
  checkMembers(operation, "loss", loss, ["check", "apply"], "a loss such as crossEntropy()");
  checkData(operation, model, data);
  checkLoss(loss, model, data.classCount);
  checkInteger(operation, "batchSize", batchSize, 1);
  const program = compileStep(
    (state: [], parameters: Parameters, inputs: Inputs, labels: TrainingBatch["labels"]) => {
      const outputs = model.apply(parameters, inputs);
      const predicted = predictedClasses(model, outputs);
      const correct = countCorrect(predicted, labels);
      return { state, outputs: { loss: loss.apply(outputs, labels), predicted, correct } };
    },
    [],
    backend && { backend },
  );
  const order = { batchSize: Math.min(batchSize, data.size) };
  const measure: Evaluator["measure"] = async (parameters, at) => {
    const total = new ScoreSum();
    const predictions = new Int32Array(data.size);
    const pause = new Pause();
    let row = 0;
    for await (const { inputs, labels, size } of announcedBatches(operation, data, order)) {
      const { loss, predicted, correct } = program.run(parameters, inputs, labels);
      if (!Number.isFinite(loss.item())) {
        const received = `a loss of ${loss.item()}`;
        throw new DivergedError({ operation, ...at, received, ...fixForInputs(inputs, row) });
      }
      total.add({ loss: loss.item(), accuracy: correct.item() / size }, size);
      predictions.set(predicted.data, row);
      row += size;
      await pause.take();
    }
    return { ...total.score(), predictions: fromArray(predictions, [data.size]) };
  };
  return { measure, release: () => program.release() };
}

/** A model with its parameters, as `network` of @nn/model makes it. */
interface Evaluated<In extends Shape, Out extends Shape> {
  readonly model: Sequential<In, Out>;
  readonly parameters: Parameters;
}

/**
 * The loss, the accuracy and the predicted classes of a network on `data`, in the order of its rows.
 * @throws ShapeError when data, model and loss do not belong together. @throws ArgumentError when an option is out of range
 * or a loss of logits follows a last `softmax()` or `sigmoid()`, and when `data` gives other than its `size` rows. @throws DivergedError when the loss of a batch is NaN or infinite.
 * @example const { accuracy } = await evaluate(run.network, test, { loss: crossEntropy() });
 */
export async function evaluate<
  In extends Shape,
  Out extends Shape,
  DataIn extends Shape,
  K extends number,
  L extends Loss,
>(
  network: Evaluated<In, Out>,
  data: TrainingData<DataIn, K> & Valid<DataMismatch<"evaluate", In, DataIn>>,
  options: Omit<EvaluatorOptions, "loss"> & { readonly loss: L & CheckLoss<L, Out, K> },
): Promise<Evaluation> {
  checkMembers(
    "evaluate",
    "network",
    network,
    ["model", "parameters"],
    "a network: run.network, or one made by network",
  );
  const model = network.model as unknown as Sequential;
  const { measure, release } = evaluator("evaluate", model, data as unknown as TrainingData, options);
  try {
    checkParameters("evaluate", model, network.parameters);
    return await measure(network.parameters);
  } finally {
    release();
  }
}
