/** Residual, parallel and functional models: values, shapes at both times, nesting, names and random numbers. */

import {
  ArgumentError,
  add as addTensors,
  concat,
  DTypeError,
  fromArray,
  multiply as multiplyTensors,
  RandomState,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  add,
  batchNorm,
  checkGradients,
  concatenate,
  crossEntropy,
  defineLayer,
  dense,
  dropout,
  flatten,
  input,
  type Model,
  model,
  multiply,
  network,
  parallel,
  randomKey,
  relu,
  residual,
  type Shapes,
  sequential,
  summary,
  tanh,
  type Variables,
  zeros as zeroValues,
} from "../index.ts";

const scalar = (value: number): Tensor<[], "int32"> => tensor(value, { dtype: "int32" }) as Tensor<[], "int32">;
const training = (seed = 1, step = 2) => ({ training: true, key: randomKey(scalar(seed), scalar(step)) }) as const;
const x = new RandomState(3).randn(5, 4);
const init = <In extends Shapes, Out extends Shapes>(of: Model<In, Out>) =>
  of.initialize({ seed: 0, dtype: "float64" });
/** The variables below `path`, without it. */
const below = (variables: Variables<"float64">, path: string): Variables<"float64"> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      name.startsWith(`${path}.`) ? [[name.slice(path.length + 1), value]] : [],
    ),
  );

describe("residual", () => {
  const body = sequential([4], dense(4), tanh(), dense(4));

  test("is the body and its input, added", () => {
    const block = residual(body);
    expectTypeOf(block.outputShape).toEqualTypeOf<[4]>();
    const variables = init(block);
    const expected = addTensors(body.apply(below(variables, "sequential1"), x), x);
    expect(block.apply(variables, x).toArray()).toEqual(expected.toArray());
  });

  test("takes a shortcut where the body changes the shape", () => {
    const block = residual(sequential([4], dense(3)), dense(3));
    expect(Object.keys(block.variables())).toEqual([
      "sequential1.dense1.weight",
      "sequential1.dense1.bias",
      "dense1.weight",
      "dense1.bias",
    ]);
    expect(block.outputShape).toEqual([3]);
    expect(() => residual(sequential([4], dense(3)))).toThrow(
      "residual: received shapes [3] and [4]; expected branches of one shape.",
    );
  });

  test("is a layer of a model, with the same message at both times where it does not fit", () => {
    const whole = sequential([4], dense(4), residual(body), dense(2));
    expectTypeOf(whole.outputShape).toEqualTypeOf<[2]>();
    const message =
      "sequential: layer 1, residual(…): received an input of shape [5]; expected shape [4], the input of the model. Make the model for the shape before it.";
    // @ts-expect-error the message
    const build = () => sequential([5], residual(body));
    expect(build).toThrow(expect.objectContaining({ name: "ShapeError", message }));
  });
});

describe("parallel", () => {
  const branches = [sequential([4], dense(3), tanh()), dense(2)] as const;

  test("lays branches side by side", () => {
    const both = parallel("concatenate", ...branches);
    expectTypeOf(both.outputShape).toEqualTypeOf<[5]>();
    const variables = init(both);
    const expected = concat(
      [
        branches[0].apply(below(variables, "sequential1"), x),
        sequential([4], dense(2)).apply(
          { "dense1.weight": variables["dense1.weight"]!, "dense1.bias": variables["dense1.bias"]! },
          x,
        ),
      ] as Tensor[],
      { axis: 1 },
    );
    expect(both.apply(variables, x).toArray()).toEqual(expected.toArray());
  });

  test("adds and multiplies", () => {
    const same = [sequential([4], tanh()), relu()] as const;
    const [a, b] = [sequential([4], tanh()).apply({}, x), sequential([4], relu()).apply({}, x)] as Tensor[];
    expect(
      parallel("add", ...same)
        .apply({}, x)
        .toArray(),
    ).toEqual(addTensors(a!, b!).toArray());
    expect(
      parallel("multiply", ...same)
        .apply({}, x)
        .toArray(),
    ).toEqual(multiplyTensors(a!, b!).toArray());
  });

  test.each<[string, () => unknown, string]>([
    ["another kind of merge", () => parallel("join" as never, branches[0]), '"add", "multiply", "concatenate"'],
    ["a layer first", () => parallel("add", dense(2) as never), "a first branch that is no model"],
    ["branches of several shapes", () => parallel("add", sequential([4], dense(3)), dense(2)), "shapes [3] and [2]"],
    [
      "a branch that does not fit",
      () => parallel("add", sequential([2, 2], flatten()), dense(4)),
      "parallel: branch 2, dense(4): received an input of shape [2, 2]",
    ],
  ])("refuses %s", (_, act, text) => {
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(text);
  });
});

