/** The layer test table: one row a layer; each row is checked for shape, values, gradient and determinism. */

import {
  cast,
  type DType,
  type FloatDType,
  fromArray,
  mean,
  type Shape,
  square,
  type Tensor,
  tensor,
  valueAndGrad,
} from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import batchNormGolden from "../../goldens/batch-norm.json" with { type: "json" };
import golden from "../../goldens/values.json" with { type: "json" };
import {
  type ApplyRule,
  batchNorm,
  type Context,
  checkGradients,
  crossEntropy,
  dense,
  dropout,
  flatten,
  type Layer,
  randomKey,
  relu,
  rescaling,
  type ShapeFunction,
  sequential,
  sigmoid,
  softmax,
  tanh,
  type Unfit,
  type Variables,
} from "../index.ts";

const cases = { ...golden.layers, ...batchNormGolden.layers };

interface Row {
  readonly layer: Layer;
  /** Name of the case in goldens/values.json or batch-norm.json. */
  readonly golden: keyof typeof cases;
  /** Input shapes (batch axis excluded) with the output's, or the text of what does not fit. */
  readonly shapes: readonly (readonly [Shape, Shape | string])[];
}

const table: readonly Row[] = [
  {
    layer: dense(5),
    golden: "dense(5)",
    shapes: [
      [[4], [5]],
      [[1], [5]],
      [[], "shape [features]"],
      [[2, 2], "shape [features]"],
    ],
  },
  { layer: dense(5, { bias: false }), golden: "dense(5), no bias", shapes: [[[4], [5]]] },
  {
    layer: sigmoid(),
    golden: "sigmoid()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: tanh(),
    golden: "tanh()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: relu(),
    golden: "relu()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: softmax(),
    golden: "softmax()",
    shapes: [
      [[7], [7]],
      [[], "shape [..., classes]"],
    ],
  },
  {
    layer: softmax(),
    golden: "softmax() of images",
    shapes: [
      [
        [3, 2, 2],
        [3, 2, 2],
      ],
    ],
  },
  {
    layer: flatten(),
    golden: "flatten()",
    shapes: [
      [[3, 2, 2], [12]],
      [[7], [7]],
      [[], [1]],
    ],
  },
  {
    layer: rescaling(1 / 255),
    golden: "rescaling(1 / 255)",
    shapes: [
      [
        [2, 3, 1],
        [2, 3, 1],
      ],
    ],
  },
  {
    layer: rescaling(1 / 127.5, -1),
    golden: "rescaling(1 / 127.5, -1)",
    shapes: [
      [
        [2, 3, 1],
        [2, 3, 1],
      ],
    ],
  },
  {
    layer: batchNorm(),
    golden: "batchNorm()",
    shapes: [
      [[4], [4]],
      [
        [3, 2, 4],
        [3, 2, 4],
      ],
      [[], "shape [..., features]"],
    ],
  },
  {
    layer: dropout(0.5),
    golden: "dropout(0.5)",
    shapes: [
      [[4], [4]],
      [
        [2, 2],
        [2, 2],
      ],
    ],
  },
];

const idle: Context = { training: false };
const scalar = (value: number): Tensor<[], "int32"> => tensor(value, { dtype: "int32" }) as Tensor<[], "int32">;
const whole = (seed: number, step: number): Context & { training: true } => ({
  training: true,
  key: randomKey(scalar(seed), scalar(step)),
});
const training = (seed: number, step: number, place = 3): Context => ({
  training: true,
  key: whole(seed, step).key.split(place),
});
/** The output of a layer, whatever it says of buffers. */
const outputOf = (
  layer: Layer,
  variables: Variables,
  x: Tensor<Shape, FloatDType>,
  context: Context,
): Tensor<Shape, FloatDType> => {
  const result = layer.apply(variables, x, context);
  return "buffers" in result ? result.output : result;
};

function float64({ shape, data }: { readonly shape: readonly number[]; readonly data: readonly number[] }) {
  return fromArray(Float64Array.from(data), shape) as Tensor<Shape, "float64">;
}

