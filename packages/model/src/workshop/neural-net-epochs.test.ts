/** The workshop's second form of training, beside the same program in NumPy. */

import { fromArray, RandomState, type Tensor } from "@nn/tensor";
import { expect, test } from "vitest";
import golden from "../../goldens/workshop-epochs.json" with { type: "json" };
import { NeuralNet, type NeuralNetEpochs, type Rows } from "../workshop.ts";

const x: Rows = fromArray(Float64Array.from(golden.x), [50, 3]);
const y: Tensor<[number], "uint8"> = fromArray(Uint8Array.from(golden.y), [50]);
const EPOCHS = 12;

test.each(golden.cases)(
  "batches of $batchSize, $batchesPerEpoch an epoch: NumPy's losses, accuracies and weights",
  (row) => {
    const random = new RandomState(9);
    const net = new NeuralNet({ inputDim: 3, hiddenDim: 4, outputDim: 3, random });
    const printed: number[][] = [];
    const { batchSize, batchesPerEpoch } = row;
    net.train(x, y, {
      epochs: EPOCHS,
      batchSize,
      batchesPerEpoch,
      learningRate: 0.05,
      random,
      onEpoch: (_, loss, accuracy) => printed.push([loss, accuracy]),
    });
    expect(printed).toHaveLength(EPOCHS);
    printed.forEach(([loss, accuracy], epoch) => {
      expect(loss).toBeCloseTo(row.printed[epoch]![0]!, 11);
      expect(accuracy).toBeCloseTo(row.printed[epoch]![1]!, 12);
    });
    net.W1.data.forEach((value, i) => {
      expect(value).toBeCloseTo(row.W1[i]!, 11);
    });
    net.b2.data.forEach((value, i) => {
      expect(value).toBeCloseTo(row.b2[i]!, 11);
    });
  },
);

const good: NeuralNetEpochs = { epochs: 1, batchSize: 16, batchesPerEpoch: 4, random: new RandomState(0) };
test.each<[object, string]>([
  [{ epochs: -1 }, "epochs -1"],
  [{ batchSize: 0 }, "batchSize 0"],
  [{ batchSize: 51 }, "batchSize 51; expected an integer from 1 to 50"],
  [{ batchesPerEpoch: 5 }, "batchesPerEpoch 5; expected an integer from 1 to 4"],
  [{ random: undefined }, "random undefined"],
  [{ batch_size: 3 }, "the unknown option"],
])("refuses %o", (changed, text) => {
  const net = new NeuralNet({ inputDim: 3, outputDim: 3, random: new RandomState(0) });
  expect(() => net.train(x, y, { ...good, ...changed } as never)).toThrow(text);
});
