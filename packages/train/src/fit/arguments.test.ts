/** What every public function says to arguments that only JavaScript can pass. */

import { crossEntropy, dense, l2, network, sequential } from "@nn/model";
import { ones, tensor, wasm, zeros } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import { accuracyScore } from "../metrics/accuracy-score.ts";
import { confusionMatrix } from "../metrics/confusion-matrix.ts";
import { sgd } from "../optimizers/sgd.ts";
import { logRun } from "../run-log/log-run.ts";
import { createRunLog } from "../run-log.ts";
import { halfCircles } from "../test-data.ts";
import { evaluate } from "./evaluate.ts";
import { fit } from "./fit.ts";

/** Any value, past the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const wrong = (value: unknown): any => value;

const model = sequential([2], dense(2));
const data = halfCircles(4);
const options = { loss: crossEntropy(), optimizer: sgd(), epochs: 1 };
const untrained = network(model, model.initialize({ seed: 0 }));

describe("an unknown option is named, with the nearest known one", () => {
  test.each<[operation: string, option: string, nearest: string, call: (given: object) => unknown]>([
    ["fit", "epoch", "epochs", (given) => fit(model, data, wrong({ ...options, ...given }))],
    ["fit", "batch_size", "batchSize", (given) => fit(model, data, wrong({ ...options, ...given }))],
    ["fit", "validation_data", "validation", (given) => fit.events(model, data, wrong({ ...options, ...given }))],
    [
      "evaluate",
      "batchsize",
      "batchSize",
      (given) => evaluate(untrained, data, wrong({ loss: crossEntropy(), ...given })),
    ],
    ["sgd", "lr", "learningRate", (given) => sgd(wrong(given))],
    ["sgd", "Nesterov", "nesterov", (given) => sgd(wrong(given))],
    [
      "confusionMatrix",
      "classes",
      "classCount",
      (given) => confusionMatrix([0], [0], wrong({ classCount: 2, ...given })),
    ],
    ["logRun", "steps", "stepsPerRecord", (given) => logRun(wrong([]), wrong({}), wrong(given))],
    ["createRunLog", "flush", "flushEvery", (given) => createRunLog(wrong({}), wrong({ recipe: "x" }), wrong(given))],
  ])("%s, %s", async (operation, option, nearest, call) => {
    await expect((async () => call({ [option]: 1 }))()).rejects.toMatchObject({
      name: "ArgumentError",
      operation,
      received: `the unknown option "${option}"`,
      fix: `Did you mean ${nearest}?`,
    });
  });
});

const fitWith = (given: object) => () => fit(model, data, wrong({ ...options, ...given }));
const fitOn = (given: object) => () => fit(model, wrong({ ...data, ...given }), options);
const [batch] = data.batches({ batchSize: 4 });
const yielding = (changed: object) => fitOn({ batches: () => [{ ...batch, ...changed }] });
const bytes = { dtype: "uint8" } as const;

test.each<[name: string, call: () => unknown, error: object]>([
  ["epochs in a string", fitWith({ epochs: "5" }), { received: 'epochs "5" of type string' }],
  ["epochs in a bigint", fitWith({ epochs: 5n }), { received: "epochs 5n of type bigint" }],
  ["a boolean for epochs", fitWith({ epochs: true }), { received: "epochs true of type boolean" }],
  ["no epochs", fitWith({ epochs: undefined }), { received: "epochs undefined" }],
  ["a batch size in a string", fitWith({ batchSize: "2" }), { received: 'batchSize "2" of type string' }],
  ["a seed in a string", fitWith({ seed: "0" }), { received: 'seed "0" of type string' }],
  ["a seed of null", fitWith({ seed: null }), { received: "seed null" }],
  ["steps in a string", fitWith({ stepsPerEpoch: "1" }), { received: 'stepsPerEpoch "1" of type string' }],
  ["a string for shuffle", fitWith({ shuffle: "false" }), { received: 'shuffle "false" of type string' }],
  ["0 for shuffle", fitWith({ shuffle: 0 }), { received: "shuffle 0" }],
  ["another dtype", fitWith({ dtype: "float16" }), { name: "DTypeError", operation: "fit" }],
  ["a number for a regulariser", fitWith({ regularizer: 0.1 }), { received: "regularizer 0.1" }],
  ["a regulariser that was not called", fitWith({ regularizer: l2 }), { fix: "Call it: l2()." }],
  ["an optimiser that was not called", fitWith({ optimizer: sgd }), { fix: "Call it: sgd()." }],
  [
    "a backend that was not called",
    fitWith({ backend: wasm }),
    { received: "backend the function wasm", fix: "Call it: wasm()." },
  ],
  [
    "a controller for its signal",
    fitWith({ signal: new AbortController() }),
    { received: "signal a value of class AbortController" },
  ],
  [
    "no initial variables",
    fitWith({ initialVariables: {} }),
    { operation: "fit: initialVariables", received: "variables none", expected: "dense1.weight, dense1.bias" },
  ],
  ["initial variables of null", fitWith({ initialVariables: null }), { received: "initialVariables null" }],
  [
    "initial variables of another shape",
    fitWith({ initialVariables: { "dense1.weight": zeros([2, 2]), "dense1.bias": zeros([3]) } }),
    { name: "ShapeError", operation: "fit: initialVariables", received: "variable dense1.bias of shape [3]" },
  ],
  ["a size in a string", fitOn({ size: "4" }), { received: 'size of the data "4" of type string' }],
  [
    "no target",
    fitOn({ target: undefined }),
    { received: "data without a target", expected: "classes(K), values(shape) or flags(K)" },
  ],
  ["a target of another kind", fitOn({ target: { kind: "ranks" } }), { received: 'a target of kind "ranks"' }],
  [
    "a shape of values that is a number",
    fitOn({ target: { kind: "values", shape: 2 } }),
    { received: "shape of the target 2" },
  ],
  ["values without a shape", fitOn({ target: { kind: "values" } }), { received: "shape of the target undefined" }],
  [
    "a class count in a string",
    fitOn({ target: { kind: "classes", count: "2" } }),
    { received: 'count of the target "2" of type string' },
  ],
  ["batches that are no function", fitOn({ batches: [batch] }), { expected: "an array of sizes and a function" }],
  ["an input shape that is a number", fitOn({ inputShape: 2 }), { expected: "an array of sizes and a function" }],
  ["batches() without a result", fitOn({ batches: () => undefined }), { received: "batches() that gave undefined" }],
  [
    "batches() with a promise",
    fitOn({ batches: async () => [batch] }),
    { received: "batches() that gave a value of class Promise" },
  ],
  ["batches of null", fitOn({ batches: () => [null] }), { received: "batch 1 null" }],
  ["batches that are pairs", fitOn({ batches: () => [[[[1, 2]], [0]]] }), { received: "batch 1 an array" }],
  [
    "batches of plain inputs",
    yielding({ inputs: [[1, 2]] }),
    { operation: "fit", received: "inputs of batch 1 an array" },
  ],
  ["batches of plain labels", yielding({ targets: [0, 1, 0, 1] }), { received: "labels of batch 1 an array" }],
  [
    "labels of shape [4, 1]",
    yielding({ targets: zeros([4, 1], bytes) }),
    { name: "ShapeError", received: "labels of shape [4, 1] in batch 1", expected: "[4], a class number for each row" },
  ],
  ["labels of shape [2, 2]", yielding({ targets: zeros([2, 2], bytes) }), { name: "ShapeError" }],
  [
    "labels in float32",
    yielding({ targets: zeros([4]) }),
    { name: "DTypeError", received: "labels in float32 in batch 1" },
  ],
  [
    "inputs of another shape than announced",
    yielding({ inputs: zeros([4, 3]) }),
    { name: "ShapeError", received: "inputs of shape [4, 3] in batch 1", expected: "[4, 2]" },
  ],
  ["a model for a network", () => evaluate(wrong(model), data, options as never), { operation: "evaluate" }],
  ["no network", () => evaluate(wrong(undefined), data, { loss: crossEntropy() }), { received: "network undefined" }],
  [
    "no options",
    () => evaluate(untrained, data, wrong(undefined)),
    { operation: "evaluate", received: "options undefined" },
  ],
  ["no loss", () => evaluate(untrained, data, wrong({})), { operation: "evaluate", received: "loss undefined" }],
  [
    "a batch size in a string for evaluate",
    () => evaluate(untrained, data, wrong({ loss: crossEntropy(), batchSize: "2" })),
    { operation: "evaluate", received: 'batchSize "2" of type string' },
  ],
  [
    "variables of another model",
    () => evaluate(wrong({ model, variables: {} }), data, { loss: crossEntropy() }),
    { operation: "evaluate", received: "variables none" },
  ],
  [
    "no labels",
    () => accuracyScore(wrong(undefined), [0]),
    { operation: "accuracyScore", received: "labels undefined" },
  ],
  ["no predictions", () => accuracyScore([0], wrong(undefined)), { received: "predictions undefined" }],
  [
    "labels in strings",
    () => accuracyScore(wrong(["0"]), wrong(["0"])),
    { received: 'label "0" of type string in row 0' },
  ],
  [
    "labels in bigints",
    () => accuracyScore(wrong([1n]), wrong([1n])),
    { received: "label 1n of type bigint in row 0" },
  ],
  ["labels in one string", () => accuracyScore(wrong("01"), [0, 1]), { received: 'labels "01" of type string' }],
  [
    "labels in booleans",
    () => accuracyScore([0], wrong([false])),
    { received: "prediction false of type boolean in row 0" },
  ],
  [
    "labels in columns",
    () => accuracyScore(wrong([[0], [1]]), [0, 1]),
    { name: "ShapeError", received: "labels of shape [2, 1]" },
  ],
  [
    "labels in a tensor of columns",
    () => accuracyScore(tensor([[0], [1]], bytes), [0, 1]),
    { name: "ShapeError", fix: "Drop the last axis: reshape(labels, [rows])." },
  ],
  ["scores for predictions", () => confusionMatrix([0, 1], ones([2, 2]), { classCount: 2 }), { name: "ShapeError" }],
  [
    "a class count in a string",
    () => confusionMatrix([0], [0], wrong({ classCount: "2" })),
    { received: 'classCount "2" of type string' },
  ],
  ["no class count", () => confusionMatrix([0], [0], wrong(undefined)), { received: "options undefined" }],
])("%s: an error like the others", async (_, call, error) => {
  const refused = (async () => call())();
  await expect(refused).rejects.toMatchObject({ expected: expect.any(String), ...error });
  await expect(refused).rejects.toThrow(/^[^\n]{1,300}$/);
});
