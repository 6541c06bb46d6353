/** What the log keeps of an image recipe's test part: which class is taken for which, and some images to look at. */

import { RandomState } from "@nn/tensor";
import { confusionMatrix } from "@nn/train";
import { confusion, type Prediction, predictions } from "@nn/train/records";
import type { ClassData, Recorder, TestResult } from "../recipe.ts";

const SAMPLES = 200;
const MOST_WRONG = 80;
const SEED = 0;

/**
 * `confusion` of all the images of `test`, and `predictions` of 200. Wrong answers are over-represented: up to 80 of them,
 * drawn at random like the rest.
 */
export function testPredictions(test: ClassData<readonly [number, number, 1]>): Recorder {
  const [height, width] = test.inputShape;
  const classNames = namesOf(test);
  return {
    config: { ...confusion.config(classNames), ...predictions.config({ height, width, classNames }) },
    tested(result, log, at) {
      const { length: classCount } = classNames;
      const { data } = confusionMatrix(result.data.targets, result.predictions, { classCount });
      const counts = classNames.map((_, label) => [...data.subarray(label * classCount, (label + 1) * classCount)]);
      confusion.write(log, at, { counts });
      predictions.write(log, at, { samples: samplesOf(result) });
    },
  };
}

/** The names of the classes, or their numbers. */
export function namesOf({ target }: ClassData): readonly string[] {
  return target.names ?? Array.from({ length: target.count }, (_, label) => String(label));
}

function samplesOf({ data, predictions: { data: predicted }, probabilities }: TestResult): Prediction[] {
  const labels = data.targets.data;
  const [, classCount] = probabilities.shape;
  const order = new RandomState(SEED).permutation(data.size).data;
  const wrong = order.filter((row) => predicted[row] !== labels[row]).slice(0, MOST_WRONG);
  const right = order.filter((row) => predicted[row] === labels[row]).slice(0, SAMPLES - wrong.length);
  const chosen = Int32Array.from([...wrong, ...right]);
  const pixels = data.subset(chosen).inputs.data;
  const size = pixels.length / chosen.length;
  return Array.from(chosen, (row, i) => ({
    label: labels[row]!,
    predicted: predicted[row]!,
    probability: probabilities.data[row * classCount + predicted[row]!]!,
    pixels: pixels.subarray(i * size, (i + 1) * size),
  }));
}
