import { crossEntropy, dense, network, sequential, sigmoid } from "@nn/model";
import { fromArray } from "@nn/tensor";
import { expect, test } from "vitest";
import { accuracyScore } from "../metrics/accuracy-score.ts";
import { halfCircles, testData } from "../test-data.ts";
import { evaluate } from "./evaluate.ts";

const loss = crossEntropy();
const model = sequential([1], dense(2));
/** Class 1 where the input is above 0. */
const sign = network(model, {
  "dense1.weight": fromArray(Float64Array.of(-1, 1), [1, 2]),
  "dense1.bias": fromArray(Float64Array.of(0, 0), [2]),
});

test("measures loss, accuracy and predictions in the order of the rows", async () => {
  const data = testData([1], 2, Float64Array.of(3, -1, 0.5, -2), [1, 1, 1, 0]);
  const result = await evaluate(sign, data, { loss });
  expect(result.predictions.toArray()).toEqual([1, 0, 1, 0]);
  expect(result.accuracy).toBe(0.75);
  // A logit difference of d in favour of the label costs log(1 + e^−d).
  const expected = [6, -2, 1, 4].reduce((total, d) => total + Math.log1p(Math.exp(-d)), 0) / 4;
  expect(result.loss).toBeCloseTo(expected, 12);
});

test.each([1, 7, 50, 1000])("does not depend on the batch size: %d", async (batchSize) => {
  const data = halfCircles(50);
  const other = sequential([2], dense(3), sigmoid(), dense(2));
  const net = network(other, other.initialize({ seed: 5, dtype: "float64" }));
  const whole = await evaluate(net, data, { loss, batchSize: 50 });
  const result = await evaluate(net, data, { loss, batchSize });
  expect(result.predictions).toEqual(whole.predictions);
  expect(result.accuracy).toBe(whole.accuracy);
  expect(result.loss).toBe(whole.loss);
  const [all] = data.batches({ batchSize: 50 });
  expect(result.accuracy).toBe(accuracyScore(all!.targets, result.predictions));
});

test("refuses data that does not suit the network, in the compiler's words", async () => {
  const message = "evaluate: received data with inputs of shape [2]; expected [1], the input of the model.";
  // @ts-expect-error the message
  await expect(evaluate(sign, halfCircles(4), { loss })).rejects.toMatchObject({ name: "ShapeError", message });
  const data = testData([1], 2, Float64Array.of(0), [0]);
  await expect(evaluate(sign, data, { loss, batchSize: 0 })).rejects.toMatchObject({ received: "batchSize 0" });
});
