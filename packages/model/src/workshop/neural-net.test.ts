import { ArgumentError, DTypeError, fromArray, RandomState, ShapeError, type Tensor, tensor, zeros } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/workshop.json" with { type: "json" };
import { NeuralNet, type Rows } from "../workshop.ts";
import { expectLosses } from "./test-runs.ts";

describe("the losses of the same code and seed in NumPy", () => {
  test.each(golden.runs.filter(({ iterations }) => iterations <= 1000))(
    "$moons, net seed $netSeed, $iterations iterations",
    expectLosses,
  );
});

describe("backward", () => {
  test("gives the gradient of the summed loss", () => {
    const net = new NeuralNet({ inputDim: 3, hiddenDim: 4, outputDim: 3, random: new RandomState(1) });
    const x = new RandomState(2).randn(5, 3);
    const y = tensor([0, 2, 1, 1, 0], { dtype: "uint8" });
    net.forward(x);
    const gradients = net.backward(y);
    expect(Object.values(gradients).map((each) => each.shape)).toEqual([
      [4, 3],
      [1, 3],
      [3, 4],
      [1, 4],
    ]);
    for (const name of ["W1", "b1", "W2", "b2"] as const) {
      const { data, shape } = net[name];
      const lossWith = (changed: Float64Array): number => {
        const kept = net[name];
        net[name] = fromArray(changed, shape) as typeof kept;
        const loss = 5 * net.getLoss(net.forward(x), y);
        net[name] = kept;
        return loss;
      };
      const numeric = data.map(
        (value, i) => (lossWith(data.with(i, value + 1e-5)) - lossWith(data.with(i, value - 1e-5))) / 2e-5,
      );
      expectAllClose(gradients[`d${name}`], { shape, data: numeric }, { rtol: 1e-8, atol: 1e-9 });
    }
  });

  test("wants a forward pass before it", () => {
    const net = new NeuralNet({ random: new RandomState(0) });
    expect(() => net.backward(tensor([0], { dtype: "uint8" }))).toThrow(ArgumentError);
  });
});

describe("steps as the workshop takes them", () => {
  const net = new NeuralNet({ random: new RandomState(0) });
  const x = new RandomState(1).randn(4, 2);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });

  test("the first weights are rand / √fan_in, W1 drawn before W2", () => {
    const random = new RandomState(0);
    expect([...net.W1.data]).toEqual([...random.rand(2, 5).data].map((u) => u / Math.sqrt(2)));
    expect([...net.W2.data]).toEqual([...random.rand(5, 2).data].map((u) => u / Math.sqrt(5)));
    expect([...net.b1.data, ...net.b2.data]).toEqual(Array(7).fill(0));
  });

  test("forward gives probabilities and fills the cache", () => {
    expect(net.cache).toBeUndefined();
    const probs = net.forward(x);
    expect(probs.shape).toEqual([4, 2]);
    for (let row = 0; row < 4; row++) expect(probs.data[2 * row]! + probs.data[2 * row + 1]!).toBeCloseTo(1, 15);
    expect(net.cache).toMatchObject({ a0: x, a2: probs });
    expect(net.cache!.a1.shape).toEqual([4, 5]);
  });

  test("training brings the loss down and predict gives classes", () => {
    const before = net.getLoss(net.forward(x), y);
    net.train(x, y, { iterations: 2000, learningRate: 0.5 });
    expect(net.getLoss(net.forward(x), y)).toBeLessThan(before / 10);
    expect([...net.predict(x).data]).toEqual([...y.data]);
  });

  test("a probability of 0 costs infinity, not NaN", () => {
    const probs = tensor([[1, 0]], { dtype: "float64" });
    expect(net.getLoss(probs, tensor([1], { dtype: "uint8" }))).toBe(Infinity);
    expect(net.getLoss(probs, tensor([0], { dtype: "uint8" }))).toBe(0);
  });

  test("logits that would overflow e^x", () => {
    const wide = new NeuralNet({ random: new RandomState(0) });
    wide.W2 = zeros([5, 2], { dtype: "float64" });
    wide.b2 = tensor([[900, 0]], { dtype: "float64" });
    expect([...wide.forward(x).data.slice(0, 2)]).toEqual([1, 0]);
  });
});

describe("bad arguments", () => {
  const random = new RandomState(0);
  const net = new NeuralNet({ random });
  const x = random.rand(3, 2);
  const y = tensor([0, 1, 0], { dtype: "uint8" });
  const bad = (data: number[], shape: number[]): Rows => fromArray(Float64Array.from(data), shape) as Tensor as Rows;

  test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
    ["no hidden neuron", () => new NeuralNet({ hiddenDim: 0, random }), ArgumentError, "hiddenDim 0"],
    ["half a class", () => new NeuralNet({ outputDim: 1.5, random }), ArgumentError, "outputDim 1.5"],
    ["another number of features", () => net.forward(bad([1, 2, 3], [1, 3])), ShapeError, "matmul"],
    ["float32", () => net.forward(tensor([[1, 2]]) as never), DTypeError, "float64"],
    ["a label that is no class", () => net.train(x, tensor([0, 2, 0], { dtype: "uint8" })), ArgumentError, "label 2"],
    ["a label below 0", () => net.train(x, tensor([0, -1, 0], { dtype: "int32" })), ArgumentError, "label -1"],
    ["fewer labels", () => net.train(x, tensor([0], { dtype: "uint8" })), ShapeError, "labels"],
    [
      "no examples",
      () => net.train(zeros([0, 2], { dtype: "float64" }), zeros([0], { dtype: "uint8" })),
      ShapeError,
      "at least one",
    ],
    ["NaN in the data", () => net.train(bad([1, 2, Number.NaN, 4, 5, 6], [3, 2]), y), ArgumentError, "NaN in row 1"],
    ["∞ in the data", () => net.train(bad([1, 2, 3, 4, 5, -Infinity], [3, 2]), y), ArgumentError, "-Infinity in row 2"],
    ["a learning rate of 0", () => net.train(x, y, { learningRate: 0 }), ArgumentError, "learningRate 0"],
    ["an infinite learning rate", () => net.update(y, Infinity), ArgumentError, "learningRate Infinity"],
    ["a learning rate of NaN", () => net.train(x, y, { learningRate: Number.NaN }), ArgumentError, "learningRate NaN"],
    ["half an iteration", () => net.train(x, y, { iterations: 0.5 }), ArgumentError, "iterations 0.5"],
    [
      "a loss of fewer labels",
      () => net.getLoss(net.forward(x), tensor([0], { dtype: "uint8" })),
      ShapeError,
      "labels",
    ],
  ])("%s", (_, act, kind, text) => {
    expect(act).toThrow(kind);
    expect(act).toThrow(text);
  });
});