describe("functional models", () => {
  const image = input([2, 2]);
  const about = input([3]);
  const joined = concatenate(dense(4)(flatten()(image)), dense(2)(about));
  const both = model({ image, about }, dense(3)(joined));
  const inputs = { image: new RandomState(0).randn(6, 2, 2), about: new RandomState(1).randn(6, 3) };

  test("have the shapes of their nodes in their types", () => {
    expectTypeOf(joined.shape).toEqualTypeOf<[6]>();
    expectTypeOf(both.inputShape).toExtend<{ readonly image: [2, 2]; readonly about: [3] }>();
    expectTypeOf(both.outputShape).toExtend<[3]>();
    expect(both.inputShape).toEqual({ image: [2, 2], about: [3] });
    expect(both.outputShape).toEqual([3]);
  });

  test("compute what their layers do", () => {
    const variables = init(both);
    const part = (name: string, layer: Model<[4] | [3] | [6], Shape>, of: Tensor): Tensor =>
      layer.apply(
        { "dense1.weight": variables[`${name}.weight`]!, "dense1.bias": variables[`${name}.bias`]! },
        of as never,
      ) as Tensor;
    const left = part("dense1", sequential([4], dense(4)) as never, fromArray(inputs.image.data, [6, 4]));
    const right = part("dense2", sequential([3], dense(2)) as never, inputs.about);
    const expected = part("dense3", sequential([6], dense(3)) as never, concat([left, right], { axis: 1 }) as Tensor);
    expect(both.apply(variables, inputs).toArray()).toEqual(expected.toArray());
    expect(network(both, variables).predict(inputs).toArray()).toEqual(expected.toArray());
    expect(network(both, variables, { batchSize: 4 }).classify(inputs).shape).toEqual([6]);
  });

  test("have right gradients in every variable", () => {
    const errors = checkGradients(both, crossEntropy(), {
      variables: init(both),
      inputs,
      targets: tensor([0, 1, 2, 0, 1, 2], { dtype: "uint8" }),
    });
    expect(Object.keys(errors)).toHaveLength(6);
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-8);
  });

  test("give several outputs by name, and nest", () => {
    const start = input([4]);
    const hidden = tanh()(dense(3)(start));
    const two = model(start, { kind: dense(2)(hidden), size: dense(1)(hidden) });
    expectTypeOf(two.outputShape).toExtend<{ readonly kind: [2]; readonly size: [1] }>();
    const outputs = two.apply(init(two), x);
    expect([outputs.kind.shape, outputs.size.shape]).toEqual([
      [5, 2],
      [5, 1],
    ]);
    const outer = input([4]);
    const parts = two(outer as never) as unknown as { kind: never; size: never };
    const nested = model(outer, concatenate(parts.kind, parts.size));
    const variables = init(nested);
    const inner = two.apply(below(variables, "model1"), x);
    expect(nested.apply(variables, x).toArray()).toEqual(
      concat([inner.kind, inner.size] as Tensor[], { axis: 1 }).toArray(),
    );
    expect(network(two, init(two)).predict(x).size.shape).toEqual([5, 1]);
  });

  test("a layer called twice shares its variables, and their gradients add up", () => {
    const shared = dense(4);
    const [a, b] = [input([4]), input([4])];
    const twin = model({ a, b }, multiply(tanh()(shared(a)), shared(b)));
    expect(Object.keys(twin.variables())).toEqual(["dense1.weight", "dense1.bias"]);
    const variables = init(twin);
    const once = sequential([4], dense(4)).apply(variables as never, x);
    const other = new RandomState(8).randn(5, 4);
    const expected = multiplyTensors(
      sequential([4], dense(4), tanh()).apply(variables as never, x) as Tensor,
      sequential([4], dense(4)).apply(variables as never, other) as Tensor,
    );
    expect(once.shape).toEqual([5, 4]);
    expect(twin.apply(variables, { a: x, b: other }).toArray()).toEqual(expected.toArray());
    const errors = checkGradients(twin, crossEntropy(), {
      variables,
      inputs: { a: x, b: other },
      targets: tensor([0, 1, 2, 3, 0], { dtype: "uint8" }),
    });
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-8);
  });

  test.each<[string, () => unknown, string]>([
    [
      "a layer that does not fit",
      () => dense(3)(input([2, 2]) as never),
      "dense(3): received an input of shape [2, 2]; expected shape [features]. Add flatten() before it.",
    ],
    ["an input that is not listed", () => model(input([3]), joined), "need an input of shape [2, 2]"],
    [
      "an input that nothing needs",
      () => model({ image, about, more: input([1]) }, joined),
      "input.more, which no output needs",
    ],
    ["no outputs", () => model(about, {}), "no outputs"],
    ["one node under two names", () => model({ a: about, b: about }, about), "one node as input.a and input.b"],
    ["a tensor for a node", () => dense(3)(zeros([2, 3]) as never), "expected a node"],
    ["nothing to add", () => add(about as never, undefined as never), "received undefined; expected two nodes"],
    ["an array of nodes", () => concatenate([about, about] as never), "Spread the array: concatenate(...nodes)."],
    ["no shape", () => input(undefined as never), "input: received shape undefined"],
    ["a number for a shape", () => input(2 as never), "input([2])"],
    ["no body", () => residual(undefined as never), "residual: received a first branch that is no model"],
    ["no branches", () => (parallel as never as (kind: string) => unknown)("add"), "parallel: received a first branch"],
    [
      "a branch that is no layer",
      () => parallel("add", sequential([3], relu()), undefined as never),
      "parallel: branch 2: received undefined; expected a layer",
    ],
    [
      "a factory around a body",
      () => residual(sequential([3], relu()), relu as never),
      "residual: branch 2: received the function relu",
    ],
    ["shapes that do not add up", () => add(about, image as never), "shapes [3] and [2, 2]"],
    ["shapes that do not lie side by side", () => concatenate(about, image as never), "differ in their last size only"],
    [
      "a layer shared between shapes",
      () => {
        const l = dense(2);
        return model({ about, image }, add(l(about), l(flatten()(image))));
      },
      "for which its variables would have other shapes",
    ],
    ["several inputs as one node", () => both(about as never), "no node for input image"],
  ])("refuse %s", (_, act, text) => {
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(text);
  });

  test("outputs of a nested model may be called output and buffers", () => {
    const x = input([2]);
    const inner = model(x, { output: dense(2)(x), buffers: dense(3)(x) });
    const y = input([2]);
    const { output, buffers } = inner(y);
    const outer = model(y, concatenate(output, buffers));
    const variables = outer.initialize({ seed: 0 });
    expect(outer.apply(variables, zeros([4, 2])).shape).toEqual([4, 5]);
  });

  test("say at the call what the compiler says", () => {
    // @ts-expect-error dense(3): received an input of shape [2, 2]; …
    expect(() => dense(3)(image)).toThrow(ShapeError);
    // @ts-expect-error add(): received shapes [3] and [2, 2]; …
    expect(() => add(about, image)).toThrow(ShapeError);
  });

  test("refuse inputs of other names, shapes and sizes", () => {
    const variables = init(both);
    expect(() => both.apply(variables, { image: inputs.image } as never)).toThrow("received input about undefined");
    expect(() => both.apply(variables, { ...inputs, about: zeros([6, 4]) } as never)).toThrow(
      "input about of shape [6, 4]",
    );
    expect(() => both.apply(variables, { ...inputs, about: zeros([5, 3]) } as never)).toThrow(
      "input about of shape [5, 3]",
    );
  });
});

