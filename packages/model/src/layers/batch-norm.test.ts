/** batchNorm beside PyTorch's BatchNorm1d; its row in the table of layers is in layers.test.ts. */

import { fromArray, type Shape, type Tensor, tensor, valueAndGrad } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/batch-norm.json" with { type: "json" };
import {
  type Applied,
  batchNorm,
  checkGradients,
  crossEntropy,
  dense,
  meanSquaredError,
  randomKey,
  sequential,
  splitVariables,
  tanh,
  type Variables,
} from "../index.ts";

const scalar = (value: number): Tensor<[], "int32"> => tensor(value, { dtype: "int32" }) as Tensor<[], "int32">;
const training = { training: true, key: randomKey(scalar(0), scalar(0)) } as const;
const close = { rtol: 1e-12, atol: 1e-14 };

function float64({ shape, data }: { readonly shape: readonly number[]; readonly data: readonly number[] }) {
  return fromArray(Float64Array.from(data), shape) as Tensor<Shape, "float64">;
}

test("three training steps and evaluation equal PyTorch's", () => {
  const model = sequential([4], batchNorm());
  let variables = model.initialize({ seed: 0, dtype: "float64" });
  for (const { x, target, output, loss, after } of golden.steps) {
    const { parameters, buffers } = splitVariables(model as never, variables);
    const { value, gradient } = valueAndGrad((own: Variables<"float64">) => {
      const all = { ...own, ...buffers } as Variables<"float64">;
      return meanSquaredError().apply(
        (model.apply(all, float64(x) as never, training) as Applied).output,
        float64(target),
      );
    })(parameters as Variables<"float64">);
    const applied = model.apply(variables, float64(x) as never, training) as Applied;
    expectAllClose(applied.output, output, close);
    expectAllClose(value, { shape: [], data: [loss] }, close);
    const moved = Object.entries(parameters).map(([name, { data, shape }]) => [
      name,
      fromArray(
        (data as Float64Array).map((each, i) => each - 0.1 * gradient[name]!.data[i]!),
        shape,
      ),
    ]);
    variables = { ...variables, ...Object.fromEntries(moved), ...applied.buffers };
    for (const [name, expected] of Object.entries(after)) {
      expectAllClose(variables[`batchNorm1.${name}`]!, expected, close);
    }
  }
  expectAllClose(model.apply(variables, float64(golden.evaluation.x) as never), golden.evaluation.output, close);
});

test("statistics are those of the last axis, over all others", () => {
  const { x, output, runningMean, runningVariance } = golden.axes;
  const model = sequential([3, 2], batchNorm({ momentum: 0.3, epsilon: 1e-3, affine: false }));
  const variables = model.initialize({ seed: 0, dtype: "float64" });
  expect(Object.keys(variables)).toEqual(["batchNorm1.runningMean", "batchNorm1.runningVariance"]);
  const applied = model.apply(variables, float64(x) as never, training);
  expectAllClose(applied.output, output, close);
  expectAllClose(applied.buffers["batchNorm1.runningMean"]!, runningMean, close);
  expectAllClose(applied.buffers["batchNorm1.runningVariance"]!, runningVariance, close);
});

describe("gradients", () => {
  const inputs = tensor([
    [1, 2, -1],
    [0.5, -2, 3],
    [-1, 0.25, 0.75],
    [2, 1, 0],
  ]);
  const targets = tensor([0, 1, 1, 0], { dtype: "uint8" });

  test.each([
    ["in training", training],
    ["in use", { training: false }],
  ] as const)("numeric ones agree, %s", (_, context) => {
    const model = sequential([3], dense(4), batchNorm(), tanh(), dense(2), batchNorm({ affine: false }));
    const variables = model.initialize({ seed: 2, dtype: "float64" });
    const errors = checkGradients(model, crossEntropy(), { variables, inputs, targets, context });
    expect(Object.keys(errors)).toEqual(Object.keys(variables).filter((name) => !name.includes("running")));
    for (const error of Object.values(errors)) expect(error).toBeLessThan(1e-8);
  });
});

describe("a training batch of which no variance can be taken", () => {
  const model = sequential([2], batchNorm());
  const variables = model.initialize({ seed: 0 });

  test("1 row is refused", () => {
    expect(() => model.apply(variables, tensor([[1, 2]]) as never, training)).toThrow(
      "batchNorm(): received a training batch with 1 value for each feature; expected at least 2, of which a variance can be taken. " +
        "Choose a batchSize that does not leave a last batch of 1 row.",
    );
  });

  test("1 row is fine in use, and 1 row of several positions in training", () => {
    expect(model.apply(variables, tensor([[1, 2]]) as never).shape).toEqual([1, 2]);
    const images = sequential([3, 2], batchNorm());
    const one = tensor([
      [
        [1, 2],
        [3, 5],
        [0, 1],
      ],
    ]);
    const { output } = images.apply(images.initialize({ seed: 0 }), one as never, training);
    expect(output.shape).toEqual([1, 3, 2]);
    expect(output.data.every(Number.isFinite)).toBe(true);
  });

  test("a constant feature is 0, not NaN", () => {
    const { output, buffers } = model.apply(
      variables,
      tensor([
        [7, 1],
        [7, 3],
      ]) as never,
      training,
    );
    expect([output.data[0], output.data[2]]).toEqual([0, 0]);
    expect(buffers["batchNorm1.runningVariance"]!.data[0]).toBeCloseTo(0.9, 6);
  });
});

test.each([
  [{ momentum: -0.1 }, "momentum -0.1"],
  [{ momentum: 1.1 }, "momentum 1.1"],
  [{ momentum: Number.NaN }, "momentum NaN"],
  [{ epsilon: -1 }, "epsilon -1"],
  [{ affine: "no" }, 'affine "no"'],
  [null, "options null"],
  [{ axis: 1 }, 'the unknown option "axis"'],
  [undefined, undefined],
])("batchNorm(%o)", (options, received) => {
  if (received === undefined) batchNorm(options as undefined);
  else {
    expect(() => batchNorm(options as never)).toThrow(
      expect.objectContaining({
        name: "ArgumentError",
        operation: "batchNorm",
        received: expect.stringContaining(received),
      }),
    );
  }
});
