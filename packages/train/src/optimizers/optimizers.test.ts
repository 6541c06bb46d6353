/** The contract of every optimiser: a new one is a row of `optimizers` and, where it has one, a golden. */

import { compile, fromArray, leavesOf, multiply, ones } from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, test } from "vitest";
import sgdGolden from "../../goldens/sgd.json" with { type: "json" };
import { adam, adamW } from "./adam.ts";
import { chain } from "./chain.ts";
import { clipByGlobalNorm } from "./clip-by-global-norm.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";
import { takeStep } from "./test-step.ts";
import type { Optimizer, TensorRecord } from "./transform.ts";

const optimizers: Record<string, Optimizer> = {
  sgd: sgd({ learningRate: 0.1 }),
  "sgd with momentum": sgd({ learningRate: 0.1, momentum: 0.9 }),
  "sgd with Nesterov's momentum": sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  adam: adam({ learningRate: 0.05 }),
  "adam with epsilon outside": adam({ learningRate: 0.05, epsilonAt: "raw" }),
  "adamW without decay": adamW({ learningRate: 0.05, weightDecay: 0 }),
  // With a small epsilon a step near the bottom is still as long as the rate.
  rmsprop: rmsprop({ learningRate: 0.05, epsilon: 1 }),
  "rmsprop, centered, with momentum": rmsprop({ learningRate: 0.05, epsilon: 1, centered: true, momentum: 0.5 }),
  "clipped sgd": chain(clipByGlobalNorm(1), sgd({ learningRate: 0.1 })),
};

/** Parameters of one axis in float64. */
function record(values: Readonly<Record<string, readonly number[]>>): TensorRecord {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fromArray(Float64Array.from(value), [value.length])]),
  );
}

describe.each(Object.entries(optimizers))("%s", (_name, optimizer) => {
  test.each(["float32", "float64"] as const)("keeps names, shapes and dtypes in %s", (dtype) => {
    const parameters = { "dense1.weight": ones([2, 3], { dtype }), "dense1.bias": ones([3], { dtype }) };
    const state = optimizer.initialize(parameters);
    const next = takeStep(optimizer, parameters, state, parameters);
    expect(Object.keys(next.parameters)).toEqual(Object.keys(parameters));
    for (const [name, value] of Object.entries(parameters)) {
      expect(next.parameters[name]).toMatchObject({ shape: value.shape, dtype });
    }
    const forms = [state, next.state].map((each) => leavesOf("test", each).map((leaf) => [leaf.shape, leaf.dtype]));
    expect(forms[1]).toEqual(forms[0]);
  });

  test("changes neither its arguments nor, at gradient 0, the parameters", () => {
    const parameters = record({ w: [1, -2, 3] });
    const zero = record({ w: [0, 0, 0] });
    const state = optimizer.initialize(parameters);
    const before = leavesOf("test", state).map((leaf) => leaf.toArray());
    expect(takeStep(optimizer, zero, state, parameters).parameters.w?.toArray()).toEqual([1, -2, 3]);
    takeStep(optimizer, parameters, state, parameters);
    expect(parameters.w?.toArray()).toEqual([1, -2, 3]);
    expect(leavesOf("test", state).map((leaf) => leaf.toArray())).toEqual(before);
  });

  test("does the same traced as at once", () => {
    const parameters = record({ w: [1, -2, 3], b: [0.5] });
    const gradients = record({ w: [0.3, 0.1, -7], b: [1e-3] });
    const update = (g: TensorRecord, state: ReturnType<Optimizer["initialize"]>, p: TensorRecord) => ({
      ...takeStep(optimizer, g, state, p),
    });
    const first = takeStep(optimizer, gradients, optimizer.initialize(parameters), parameters);
    const atOnce = takeStep(optimizer, gradients, first.state, first.parameters);
    const traced = compile(update)(gradients, first.state, first.parameters);
    expect(leavesOf("test", traced).map((leaf) => leaf.toArray())).toEqual(
      leavesOf("test", { ...atOnce }).map((leaf) => leaf.toArray()),
    );
  });

  test("walks down a bowl", () => {
    let parameters = record({ w: [3, -5] });
    let state = optimizer.initialize(parameters);
    for (let step = 0; step < 1500; step++) {
      const gradients = { w: multiply(parameters.w!, 2) };
      ({ parameters, state } = takeStep(optimizer, gradients, state, parameters, { step }));
    }
    for (const value of parameters.w!.data) expect(Math.abs(value)).toBeLessThan(1e-5);
  });
});

test.each(sgdGolden.cases)("sgd agrees with NumPy, $options", ({ options, parameters: expected }) => {
  const optimizer = sgd(options);
  let parameters = record(sgdGolden.parameters);
  let state = optimizer.initialize(parameters);
  sgdGolden.gradients.forEach((gradients, step) => {
    ({ parameters, state } = takeStep(optimizer, record(gradients), state, parameters, { step }));
    const golden = record(expected[step]!);
    for (const name of ["weight", "bias"]) expectAllClose(parameters[name]!, golden[name]!, { rtol: 0, atol: 0 });
  });
});

test.each([
  [{ learningRate: Number.NaN }, "learningRate NaN"],
  [{ learningRate: Number.POSITIVE_INFINITY }, "learningRate Infinity"],
  [{ learningRate: -0.1 }, "learningRate -0.1"],
  [{ learningRate: "0.1" as unknown as number }, 'learningRate "0.1" of type string'],
  [{ momentum: 1 }, "momentum 1"],
  [{ momentum: -0.5 }, "momentum -0.5"],
  [{ momentum: Number.NaN }, "momentum NaN"],
  [{ nesterov: true }, "nesterov without momentum"],
])("sgd refuses %o", (options, received) => {
  expect(() => sgd(options)).toThrow(expect.objectContaining({ name: "ArgumentError", operation: "sgd", received }));
});
