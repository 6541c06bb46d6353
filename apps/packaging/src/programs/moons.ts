import { makeMoons, trainTestSplit } from "@nn/datasets";
import { crossEntropy, dense, sequential, sigmoid } from "@nn/model";
import { fit, sgd } from "@nn/train";

const data = makeMoons({ samples: 200, noise: 0.2, seed: 0 });
const { train, test } = trainTestSplit(data, { testSize: 0.2, seed: 42 });
const model = sequential([2], dense(5), sigmoid(), dense(2));
const run = await fit(model, train, {
  loss: crossEntropy(),
  optimizer: sgd({ learningRate: 0.5 }),
  epochs: 200,
  batchSize: 32,
  validation: test,
  seed: 0,
});
console.log(`${run.history.at(-1)?.validation?.loss} ${run.weightsSha256}`);