test("dropout draws differently at every place, nested ones too", () => {
  const ones = fromArray(new Float64Array(1000).fill(1), [1, 1000]) as Tensor<readonly [number, 1000], "float64">;
  const drop = () => sequential([1000], dropout(0.5));
  const whole = parallel("concatenate", drop(), drop(), dropout(0.5), sequential([1000], residual(drop())));
  const values = whole.apply({}, ones, training()).output.data;
  const parts = [0, 1, 2, 3].map((i) =>
    [...values.subarray(i * 1000, (i + 1) * 1000)].map((each) => (i === 3 ? each - 1 : each)),
  );
  for (const [i, a] of parts.entries()) {
    for (const b of parts.slice(i + 1)) {
      const agree = a.filter((value, j) => value === b[j]).length;
      expect(Math.abs(agree / 1000 - 0.5)).toBeLessThan(0.08);
    }
  }
});

test("the streams of a flat sequential are the positions of its layers", () => {
  const { key } = training();
  expect([0, 1, 7].map((part) => key.split(part).stream)).toEqual([0, 1, 7]);
  const nested = [0, 1, 2].flatMap((a) => [0, 1, 2].map((b) => key.split(a).split(b).stream));
  expect(new Set(nested).size).toBe(9);
  for (const stream of nested) expect(stream).toBeGreaterThanOrEqual(2 ** 31);
  expect(() => key.split(-1)).toThrow(ArgumentError);
});