describe.each(table)("$golden", (row) => {
  const { layer } = row;
  const { x: goldenX, parameters: goldenParameters, y } = cases[row.golden];
  const x = float64(goldenX);
  const parameters: Variables<"float64"> = Object.fromEntries(
    Object.entries(goldenParameters).map(([name, value]) => [name, float64(value)]),
  );

  test.each(row.shapes)("shape %j → %j", (input, expected) => {
    const output = layer.infer(input);
    if (typeof expected === "string") expect(output).toMatchObject({ expected, fix: expect.stringMatching(/\.$/) });
    else expect(output).toEqual(expected);
  });

  test("values", () => {
    expectAllClose(outputOf(layer, parameters, x, idle), y, { rtol: 1e-14, atol: 1e-300 });
    const single = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, cast(value, "float32")]),
    );
    const inFloat32 = outputOf(layer, single, cast(x, "float32"), idle);
    expect(inFloat32.dtype).toBe("float32");
    expectAllClose(inFloat32, y, { rtol: 3e-6, atol: 1e-6 });
  });

  test("shape of the values and of the parameters", () => {
    const inputShape = x.shape.slice(1);
    expect(outputOf(layer, parameters, x, idle).shape).toEqual([x.shape[0], ...(layer.infer(inputShape) as Shape)]);
    const declared = Object.fromEntries(
      Object.entries(layer.variables(inputShape)).map(([name, { shape }]) => [name, shape]),
    );
    expect(Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, shape]))).toEqual(declared);
  });

  test.each([
    ["in use", idle],
    ["in training", training(1, 2)],
  ])("gradient %s, of parameters and input", (_, mode) => {
    // Away from the kink of relu, and where nothing is flat.
    const gentle = fromArray(
      x.data.map((_, i) => Math.sin(3 * i + 1) + 0.05),
      x.shape,
    ) as Tensor<Shape, "float64">;
    const loss = (all: Variables<"float64">): Tensor<Shape, DType> => {
      const { input, ...own } = all;
      const output = outputOf(layer, own, input!, mode);
      return mean(square(output.dtype === "float64" ? output : cast(output, "float64"))) as Tensor;
    };
    const at = { ...parameters, input: gentle };
    const { gradient } = valueAndGrad(loss)(at);
    for (const [name, value] of Object.entries(at)) {
      const numeric = value.data.map((each, i) => {
        const moved = (h: number): number =>
          loss({ ...at, [name]: fromArray(value.data.with(i, each + h), value.shape) }).item();
        return (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
      expectAllClose(gradient[name]!, { shape: value.shape, data: numeric }, { rtol: 1e-6, atol: 1e-9 });
    }
  });

  test("the same seed gives the same numbers, in use and in training", () => {
    const model = sequential(x.shape.slice(1) as number[], layer);
    const run = (seed: number): unknown => {
      const mine = model.initialize({ seed, dtype: "float64" });
      return [model.apply(mine, x as never), model.apply(mine, x as never, whole(seed, 1)).output].map((y) =>
        y.toArray(),
      );
    };
    expect(run(4)).toEqual(run(4));
  });
});

describe("dropout", () => {
  const ones = fromArray(new Float64Array(20_000).fill(1), [100, 200]) as Tensor<Shape, "float64">;
  const drop = (rate: number, context: Context): number[] => [...outputOf(dropout(rate), {}, ones, context).data];

  test.each([0, 0.1, 0.5, 0.9])("rate %d: that part is 0, the rest makes up for it", (rate) => {
    const values = drop(rate, training(0, 0));
    const kept = values.filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([1 / (1 - rate)]));
    expect(Math.abs(kept.length / values.length - (1 - rate))).toBeLessThan(0.015);
  });

  test("draws anew for another step, seed and layer, and not otherwise", () => {
    const first = drop(0.5, training(1, 2, 3));
    expect(drop(0.5, training(1, 2, 3))).toEqual(first);
    for (const other of [training(2, 2, 3), training(1, 3, 3), training(1, 2, 4)]) {
      const agree = drop(0.5, other).filter((value, i) => value === first[i]).length;
      expect(Math.abs(agree / first.length - 0.5)).toBeLessThan(0.015);
    }
  });

  test("two of one model drop different elements", () => {
    const model = sequential([200], dropout(0.5), dropout(0.5));
    const kept = model.apply({}, ones as never, whole(1, 2)).output.data.filter((value) => value !== 0).length;
    expect(Math.abs(kept / ones.size - 0.25)).toBeLessThan(0.015);
  });
});

