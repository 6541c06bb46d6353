/**
 * What does not belong together: a row for each of loss or metric × outputs × target. The compiler holds every text to the
 * one that it prints, and the run throws the same.
 */

import {
  binaryCrossEntropy,
  type CheckLoss,
  checkLoss,
  classes,
  crossEntropy,
  dense,
  flags,
  flatten,
  type Loss,
  type Model,
  meanAbsoluteError,
  meanSquaredError,
  network,
  sequential,
  type Target,
  values,
} from "@nn/model";
import type { Shape } from "@nn/tensor";
import { expect, test } from "vitest";
import { accuracy } from "../metrics/accuracy.ts";
import type { Metric, MetricLike } from "../metrics/metric.ts";
import { topK } from "../metrics/top-k.ts";
import { sgd } from "../optimizers/sgd.ts";
import { dataOf, halfCircles } from "../test-data.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";
import { resolveMetrics } from "./resolve-metrics.ts";

interface Row {
  readonly call: string;
  readonly loss: MetricLike;
  readonly outputs: Shape;
  readonly target: Target;
  /** The error; undefined where they belong together. */
  readonly text: string | undefined;
}

/** The message of the compiler; `never` where it has none, so that no text fits. */
type Text<L, Out, T> = unknown extends CheckLoss<L, Out, T> ? never : CheckLoss<L, Out, T>;

function refused<L extends MetricLike, const Out extends Shape, T extends Target>(
  loss: L,
  outputs: readonly [...Out],
  target: T,
  text: Text<L, Out, T>,
): Row {
  return { call: loss.call, loss, outputs, target, text: text as string };
}

function taken<L extends MetricLike, const Out extends Shape, T extends Target>(
  loss: L,
  outputs: readonly [...Out],
  target: T,
  ..._none: unknown extends CheckLoss<L, Out, T> ? [] : [CheckLoss<L, Out, T>]
): Row {
  return { call: loss.call, loss, outputs, target, text: undefined };
}

const rows: readonly Row[] = [
  taken(crossEntropy(), [10], classes(10)),
  refused(
    crossEntropy(),
    [2],
    classes(10),
    "crossEntropy(): received outputs of shape [2] for 10 classes; expected shape [10], a logit for each class. End the model with dense(10).",
  ),
  refused(
    crossEntropy(),
    [4, 4],
    classes(4),
    "crossEntropy(): received outputs of shape [4, 4] for 4 classes; expected shape [4], a logit for each class. End the model with dense(4).",
  ),
  refused(
    crossEntropy(),
    [1],
    values(),
    "crossEntropy(): received outputs of shape [1] for values of shape [1]; expected targets that are classes. Use meanSquaredError() for values, binaryCrossEntropy() for flags.",
  ),
  refused(
    crossEntropy(),
    [3],
    flags(3),
    "crossEntropy(): received outputs of shape [3] for 3 flags; expected targets that are classes. Use meanSquaredError() for values, binaryCrossEntropy() for flags.",
  ),
  taken(binaryCrossEntropy(), [1], classes(2)),
  taken(binaryCrossEntropy(), [3], flags(3)),
  refused(
    binaryCrossEntropy(),
    [2],
    classes(2),
    "binaryCrossEntropy(): received outputs of shape [2] for 2 classes; expected shape [1], one logit for class 1. End the model with dense(1).",
  ),
  refused(
    binaryCrossEntropy(),
    [1],
    classes(3),
    "binaryCrossEntropy(): received outputs of shape [1] for 3 classes; expected 2 classes. Use crossEntropy() for more.",
  ),
  refused(
    binaryCrossEntropy(),
    [1],
    flags(3),
    "binaryCrossEntropy(): received outputs of shape [1] for 3 flags; expected shape [3], a logit for each flag. End the model with dense(3).",
  ),
  refused(
    binaryCrossEntropy(),
    [1],
    values(),
    "binaryCrossEntropy(): received outputs of shape [1] for values of shape [1]; expected targets that are 2 classes or flags. Use meanSquaredError() for values.",
  ),
  taken(meanSquaredError(), [1], values()),
  taken(meanSquaredError(), [2, 3], values([2, 3])),
  refused(
    meanSquaredError(),
    [2],
    values(),
    "meanSquaredError(): received outputs of shape [2] for values of shape [1]; expected shape [1], that of the targets. Let the model end with outputs of that shape.",
  ),
  refused(
    meanSquaredError(),
    [2, 3],
    values([6]),
    "meanSquaredError(): received outputs of shape [2, 3] for values of shape [6]; expected shape [6], that of the targets. Let the model end with outputs of that shape.",
  ),
  refused(
    meanSquaredError(),
    [2],
    classes(2),
    "meanSquaredError(): received outputs of shape [2] for 2 classes; expected targets that are values. Use crossEntropy() for classes, binaryCrossEntropy() for flags.",
  ),
  refused(
    meanAbsoluteError(),
    [2],
    flags(2),
    "meanAbsoluteError(): received outputs of shape [2] for 2 flags; expected targets that are values. Use crossEntropy() for classes, binaryCrossEntropy() for flags.",
  ),
  taken(accuracy(), [10], classes(10)),
  taken(accuracy(), [1], classes(2)),
  taken(accuracy(), [2], classes(2)),
  taken(accuracy(), [3], flags(3)),
  refused(
    accuracy(),
    [1],
    classes(3),
    "accuracy(): received outputs of shape [1] for 3 classes; expected shape [3], a score for each class. End the model with dense(3).",
  ),
  refused(
    accuracy(),
    [2, 2],
    classes(2),
    "accuracy(): received outputs of shape [2, 2] for 2 classes; expected shape [2], a score for each class. End the model with dense(2).",
  ),
  refused(
    accuracy(),
    [1],
    flags(2),
    "accuracy(): received outputs of shape [1] for 2 flags; expected shape [2], a score for each flag. End the model with dense(2).",
  ),
  refused(
    accuracy(),
    [1],
    values(),
    "accuracy(): received outputs of shape [1] for values of shape [1]; expected targets that are classes or flags. Use meanAbsoluteError() for values.",
  ),
  taken(topK(3), [10], classes(10)),
  refused(
    topK(3),
    [1],
    classes(2),
    "topK(3): received outputs of shape [1] for 2 classes; expected shape [2], a score for each class. End the model with dense(2).",
  ),
  refused(
    topK(3),
    [5],
    flags(5),
    "topK(3): received outputs of shape [5] for 5 flags; expected targets that are classes. Use another metric for values and flags.",
  ),
];

