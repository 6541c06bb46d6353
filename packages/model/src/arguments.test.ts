/** What every public function says to arguments that only JavaScript can pass. */

import { ones, RandomState, tensor, zeros } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import * as model from "./index.ts";
import { NeuralNet, Perceptron } from "./workshop.ts";

const { crossEntropy, dense, network, relu, sequential } = model;

/** Any value, past the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const wrong = (value: unknown): any => value;

const net = sequential([2], dense(3), relu(), dense(2));
const variables = net.initialize({ seed: 0 });
const rows = zeros([4, 2], { dtype: "float64" });
const labels = zeros([4], { dtype: "uint8" });
const random = new RandomState(0);

describe("an unknown option is named, with the nearest known one", () => {
  test.each<[operation: string, option: string, nearest: string | undefined, call: (options: object) => unknown]>([
    ["dense", "use_bias", "bias", (options) => dense(2, wrong(options))],
    ["dense", "kernelInitializer", "weightInitializer", (options) => dense(2, wrong(options))],
    ["crossEntropy()", "reduce", "reduction", (options) => crossEntropy(wrong(options))],
    ["binaryCrossEntropy()", "reducton", "reduction", (options) => model.binaryCrossEntropy(wrong(options))],
    ["network", "batch_size", "batchSize", (options) => network(net, variables, wrong(options))],
    ["initialize", "random_state", "seed", (options) => net.initialize(wrong({ seed: 0, ...options }))],
    ["Perceptron", "input_dim", "inputDim", (options) => new Perceptron(wrong(options))],
    [
      "Perceptron.train",
      "epochs",
      "maxEpochs",
      (options) => new Perceptron({ inputDim: 2 }).train(rows, labels, wrong(options)),
    ],
    ["NeuralNet", "seed", undefined, (options) => new NeuralNet(wrong({ random, ...options }))],
    [
      "NeuralNet.train",
      "lr",
      "learningRate",
      (options) => new NeuralNet({ random }).train(rows, labels, wrong(options)),
    ],
    [
      "checkGradients",
      "eps",
      "epsilon",
      (options) =>
        model.checkGradients(
          net,
          crossEntropy(),
          wrong({ variables, inputs: zeros([4, 2]), targets: labels, ...options }),
        ),
    ],
  ])("%s, %s", (operation, option, nearest, call) => {
    expect(() => call({ [option]: 1 })).toThrow(
      expect.objectContaining({
        name: "ArgumentError",
        operation,
        received: `the unknown option "${option}"`,
        fix: nearest && `Did you mean ${nearest}?`,
      }),
    );
  });
});

const trained = network(net, variables);

test.each<[name: string, call: () => unknown, error: object]>([
  ["units in a string", () => dense(wrong("5")), { operation: "dense", received: 'units "5" of type string' }],
  ["units in a bigint", () => dense(wrong(5n)), { operation: "dense", received: "units 5n of type bigint" }],
  ["a bias that is no boolean", () => dense(5, wrong({ bias: "no" })), { received: 'bias "no" of type string' }],
  [
    "an initialiser that was not called",
    () => dense(5, wrong({ weightInitializer: model.heNormal })),
    { received: "weightInitializer the function heNormal", fix: "Call it: heNormal()." },
  ],
  ["a rate in a string", () => model.dropout(wrong("0.5")), { received: 'rate "0.5" of type string' }],
  ["a scale in a string", () => model.rescaling(wrong("2")), { received: 'scale "2" of type string' }],
  ["an offset of null", () => model.rescaling(1, wrong(null)), { received: "offset null" }],
  ["a strength in a string", () => model.l2(wrong("0.1")), { received: 'strength "0.1" of type string' }],
  ["bounds in strings", () => model.uniform(wrong("0"), 1), { received: 'low "0" of type string' }],
  ["bounds in the wrong order", () => model.uniform(2, 1), { received: "high 1" }],
  ["another reduction", () => crossEntropy(wrong({ reduction: 1n })), { received: "reduction 1n of type bigint" }],
  ["a batch size in a string", () => network(net, variables, wrong({ batchSize: "1" })), { operation: "network" }],
  ["a seed in a string", () => net.initialize(wrong({ seed: "1" })), { received: 'seed "1" of type string' }],
  [
    "a seed for options",
    () => net.initialize(wrong(1)),
    { received: "options 1", fix: "Name the option: { seed: … }." },
  ],
  ["no options", () => net.initialize(wrong(undefined)), { operation: "initialize", received: "options undefined" }],
  [
    "another dtype",
    () => net.initialize(wrong({ seed: 0, dtype: 32 })),
    { name: "DTypeError", received: "dtype 32", expected: "float32 or float64" },
  ],
  [
    "layers without a shape",
    () => wrong(sequential)(dense(4)),
    { operation: "sequential", received: "the layer dense(4) as inputShape" },
  ],
  ["a number for a shape", () => sequential(wrong(2), dense(4)), { received: "inputShape 2" }],
  ["a string for a shape", () => sequential(wrong("22"), dense(4)), { received: 'inputShape "22" of type string' }],
  ["nothing", () => wrong(sequential)(), { received: "inputShape undefined" }],
  ["sizes in strings", () => sequential(wrong(["2"])), { received: 'a size of inputShape "2" of type string' }],
  [
    "a layer that was not called",
    () => sequential([2], wrong(relu)),
    {
      operation: "sequential: layer 1",
      received: "the function relu",
      expected: "a layer",
      fix: "Call the factory: relu(), not relu.",
    },
  ],
  [
    "a list of layers",
    () => sequential([2], wrong([dense(2), relu()])),
    { received: "an array", fix: "Spread the array: sequential(inputShape, ...layers)." },
  ],
  [
    "a layer of null",
    () => sequential([2], dense(2), wrong(null)),
    { operation: "sequential: layer 2", received: "null" },
  ],
  ["plain inputs for apply", () => net.apply(variables, wrong([[1, 2]])), { received: "inputs an array" }],
  ["no variables", () => net.apply(wrong(undefined), zeros([1, 2])), { received: "variables undefined" }],
  [
    "a flag for a context",
    () => net.apply(variables, zeros([1, 2]), wrong(true)),
    { received: "context true of type boolean" },
  ],
  ["no model", () => network(wrong(undefined), variables), { operation: "network", received: "model undefined" }],
  ["null for variables", () => network(net, wrong(null)), { operation: "network", received: "variables null" }],
  ["no inputs", () => trained.predict(wrong(undefined)), { operation: "predict", received: "inputs undefined" }],
  [
    "a typed array for inputs",
    () => trained.classify(wrong(Float32Array.of(1, 2))),
    { received: "inputs a value of class Float32Array", fix: "Give it a shape: fromArray(values, shape)." },
  ],
  [
    "uneven inputs",
    () => trained.predict(wrong([[1, 2], [3]])),
    { name: "ShapeError", received: "inputs with a row of 1 items" },
  ],
  ["one row for many", () => trained.predict(wrong([1, 2])), { name: "ShapeError", received: "inputs of shape [2]" }],
  ["wide rows", () => trained.predict([[1, 2, 3]]), { name: "ShapeError", received: "inputs of shape [1, 3]" }],
  ["no variables to hash", () => model.weightsSha256(wrong(undefined)), { received: "tensors undefined" }],
  ["arrays to hash", () => model.weightsSha256(wrong({ w: [1] })), { received: "tensor w an array" }],
  ["a network for a model", () => model.summary(wrong(trained)), { operation: "summary" }],
  [
    "plain labels for a loss",
    () => crossEntropy().apply(ones([2, 2]), wrong([0, 1])),
    { received: "targets an array" },
  ],
  [
    "labels of two axes for a loss",
    () => crossEntropy().apply(ones([4, 2]), wrong(zeros([4, 1], { dtype: "uint8" }))),
    { name: "ShapeError", received: "outputs of shape [4, 2] and labels of shape [4, 1]" },
  ],
  ["no options for Perceptron", () => new Perceptron(wrong(undefined)), { received: "options undefined" }],
  [
    "plain rows for Perceptron",
    () => new Perceptron({ inputDim: 2 }).predict(wrong([[1, 2]])),
    { operation: "Perceptron.predict", received: "x an array" },
  ],
  [
    "a learning rate in a string",
    () => new Perceptron({ inputDim: 2 }).train(rows, labels, wrong({ learningRate: "0.1" })),
    { received: 'learningRate "0.1" of type string' },
  ],
  [
    "labels of two axes for Perceptron",
    () => new Perceptron({ inputDim: 2 }).train(rows, wrong(zeros([4, 1], { dtype: "uint8" }))),
    { name: "ShapeError", received: "rows of shape [4, 2] and labels of shape [4, 1]" },
  ],
  [
    "a seed for a random state",
    () => new NeuralNet(wrong({ random: 0 })),
    { operation: "NeuralNet", received: "random 0", expected: "a RandomState, such as new RandomState(0)" },
  ],
  [
    "plain labels for NeuralNet",
    () => new NeuralNet({ random }).train(rows, wrong([0, 0, 0, 0])),
    { operation: "NeuralNet.train", received: "labels an array" },
  ],
  [
    "labels of two axes for NeuralNet",
    () => {
      const workshop = new NeuralNet({ random });
      workshop.forward(rows);
      workshop.backward(wrong(zeros([4, 1], { dtype: "uint8" })));
    },
    { operation: "NeuralNet.backward", received: "rows of shape [4, 2] and labels of shape [4, 1]" },
  ],
])("%s: an error like the others", (_, call, error) => {
  expect(call).toThrow(expect.objectContaining({ expected: expect.any(String), ...error }));
  // One line that a reader takes in: no source of a function, no dump of an object.
  expect(call).toThrow(/^[^\n]{1,250}$/);
});

test("predict and classify take nested arrays, in the dtype of the variables", () => {
  const wide = network(net, net.initialize({ seed: 0, dtype: "float64" }));
  const values = [
    [0.1, 0.2],
    [0.3, -0.4],
  ];
  for (const [each, dtype] of [
    [trained, "float32"],
    [wide, "float64"],
  ] as const) {
    expect(each.predict(values)).toEqual(each.predict(tensor(values, { dtype }) as never));
    expect(each.classify(values)).toEqual(each.classify(tensor(values, { dtype }) as never));
  }
  // @ts-expect-error one level too few
  expect(() => trained.predict([1, 2])).toThrow("predict: received inputs of shape [2]; expected [N, 2]");
});
