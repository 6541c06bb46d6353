// Only type-checked: what a program of somebody else's exports must have types that its declarations can name, and scores,
// targets and shapes must still be known behind every entry.
import { makeMoons } from "@nn/datasets";
import {
  add,
  batchNorm,
  concatenate,
  crossEntropy,
  defineLoss,
  dense,
  input,
  meanSquaredError,
  model,
  relu,
  residual,
  sequential,
} from "@nn/model";
import { NeuralNet } from "@nn/model/workshop";
import { RandomState, square, subtract, type Tensor } from "@nn/tensor";
import { adamW, cosine, defineMetric, earlyStopping, fit, logRun, rowMean, topK } from "@nn/train";
import { defineRecord } from "@nn/train/records";
import { createRunLog } from "@nn/train/run-log";

export const moons = makeMoons({ samples: 200, noise: 0.2, seed: 0 });
export const network = sequential([2], dense(8), batchNorm(), residual(sequential([8], dense(8), relu())), dense(2));
export const run = await fit(network, moons, {
  loss: crossEntropy(),
  optimizer: adamW({ learningRate: cosine({ peak: 3e-3, warmup: 10 }) }),
  metrics: { top1: topK(1) },
  epochs: 1,
  control: [earlyStopping({ monitor: "train.loss", patience: 5 })],
});
export const top1: number | undefined = run.history.at(-1)?.train.top1;
// @ts-expect-error No metric of that name was asked for.
run.history.at(-1)?.train.top2;

// @ts-expect-error The labels of moons are no values.
await fit(network, moons, { loss: meanSquaredError(), optimizer: adamW(), epochs: 1 });

const [image, about] = [input([8]), input([4])];
export const both = model({ image, about }, dense(2)(concatenate(add(dense(8)(image), image), about)));
export const width: 2 = both.outputShape[0];

export const net = new NeuralNet({ random: new RandomState(0) });

export const squared = defineLoss({
  kind: "squared",
  call: "squared()",
  perRow: (outputs: Tensor, targets: Tensor) => square(subtract(outputs, targets as never)) as never,
});

export const rows = defineMetric({
  kind: "rows",
  call: "rows()",
  direction: "maximize",
  observe: ({ targets }) => ({ seen: targets }),
  ...rowMean("seen"),
});

export const norms = defineRecord<{ readonly norms: readonly number[] }, true>({
  name: "norms",
  split: "train",
  shape: "[layers]",
  parseSetting: (value) => (value === true ? true : undefined),
  encode: ({ norms: all }) => ({ shape: [all.length], data: all }),
  decode: ({ data }) => ({ norms: [...data] }),
});

const sink = { write: () => undefined, replace: () => undefined };
export const log = createRunLog(sink, { recipe: "mine", config: norms.config(true), environment: {}, datasets: [] });
const options = { loss: crossEntropy(), optimizer: adamW(), epochs: 1 };
export const events = logRun(fit.events(network, moons, options), log);