test.each(rows)("$call: outputs $outputs, $target", ({ loss, outputs, target, text }) => {
  const model = { outputShape: outputs, probabilities: false, places: [] } as unknown as Model;
  const asMetric = () => resolveMetrics("fit", model, target, { it: loss });
  const asLoss = () => ("perRow" in loss ? checkLoss(loss as Loss, model, target) : asMetric());
  for (const act of [asMetric, asLoss]) {
    if (text === undefined) act();
    else expect(act).toThrow(expect.objectContaining({ name: "ShapeError", message: text }));
  }
});

test("what the compiler does not know is left to the run", () => {
  const shape: Shape = [2];
  const row = taken(crossEntropy(), shape, classes(10) as Target);
  const metric: Metric = topK(2);
  taken(metric, [2], values());
  expect(() =>
    checkLoss(row.loss as Loss, { outputShape: shape, probabilities: false, places: [] }, row.target),
  ).toThrow("for 10 classes");
});

const data = halfCircles(8);
const numbers = dataOf({
  inputShape: [2],
  target: values(),
  inputs: new Float64Array(8),
  targets: new Float64Array(4),
});
const one = sequential([2], dense(1));
const two = sequential([2], dense(2));
const given = { optimizer: sgd(), epochs: 1 };
const untrained = network(two, two.initialize({ seed: 0 }));

test("fit and evaluate print it at the option", async () => {
  const ofLoss = {
    message: expect.stringMatching(/^meanSquaredError\(\): received outputs of shape \[2\] for 2 classes;/),
  };
  const ofMetric = { message: expect.stringMatching(/^accuracy\(\): received outputs of shape \[1\] for values/) };
  // @ts-expect-error a loss of values
  await expect(fit(two, data, { ...given, loss: meanSquaredError() })).rejects.toMatchObject(ofLoss);
  // @ts-expect-error a loss of values
  expect(() => fit.events(two, data, { ...given, loss: meanSquaredError() })).toThrow(expect.objectContaining(ofLoss));
  // @ts-expect-error a loss of values
  await expect(evaluate(untrained, data, { loss: meanSquaredError() })).rejects.toMatchObject(ofLoss);
  await expect(
    // @ts-expect-error a metric of classes
    fit(one, numbers, { ...given, loss: meanSquaredError(), metrics: { accuracy: accuracy() } }),
  ).rejects.toMatchObject(ofMetric);
  await expect(
    // @ts-expect-error a loss of values as a metric
    fit(two, data, { ...given, loss: crossEntropy(), metrics: { squared: meanSquaredError() } }),
  ).rejects.toMatchObject(ofLoss);
  const validation = numbers;
  const message = "fit: validation: received data of values of shape [1]; expected 2 classes, as in the training data.";
  // @ts-expect-error values for classes
  await expect(fit(two, data, { ...given, loss: crossEntropy(), validation })).rejects.toMatchObject({ message });
});

test("a metric cannot be named loss, and names must be metrics", async () => {
  const act = (metrics: object) => fit(two, data, { ...given, loss: crossEntropy(), metrics: metrics as never });
  await expect(act({ loss: accuracy() })).rejects.toThrow("fit: received a metric named loss; expected another name");
  await expect(act({ accuracy })).rejects.toMatchObject({
    received: "metric accuracy the function accuracy",
    fix: "Call it: accuracy().",
  });
  await expect(act({ accuracy: "accuracy" })).rejects.toMatchObject({
    received: 'metric accuracy "accuracy" of type string',
  });
  const fix = "Name each: { accuracy: accuracy() }.";
  await expect(act([accuracy()])).rejects.toMatchObject({ received: "metrics an array", fix });
  await expect(act(null as never)).rejects.toMatchObject({ received: "metrics null", fix });
});

test("targets that are not what the data announce are refused", async () => {
  const [batch] = numbers.batches({ batchSize: 4 });
  const yielding = (targets: unknown) => ({ ...numbers, batches: () => [{ ...batch!, targets }] }) as typeof numbers;
  const act = (targets: unknown) => fit(one, yielding(targets), { ...given, loss: meanSquaredError() });
  const flat = sequential([2], flatten(), dense(2));
  const [labels] = data.batches({ batchSize: 4 });
  await expect(act(labels!.targets)).rejects.toMatchObject({
    received: "targets of shape [4] in batch 1",
    expected: "[4, 1]",
  });
  const answers = dataOf({
    inputShape: [2],
    target: flags(2),
    inputs: new Float64Array(2),
    targets: Uint8Array.of(0, 2),
  });
  await expect(fit(flat, answers, { ...given, loss: binaryCrossEntropy() })).rejects.toMatchObject({
    received: "flag 2 in row 0 of batch 1",
    expected: "0 or 1",
  });
});
