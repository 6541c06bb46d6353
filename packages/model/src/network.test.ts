import {
  ArgumentError,
  DTypeError,
  fromArray,
  RandomState,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  dense,
  dropout,
  flatten,
  loadSafetensors,
  type Network,
  network,
  relu,
  rescaling,
  saveSafetensors,
  sequential,
  sigmoid,
} from "./index.ts";

const model = sequential([4, 4, 1], rescaling(1 / 255), flatten(), dense(8), relu(), dropout(0.5), dense(3));
const parameters = model.initialize({ seed: 0 });
const pixels = (count: number): Tensor<readonly [number, 4, 4, 1], "uint8"> =>
  fromArray(
    Uint8Array.from({ length: count * 16 }, (_, i) => (i * 37) % 256),
    [count, 4, 4, 1],
  );

describe("predict", () => {
  test.each([0, 1, 2, 5, 16, 17, 50])("%d examples in batches of 16: as the model gives them at once", (count) => {
    const net = network(model, parameters, { batchSize: 16 });
    const y = net.predict(pixels(count));
    expect([y.shape, y.dtype]).toEqual([[count, 3], "float32"]);
    expectAllClose(y, model.apply(parameters, pixels(count)), { rtol: 0 });
  });

  test("types", () => {
    const net = network(model, parameters);
    expectTypeOf(net).toEqualTypeOf<Network<[4, 4, 1], [3], "float32">>();
    expectTypeOf(net.predict(pixels(1))).toEqualTypeOf<Tensor<[number, 3], "float32">>();
    expectTypeOf(net.classify(pixels(1))).toEqualTypeOf<Tensor<[number], "int32">>();
  });

  test("after a save and a load, to the last bit", () => {
    const loaded = loadSafetensors(saveSafetensors(parameters)).parameters;
    const [a, b] = [network(model, loaded), network(model, parameters)].map((each) =>
      each.predict(pixels(9)).toArray(),
    );
    expect(a).toEqual(b);
  });

  test("keeps the parameters that it was given", () => {
    const own = model.initialize({ seed: 1 });
    const net = network(model, own);
    const before = net.predict(pixels(2)).toArray();
    net.predict(pixels(3));
    expect(net.predict(pixels(2)).toArray()).toEqual(before);
    expect(net.parameters).toBe(own);
    expect(net.model).toBe(model);
  });
});

describe("parameters that are no tensors", () => {
  test.each<[string, object, string, string]>([
    [
      "what structuredClone leaves of them",
      structuredClone(parameters),
      "parameter dense1.weight, what structuredClone or postMessage leaves of a tensor",
      "Send saveSafetensors(parameters)",
    ],
    [
      "what JSON carries",
      JSON.parse(JSON.stringify(parameters)),
      "parameter dense1.weight, a value of class Object",
      "Read it with fromJson.",
    ],
    [
      "a plain array",
      { ...parameters, "dense1.bias": [0] },
      "parameter dense1.bias, an array",
      "Make one with tensor(values).",
    ],
    ["nothing", { ...parameters, "dense1.bias": undefined }, "parameter dense1.bias, undefined", "Make one"],
  ])("%s", (_, given, received, fix) => {
    const act = (): unknown => network(model, given as never);
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(received);
    expect(act).toThrow(fix);
  });
});

describe("classify", () => {
  test("takes the largest of several outputs", () => {
    const net = network(model, parameters);
    const y = net.predict(pixels(20));
    const expected = Array.from({ length: 20 }, (_, i) => {
      const row = [...y.data.subarray(3 * i, 3 * i + 3)];
      return row.indexOf(Math.max(...row));
    });
    expect([...net.classify(pixels(20)).data]).toEqual(expected);
    expect(net.classify(pixels(20)).dtype).toBe("int32");
  });

  test.each([
    ["a logit above 0", sequential([2], dense(1))],
    ["a probability above ½", sequential([2], dense(1), sigmoid())],
  ])("reads %s as class 1", (_, single) => {
    const x = new RandomState(0).randn(30, 2);
    const weights = single.initialize({ seed: 2, dtype: "float64" });
    const logits = sequential([2], dense(1)).apply(weights, x);
    const expected = [...logits.data].map((value) => (value > 0 ? 1 : 0));
    expect(new Set(expected).size).toBe(2);
    expect([...network(single, weights).classify(x).data]).toEqual(expected);
  });

  test("wants one axis of outputs", () => {
    const image = sequential([2, 2], relu());
    expect(() => network(image, {}).classify(zeros([1, 2, 2]))).toThrow(ShapeError);
  });
});

test.each<[string, () => unknown, new (...args: never[]) => Error, string]>([
  [
    "another shape of inputs",
    () => network(model, parameters).predict(zeros([1, 4, 4]) as never),
    ShapeError,
    "expected [N, 4, 4, 1]",
  ],
  ["no batch axis", () => network(model, parameters).predict(zeros([]) as never), ShapeError, "inputs of shape []"],
  ["a batch size of 0", () => network(model, parameters, { batchSize: 0 }), ArgumentError, "batchSize 0"],
  ["no parameters", () => network(model, {}), ArgumentError, "expected dense1.weight"],
  [
    "integers for parameters",
    () =>
      network(sequential([1], dense(1, { bias: false })), {
        "dense1.weight": tensor([[1]], { dtype: "uint8" }) as Tensor<Shape>,
      }),
    DTypeError,
    "uint8",
  ],
])("%s is refused", (_, act, kind, text) => {
  expect(act).toThrow(kind);
  expect(act).toThrow(text);
});
