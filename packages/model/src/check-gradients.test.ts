import { exp, greater, multiply, type Shape, type Tensor, tensor, where, zerosLike } from "@nn/tensor";
import { expect, test } from "vitest";
import {
  binaryCrossEntropy,
  checkGradients,
  crossEntropy,
  defineLayer,
  dense,
  type Layer,
  sequential,
  sigmoid,
  tanh,
} from "./index.ts";

const inputs = tensor([
  [1, 2],
  [-1, 0.5],
  [0.25, -3],
]);

test("finds nothing wrong with the layers and losses of this package", () => {
  const categories = sequential([2], dense(5), sigmoid(), dense(3));
  const answers = sequential([2], dense(4), tanh(), dense(1));
  const errors = [
    checkGradients(categories, crossEntropy({ reduction: "sum" }), {
      variables: categories.initialize({ seed: 0 }),
      inputs,
      targets: tensor([2, 0, 1], { dtype: "uint8" }),
    }),
    checkGradients(answers, binaryCrossEntropy(), {
      variables: answers.initialize({ seed: 0 }),
      inputs,
      targets: tensor([1, 0, 1], { dtype: "int32" }),
    }),
  ];
  expect(errors.map((each) => Object.keys(each))).toEqual([
    ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"],
    ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"],
  ]);
  for (const error of errors.flatMap((each) => Object.values(each))) expect(error).toBeLessThan(1e-9);
});

test("finds a derivative that is wrong, and NaN", () => {
  // Straight through a step: the value of one function with the slope of another.
  const broken = (apply: (x: Tensor) => Tensor): Layer =>
    defineLayer({ kind: "broken", call: "broken()", apply: (_, x) => apply(x as Tensor) as never });
  const kinked = sequential(
    [2],
    dense(2),
    broken((x) => where(greater(x, 0) as Tensor<Shape, "uint8">, x, zerosLike(x)) as Tensor),
  );
  const targets = tensor([1, 0, 1], { dtype: "uint8" });
  const variables = kinked.initialize({ seed: 0 });
  const zero = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, multiply(value, 0)]));
  // At 0 the numeric slope of relu is ½ and the traced one 0.
  const atKink = checkGradients(kinked, crossEntropy(), { variables: zero, inputs, targets });
  expect(atKink["dense1.bias"]).toBeGreaterThan(1e-3);

  const overflowing = sequential(
    [2],
    dense(2),
    broken((x) => multiply(exp(multiply(x, 1e6)) as Tensor, 0)),
  );
  const errors = checkGradients(overflowing, crossEntropy(), { variables, inputs, targets });
  expect(errors["dense1.weight"]).toBeNaN();
});