test("layers in one network: the gradient of the whole", () => {
  const model = sequential(
    [2, 2, 1],
    rescaling(2, 0.5),
    flatten(),
    dense(6),
    tanh(),
    dropout(0.25),
    dense(4),
    sigmoid(),
    dense(3),
  );
  const errors = checkGradients(model, crossEntropy(), {
    variables: model.initialize({ seed: 3 }),
    inputs: tensor([
      [
        [[1], [2]],
        [[-1], [0.5]],
      ],
      [
        [[0], [0.25]],
        [[3], [-2]],
      ],
    ]),
    targets: tensor([2, 0], { dtype: "uint8" }),
    context: whole(1, 5),
  });
  expect(Object.keys(errors)).toEqual(Object.keys(model.initialize({ seed: 3 })));
  for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-8);
});

test("shape rules in the types", () => {
  type RuleOf<L> = L extends { readonly infer: ShapeFunction<infer Rule> } ? Rule : never;
  type Output<L, S extends Shape> = ApplyRule<RuleOf<L>, S>;
  const [a, b, c, d, e, f] = [dense(5), sigmoid(), softmax(), flatten(), rescaling(0.5, 2), dropout(0.5)] as const;
  expectTypeOf<Output<typeof a, [4]>>().toEqualTypeOf<[5]>();
  expectTypeOf<Output<typeof a, number[]>>().toEqualTypeOf<[5]>();
  expectTypeOf<Output<typeof a, [2, 2]>>().toEqualTypeOf<Unfit<"shape [features]", "Add flatten() before it.">>();
  expectTypeOf<Output<typeof b, [2, 3]>>().toEqualTypeOf<[2, 3]>();
  expectTypeOf<Output<typeof c, [7]>>().toEqualTypeOf<[7]>();
  expectTypeOf<Output<typeof c, []>>().toEqualTypeOf<Unfit<"shape [..., classes]", "Add dense(classes) before it.">>();
  expectTypeOf<Output<typeof d, [3, 2, 2]>>().toEqualTypeOf<[12]>();
  expectTypeOf<Output<typeof d, [3, number]>>().toEqualTypeOf<[number]>();
  expectTypeOf<Output<typeof e, [28, 28, 1]>>().toEqualTypeOf<[28, 28, 1]>();
  expectTypeOf<Output<typeof f, [4]>>().toEqualTypeOf<[4]>();
  expectTypeOf(a.call).toEqualTypeOf<"dense(5)">();
  expectTypeOf(e.call).toEqualTypeOf<"rescaling(0.5)">();
  expect([a, b, c, d, e, f].map((layer) => layer.call)).toEqual([
    "dense(5)",
    "sigmoid()",
    "softmax()",
    "flatten()",
    "rescaling(0.5)",
    "dropout(0.5)",
  ]);
});

test.each([
  ["dense(0)", () => dense(0), "units 0"],
  ["dense(2.5)", () => dense(2.5), "units 2.5"],
  ["dense(NaN)", () => dense(Number.NaN), "units NaN"],
  ["dropout(1)", () => dropout(1), "rate 1"],
  ["dropout(-0.1)", () => dropout(-0.1), "rate -0.1"],
  ["dropout(NaN)", () => dropout(Number.NaN), "rate NaN"],
  ["rescaling(∞)", () => rescaling(Infinity), "finite"],
  ["rescaling(1, NaN)", () => rescaling(1, Number.NaN), "offset NaN"],
])("%s is refused", (_, act, text) => {
  expect(act).toThrow(text);
});