describe("buffers", () => {
  const counter = (next: (count: Tensor) => unknown, name = "count") =>
    defineLayer({
      kind: "counter",
      call: "counter()",
      variables: () => ({ count: { shape: [2], initializer: zeroValues(), role: "buffer" } }),
      apply: ({ count }, y) => ({ output: y, buffers: { [name]: next(count as Tensor) } }) as never,
    });

  test("get their next values while training only, through nested and shared models", () => {
    const count = counter((value) => addTensors(value, 1));
    const start = input([4]);
    const twice = model(start, count(count(start)));
    const whole = sequential([4], residual(sequential([4], count)), twice);
    const variables = init(whole);
    const { buffers } = whole.apply(variables, x, training());
    expect(Object.fromEntries(Object.entries(buffers).map(([name, value]) => [name, value.toArray()]))).toEqual({
      "residual1.sequential1.counter1.count": [1, 1],
      "model1.counter1.count": [2, 2],
    });
    expect(whole.apply(variables, x).toArray()).toEqual(whole.apply(variables, x, training()).output.toArray());
  });

  test.each<[string, ReturnType<typeof counter>, new (...args: never[]) => Error, string]>([
    [
      "of another shape",
      counter(() => zeros([3], { dtype: "float64" })),
      ShapeError,
      "counter() at counter1: received a next value of buffer count of shape [3]; expected [2].",
    ],
    ["of another dtype", counter(() => zeros([2])), DTypeError, "in float32; expected float64"],
    ["that is no tensor", counter(() => [1, 2]), ShapeError, "of shape none"],
    ["that was not declared", counter((value) => value, "other"), ArgumentError, "a next value of other"],
  ])("refuse a value %s", (_, layer, kind, text) => {
    const whole = sequential([4], layer);
    const act = () => whole.apply(init(whole), x, training());
    expect(act).toThrow(kind);
    expect(act).toThrow(text);
  });
});

test("names of variables and kinds hold no dots", () => {
  const bad = defineLayer({
    kind: "bad",
    call: "bad()",
    variables: () => ({ "a.b": { shape: [1], initializer: zeroValues(), role: "parameter" } }),
    apply: (_, y) => y,
  });
  expect(() => sequential([1], bad)).toThrow('bad(): received variable "a.b"');
  expect(() => defineLayer({ kind: "a.b", call: "x()", apply: (_, y) => y })).toThrow('kind "a.b"');
});

test("an initialiser that draws another shape is named", () => {
  const odd = { ...zeroValues(), call: "odd()", draw: () => zeros([7], { dtype: "float64" }) };
  expect(() => init(sequential([4], dense(3, { weightInitializer: odd })))).toThrow(
    "initialize: dense1.weight: received odd() that draws shape [7]; expected [4, 3].",
  );
});

test("summary indents models within models and counts buffers apart", () => {
  expect(summary(sequential([4], residual(sequential([4], dense(4), batchNorm())), dense(2)))).toBe(
    [
      "layer                  output   parameters",
      "input                  [N, 4]            0",
      "1  residual(…)         [N, 4]           28",
      "   1  sequential(…)    [N, 4]           28",
      "      1  dense(4)      [N, 4]           20",
      "      2  batchNorm()   [N, 4]            8",
      "   2  identity()       [N, 4]            0",
      "   3  add()            [N, 4]            0",
      "2  dense(2)            [N, 2]           10",
      "buffers, not trained                     8",
      "total                                   38",
    ].join("\n"),
  );
});
