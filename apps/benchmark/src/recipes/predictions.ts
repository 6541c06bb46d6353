/** What the log keeps of an image recipe's test part: who was taken for whom, and some images to look at. */

import type { Dataset } from "@nn/datasets";
import { RandomState, type Tensor } from "@nn/tensor";
import { confusionMatrix } from "@nn/train";
import type { RunLogWriter } from "@nn/train/run-log";

const SAMPLES = 200;
const MOST_WRONG = 80;
const SEED = 0;

export interface TestResult {
  readonly data: Dataset<readonly [28, 28, 1], 10>;
  /** (N, 10). */
  readonly probabilities: Tensor<[number, number]>;
  /** (N). */
  readonly predicted: Tensor<[number], "int32">;
}

/**
 * Writes `confusionMatrix` (10, 10) and `predictions` (m, 3 + 784): true class, predicted class, probability of the
 * predicted class, pixels 0 … 255. Wrong answers are over-represented: up to 80 of the 200, drawn at random like the rest.
 */
export function logPredictions(
  log: RunLogWriter,
  at: { readonly step: number; readonly epoch: number; readonly elapsedMs: number },
  { data, probabilities, predicted }: TestResult,
): void {
  const labels = data.labels.data;
  const counts = confusionMatrix(data.labels, predicted, { classCount: data.classCount });
  log.array({ ...at, split: "test", name: "confusionMatrix", shape: [10, 10], data: counts.data });

  const order = new RandomState(SEED).permutation(data.size).data;
  const wrong = order.filter((row) => predicted.data[row] !== labels[row]).slice(0, MOST_WRONG);
  const right = order.filter((row) => predicted.data[row] === labels[row]).slice(0, SAMPLES - wrong.length);
  const chosen = Int32Array.from([...wrong, ...right]);
  const pixels = data.subset(chosen).inputs.data;
  const width = 3 + 28 * 28;
  const rows = new Float32Array(chosen.length * width);
  chosen.forEach((row, i) => {
    const answer = predicted.data[row]!;
    rows.set([labels[row]!, answer, probabilities.data[row * data.classCount + answer]!], i * width);
    rows.set(pixels.subarray(i * 784, (i + 1) * 784), i * width + 3);
  });
  log.array({ ...at, split: "test", name: "predictions", shape: [chosen.length, width], data: rows });
}
