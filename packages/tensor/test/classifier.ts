/** The training of a small classifier as one step, as `@nn/train` would have it, written with operations alone. */

import {
  add,
  argmax,
  cast,
  equal,
  gradients,
  logSoftmax,
  matmul,
  mean,
  multiply,
  negative,
  oneHot,
  type RandomState,
  subtract,
  sum,
  type Tensor,
  zeros,
} from "../src/index.ts";
import { randomTensor, type Wide } from "./random-graphs.ts";

type Weights = { readonly [name: string]: Wide };
export type Labels = Tensor<readonly number[], "uint8">;

export type Training = { readonly parameters: Weights; readonly velocity: Weights };

type Step = (
  state: Training,
  x: Wide,
  labels: Labels,
) => { readonly state: Training; readonly outputs: { readonly loss: Wide; readonly correct: Wide } };

/** Parameters for layers of these widths, drawn from `random`, and no velocity. */
export function firstTraining(layers: readonly number[], random: RandomState): Training {
  const parameters: Record<string, Wide> = {};
  for (let i = 1; i < layers.length; i++) {
    parameters[`w${i}`] = randomTensor(random, [layers[i - 1]!, layers[i]!]);
    parameters[`b${i}`] = randomTensor(random, [layers[i]!]);
  }
  return { parameters, velocity: map(parameters, ({ shape }) => zeros(shape) as Wide) };
}

/** A step of SGD with momentum on the mean cross-entropy; `activation` stands behind every layer but the last. */
export function trainingStep(activation: (x: Wide) => Wide): Step {
  return ({ parameters, velocity }, x, labels) => {
    const depth = Object.keys(parameters).length / 2;
    let values = x;
    for (let i = 1; i <= depth; i++) {
      values = add(matmul(values, parameters[`w${i}`]!), parameters[`b${i}`]!) as Wide;
      if (i < depth) values = activation(values);
    }
    const target = oneHot(labels, values.shape.at(-1)!) as Wide;
    const loss = negative(mean(sum(multiply(logSoftmax(values), target) as Wide, { axis: 1 }) as Wide));
    const correct = sum(cast(equal(argmax(values, { axis: 1 }), cast(labels, "int32")), "float32") as Wide);
    const gradient = gradients(loss, parameters);
    const v = map(velocity, (each, name) => add(multiply(each, 0.9), gradient[name]!) as Wide);
    const p = map(parameters, (each, name) => subtract(each, multiply(v[name]!, 0.05)) as Wide);
    return { state: { parameters: p, velocity: v }, outputs: { loss, correct } };
  };
}

function map(weights: Weights, change: (value: Wide, name: string) => Wide): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, change(value, name)]));
}
