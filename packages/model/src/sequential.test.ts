import { ArgumentError, DTypeError, type Shape, ShapeError, type Tensor, tensor, zeros } from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { CheckLayers } from "./check-layers.ts";
import {
  dense,
  dropout,
  flatten,
  type Layer,
  type Parameters,
  relu,
  rescaling,
  type Sequential,
  sequential,
  sigmoid,
  softmax,
  tanh,
  zeros as zeroValues,
} from "./index.ts";

/** The messages that the compiler gives for `Layers` after an input of shape `In`. */
type MessageOf<In extends Shape, Layers extends readonly unknown[]> = Messages<CheckLayers<In, Layers>>;
type Messages<Checks extends readonly unknown[]> = {
  [I in keyof Checks]: unknown extends Checks[I] ? never : Checks[I];
}[number];

describe("shapes through a model", () => {
  test("follow the layers", () => {
    const moons = sequential([2], dense(5), sigmoid(), dense(2));
    expectTypeOf(moons).toEqualTypeOf<Sequential<[2], [2]>>();
    expect(moons.outputShape).toEqual([2]);

    const mnist = sequential(
      [28, 28, 1],
      rescaling(1 / 255),
      flatten(),
      dense(256),
      relu(),
      dropout(0.5),
      dense(64),
      tanh(),
      dense(10),
      softmax(),
    );
    expectTypeOf(mnist).toEqualTypeOf<Sequential<[28, 28, 1], [10]>>();
    expect(mnist.layers.map((each) => each.outputShape)).toEqual([
      [28, 28, 1],
      [784],
      [256],
      [256],
      [256],
      [64],
      [64],
      [10],
      [10],
    ]);
    expectTypeOf(sequential([28, 28, 1], flatten())).toEqualTypeOf<Sequential<[28, 28, 1], [784]>>();
    const shape = [28, 28, 1] as const; // as a dataset's inputShape comes
    expectTypeOf(sequential(shape, flatten())).toEqualTypeOf<Sequential<[28, 28, 1], [784]>>();
    expectTypeOf(sequential([3])).toEqualTypeOf<Sequential<[3], [3]>>();
  });

  test("are left to the run where the compiler does not know them", () => {
    const units = [4, 3].at(0) as number;
    expectTypeOf(sequential([2], dense(units), relu())).toEqualTypeOf<Sequential<[2], [number]>>();
    const layers: Layer[] = [dense(4), relu()];
    expectTypeOf(sequential([2], ...layers)).toEqualTypeOf<Sequential<[2], Shape>>();
    const shape = [2] as number[];
    const open = sequential(shape, dense(3));
    expectTypeOf(open.outputShape).toEqualTypeOf<readonly [3]>();
    expect(sequential(shape, ...layers).outputShape).toEqual([4]);
  });

  test("type the tensors that a model takes and gives", () => {
    const model = sequential([2], dense(3));
    const parameters = model.initialize({ seed: 0, dtype: "float64" });
    expectTypeOf(parameters).toEqualTypeOf<Parameters<"float64">>();
    expectTypeOf(model.initialize({ seed: 0 })).toEqualTypeOf<Parameters<"float32">>();
    const y = model.apply(parameters, tensor([[1, 2]]));
    expectTypeOf(y).toEqualTypeOf<Tensor<[number, 3], "float64">>();
    // @ts-expect-error three features for a model of two
    expect(() => model.apply(parameters, tensor([[1, 2, 3]]))).toThrow(ShapeError);
  });
});

describe("a layer that does not fit", () => {
  test("dense after an image", () => {
    const message =
      "sequential: layer 2, dense(10): received an input of shape [28, 28, 1]; expected shape [features]. Add flatten() before it.";
    const layers = [rescaling(0.5), dense(10), relu()] as const;
    expectTypeOf<MessageOf<[28, 28, 1], typeof layers>>().toEqualTypeOf<typeof message>();
    // @ts-expect-error the message
    const build = (): unknown => sequential([28, 28, 1], rescaling(0.5), dense(10), relu());
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(
      expect.objectContaining({
        message,
        operation: "sequential: layer 2, dense(10)",
        received: "an input of shape [28, 28, 1]",
        expected: "shape [features]",
        fix: "Add flatten() before it.",
      }),
    );
  });

  test("softmax of a scalar", () => {
    const message =
      "sequential: layer 1, softmax(): received an input of shape []; expected shape [..., classes]. Add dense(classes) before it.";
    const layers = [softmax()] as const;
    expectTypeOf<MessageOf<[], typeof layers>>().toEqualTypeOf<typeof message>();
    // @ts-expect-error the message
    expect(() => sequential([], softmax())).toThrow(expect.objectContaining({ message }));
  });

  test("only the first of several is named, and it alone is an error", () => {
    const layers = [dense(4), dense(3)] as const;
    expectTypeOf<
      MessageOf<[2, 2], typeof layers>
    >().toEqualTypeOf<"sequential: layer 1, dense(4): received an input of shape [2, 2]; expected shape [features]. Add flatten() before it.">();
    const build = (): unknown =>
      sequential(
        [2, 2],
        // @ts-expect-error the first
        dense(4),
        dense(3),
      );
    expect(build).toThrow("layer 1, dense(4)");
  });
});

