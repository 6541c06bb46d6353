/** The check of an options object, and that every public function of this package with one makes it. */

import { expect, test } from "vitest";
import * as nn from "./index.ts";
import { checkOptions, nearestName } from "./options.ts";

interface FitLike {
  readonly learningRate?: number;
  readonly batchSize?: number;
  readonly epochs?: number;
}

const known = { learningRate: true, batchSize: true, epochs: true } as const;

test("known options pass, absent ones too", () => {
  const given: FitLike[] = [{}, { epochs: 1 }, { learningRate: 1, batchSize: 2, epochs: 3 }];
  for (const options of given) expect(() => checkOptions("fit", options, known)).not.toThrow();
});

test("the compiler holds the known names to the type", () => {
  const options: FitLike = {};
  // @ts-expect-error epochs is missing
  checkOptions("fit", options, { learningRate: true, batchSize: true });
  // @ts-expect-error decay is none of them
  checkOptions("fit", options, { ...known, decay: true });
});

const all = "the options learningRate, batchSize and epochs";

test.each<[unknown, string]>([
  [{ lr: 0.5 }, `fit: received the unknown option "lr"; expected ${all}. Did you mean learningRate?`],
  [{ epochs: 1, epoch: 5 }, `fit: received the unknown option "epoch"; expected ${all}. Did you mean epochs?`],
  [{ batch_size: 5 }, `fit: received the unknown option "batch_size"; expected ${all}. Did you mean batchSize?`],
  [{ colour: 1 }, `fit: received the unknown option "colour"; expected ${all}.`],
  [{ constructor: 1 }, `fit: received the unknown option "constructor"; expected ${all}.`],
  [JSON.parse('{ "__proto__": 1 }'), `fit: received the unknown option "__proto__"; expected ${all}.`],
  [0.1, `fit: received options 0.1; expected an object with ${all}. Name the option: { learningRate: … }.`],
  [
    "x",
    `fit: received options "x" of type string; expected an object with ${all}. Name the option: { learningRate: … }.`,
  ],
  [null, `fit: received options null; expected an object with ${all}.`],
  [[], `fit: received options an array; expected an object with ${all}.`],
])("%j is refused", (options, message) => {
  expect(() => checkOptions("fit", options as FitLike, known)).toThrow(
    expect.objectContaining({ name: "ArgumentError", message }),
  );
});

test.each<[given: string, names: readonly string[], nearest: string | undefined]>([
  ["lr", ["learningRate", "momentum", "nesterov"], "learningRate"],
  ["learning_rate", ["learningRate", "momentum"], "learningRate"],
  ["LearningRate", ["learningRate", "momentum"], "learningRate"],
  ["momentun", ["learningRate", "momentum"], "momentum"],
  ["n_samples", ["samples", "noise", "seed", "shuffle"], "samples"],
  ["sample", ["samples", "noise"], "samples"],
  ["random_state", ["samples", "noise", "seed"], "seed"],
  ["random_seed", ["samples", "noise", "seed"], "seed"],
  ["nosie", ["samples", "noise", "seed"], "noise"],
  ["epoch", ["loss", "epochs"], "epochs"],
  ["num_epochs", ["loss", "epochs"], "epochs"],
  ["bs", ["batchSize", "epochs"], "batchSize"],
  ["validation_data", ["validation", "seed"], "validation"],
  ["val", ["validation", "seed"], "validation"],
  ["optimiser", ["loss", "optimizer"], "optimizer"],
  ["regulariser", ["regularizer", "seed"], "regularizer"],
  ["keepdims", ["axis", "keepDims"], "keepDims"],
  ["dim", ["axis", "keepDims"], "axis"],
  ["test_size", ["testSize", "seed"], "testSize"],
  ["size", ["testSize", "seed"], "testSize"],
  ["cluster_std", ["standardDeviation", "centers"], "standardDeviation"],
  ["n_splits", ["folds", "seed"], "folds"],
  ["centres", ["standardDeviation", "centers"], "centers"],
  ["zzz", ["folds", "seed"], undefined],
  ["", ["folds", "seed"], undefined],
])("%s among %j means %s", (given, names, nearest) => {
  expect(nearestName(given, names)).toBe(nearest);
});

const x = nn.zeros([2, 3]);
const labels = nn.tensor([0, 1], { dtype: "uint8" });
const scalar = nn.tensor(0, { dtype: "int32" });
const f = (y: nn.Tensor): nn.Tensor => y;

test.each<[name: string, call: (options: never) => unknown]>([
  ["tensor", (options) => nn.tensor([1], options)],
  ["zeros", (options) => nn.zeros([1], options)],
  ["ones", (options) => nn.ones([1], options)],
  ["full", (options) => nn.full([1], 2, options)],
  ["arange", (options) => nn.arange(2, options)],
  ["eye", (options) => nn.eye(2, options)],
  ["linspace", (options) => nn.linspace(0, 1, 3, options)],
  ["sum", (options) => nn.sum(x, options)],
  ["mean", (options) => nn.mean(x, options)],
  ["max", (options) => nn.max(x, options)],
  ["min", (options) => nn.min(x, options)],
  ["argmax", (options) => nn.argmax(x, options)],
  ["concat", (options) => nn.concat([x], options)],
  ["oneHot", (options) => nn.oneHot(labels, 2, options)],
  ["uniform", (options) => nn.uniform([2], Object.assign({ seed: scalar, step: scalar, stream: 0 }, options))],
  ["compile", (options) => nn.compile(f, options)],
  ["compileStep", (options) => nn.compileStep((state: nn.Tensor) => ({ state, outputs: state }), x, options)],
  ["wasm", (options) => nn.wasm(options)],
  ["normal", (options) => new nn.RandomState(0).normal(options)],
  ["uniform", (options) => new nn.RandomState(0).uniform(options)],
])("%s refuses an option that it does not have", (operation, call) => {
  expect(() => call({ nonsense: 1 } as never)).toThrow(
    expect.objectContaining({ name: "ArgumentError", operation, received: 'the unknown option "nonsense"' }),
  );
});
