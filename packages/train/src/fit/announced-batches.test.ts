import { crossEntropy, dense, network, sequential } from "@nn/model";
import { expect, test } from "vitest";
import { sgd } from "../optimizers/sgd.ts";
import { halfCircles } from "../test-data.ts";
import type { TrainingBatch } from "./data.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

const model = sequential([2], dense(2));
const untrained = network(model, model.initialize({ seed: 0 }));
const whole = halfCircles(50);
const [first, second] = whole.batches({ batchSize: 20 });
const [short] = whole.batches({ batchSize: 7 });
const given = { loss: crossEntropy(), batchSize: 20 };
const options = { ...given, optimizer: sgd(), epochs: 1 };

const announced = "for data of 50 rows in batches of 20. Make size and batches of the data agree.";

test.each<[string, readonly (TrainingBatch<[2]> | undefined)[], string]>([
  ["none", [], `received 0 rows in 0 batches; expected 50, ${announced}`],
  ["too few", [first, second], `received 40 rows in 2 batches; expected 50, ${announced}`],
  ["a short one in the middle", [first, short, second], `in batch 2, after 20 rows; expected 20, ${announced}`],
  ["a short one at the end", [first, second, short], `in batch 3, after 40 rows; expected 10, ${announced}`],
  [
    "one that miscounts",
    [{ ...short!, size: 20 }],
    "size 20 with inputs [7, 2] in batch 1, after 0 rows; expected 20, ",
  ],
])("batches that do not add up to the data's size are refused: %s", async (_, batches, message) => {
  const data = { ...whole, batches: () => batches as TrainingBatch<[2]>[] };
  const refused = { name: "ArgumentError", message: expect.stringContaining(message) };
  await expect(fit(model, data, options)).rejects.toMatchObject({ ...refused, operation: "fit" });
  await expect(evaluate(untrained, data, given)).rejects.toMatchObject({ ...refused, operation: "evaluate" });
});

test("so are those of validation data", async () => {
  const validation = { ...whole, batches: () => [] };
  await expect(fit(model, whole, { ...options, validation })).rejects.toMatchObject({
    message: expect.stringContaining("fit: validation: received 0 rows in 0 batches; expected 50, for data of 50 rows"),
  });
});

test("more rows than the size are refused where all are asked for, and left where as many batches as are taken", async () => {
  const data = { ...whole, size: 30, batches: () => whole.batches({ batchSize: 15 }) };
  expect((await fit(model, data, { ...options, batchSize: 15 })).steps).toBe(2);
  await expect(evaluate(untrained, data, { ...given, batchSize: 15 })).rejects.toMatchObject({
    received: "size 15 with inputs [15, 2] in batch 3, after 30 rows",
    expected: "0, for data of 30 rows in batches of 15",
  });
});