describe("bad arguments", () => {
  test.each([
    ["a factory instead of a layer", () => sequential([2], relu as never), "relu(), not relu"],
    ["no layer at all", () => sequential([2], undefined as never), "expected a layer"],
    ["a size of 0", () => sequential([0], dense(2)), "a size of inputShape 0"],
    ["a size that is no integer", () => sequential([2.5], dense(2)), "an integer of at least 1"],
    ["an unsigned seed above 32 bits", () => sequential([2]).initialize({ seed: 2 ** 32 }), "seed 4294967296"],
    ["a seed that is no integer", () => sequential([2]).initialize({ seed: 0.5 }), "seed 0.5"],
    ["a dtype without gradients", () => sequential([2]).initialize({ seed: 0, dtype: "int32" as never }), "int32"],
  ])("%s", (_, act, text) => {
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(text);
  });

  const model = sequential([2], dense(3));
  const good = model.initialize({ seed: 0 });
  const x = zeros([4, 2]);
  test.each<[string, unknown, new (...args: never[]) => Error, string]>([
    ["none", {}, ArgumentError, "received parameters none; expected dense1.weight, dense1.bias"],
    ["one missing", { "dense1.weight": good["dense1.weight"] }, ArgumentError, "received parameters dense1.weight;"],
    ["one too many", { ...good, "dense2.bias": zeros([3]) }, ArgumentError, "dense2.bias"],
    ["another shape", { ...good, "dense1.bias": zeros([4]) }, ShapeError, "parameter dense1.bias of shape [4]"],
    [
      "mixed dtypes",
      { ...good, "dense1.bias": zeros([3], { dtype: "float64" }) },
      DTypeError,
      "dense1.bias in float64",
    ],
    ["an integer", { ...good, "dense1.weight": zeros([2, 3], { dtype: "int32" }) }, DTypeError, "in int32"],
    [
      "no tensor",
      { ...good, "dense1.weight": [1, 2] },
      ArgumentError,
      "parameter dense1.weight, an array; expected a tensor",
    ],
  ])("parameters: %s", (_, parameters, kind, text) => {
    const act = (): unknown => model.apply(parameters as Parameters, x);
    expect(act).toThrow(kind);
    expect(act).toThrow(text);
  });
});

describe("initialize", () => {
  const model = sequential([4], dense(3), relu(), dense(3, { bias: false }), dense(2));

  test("names parameters by kind and count, in the order of the layers", () => {
    expect(Object.keys(model.initialize({ seed: 0 }))).toEqual([
      "dense1.weight",
      "dense1.bias",
      "dense2.weight",
      "dense3.weight",
      "dense3.bias",
    ]);
  });

  test("is a function of the seed; float32 is float64 rounded", () => {
    const values = (seed: number, dtype: "float32" | "float64"): number[][] =>
      Object.values(model.initialize({ seed, dtype })).map((each) => [...each.data]);
    expect(values(0, "float64")).toEqual(values(0, "float64"));
    expect(values(0, "float64")).not.toEqual(values(1, "float64"));
    expect(values(0, "float32")).toEqual(values(0, "float64").map((each) => each.map(Math.fround)));
  });

  test("takes other initialisers", () => {
    const zero = sequential([4], dense(3, { weightInitializer: zeroValues() })).initialize({ seed: 0 });
    expect(new Set(zero["dense1.weight"]!.data)).toEqual(new Set([0]));
  });
});

test("inputs are cast to the dtype of the parameters", () => {
  const model = sequential([2], dense(2));
  const parameters = model.initialize({ seed: 0, dtype: "float64" });
  const pixels = model.apply(parameters, tensor([[3, 250]], { dtype: "uint8" }));
  expect(pixels.dtype).toBe("float64");
  const floats = model.apply(parameters, tensor([[3, 250]], { dtype: "float64" }));
  expect(pixels.toArray()).toEqual(floats.toArray());
  expect(sequential([2], relu()).apply({}, tensor([[3, 250]], { dtype: "uint8" })).dtype).toBe("float32");
});
