import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  broadcastTo,
  compile,
  concat,
  grad,
  log,
  matmul,
  max,
  maximum,
  mean,
  multiply,
  relu,
  reshape,
  softmax,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from "../index.ts";

const f64 = { dtype: "float64" } as const;
const x = tensor([1, 2, 3], f64);

type Vector = Tensor<[3], "float64">;

interface GradientRow {
  readonly name: string;
  readonly f: (x: Vector) => Tensor;
  readonly gradient: readonly number[];
}

const gradients: readonly GradientRow[] = [
  { name: "Σ x²", f: (v) => sum(square(v)), gradient: [2, 4, 6] },
  { name: "an expression used twice", f: (v) => ((s) => sum(multiply(s, s)))(square(v)), gradient: [4, 32, 108] },
  {
    name: "one used by two branches",
    f: (v) => ((e) => sum(add(multiply(e, 2), multiply(e, e))))(multiply(v, 3)),
    gradient: [24, 42, 60],
  },
  { name: "x − x", f: (v) => sum(subtract(v, v)), gradient: [0, 0, 0] },
  { name: "a constant", f: () => tensor(5, f64), gradient: [0, 0, 0] },
  { name: "x itself, reduced by a loss of shape [1, 1]", f: (v) => reshape(sum(v), [1, 1]), gradient: [1, 1, 1] },
  {
    name: "max where two tie",
    f: (v) => max(concat([v, tensor([3], f64)])),
    gradient: [0, 0, 0.5],
  },
  { name: "relu at 0", f: (v) => sum(relu(subtract(v, 2))), gradient: [0, 0, 1] },
  { name: "abs at 0", f: (v) => sum(abs(subtract(v, 2))), gradient: [-1, 1, 1] },
  { name: "maximum at a tie", f: (v) => sum(maximum(v, multiply(v, 1))), gradient: [1, 1, 1] },
  { name: "what broadcasting repeats", f: (v) => sum(broadcastTo(v, [4, 3])), gradient: [4, 4, 4] },
];

test.each(gradients)("gradient of $name", ({ f, gradient }) => {
  expect(Array.from(grad(f)(x).data)).toEqual(gradient);
  expect(Array.from(compile(grad(f))(x).data)).toEqual(gradient);
});

describe("records", () => {
  const parameters = {
    layers: [tensor([[1, 2]], f64), tensor([[3], [4]], f64)],
    bias: tensor([5], f64),
    unused: tensor([[6, 7]], f64),
  };
  type Parameters = typeof parameters;
  const loss = (p: Parameters, factor: Tensor): Tensor =>
    sum(multiply(add(matmul(p.layers[0]!, p.layers[1]!), p.bias), factor));
  const factor = tensor([[2]], f64);

  test("gradients have the form of the first argument, zeros where the loss does not depend", () => {
    const { value, gradient } = valueAndGrad(loss)(parameters, factor);
    expect(value.item()).toBe(2 * (1 * 3 + 2 * 4 + 5));
    expect(gradient.layers.map((each) => each.toArray())).toEqual([[[6, 8]], [[2], [4]]]);
    expect(gradient.bias.toArray()).toEqual([2]);
    expect(gradient.unused.toArray()).toEqual([[0, 0]]);
    expect(Object.keys(gradient)).toEqual(Object.keys(parameters));
  });

  test("the same bits eager and compiled", () => {
    const compiled = compile(valueAndGrad(loss))(parameters, factor);
    // As JSON: toEqual does not see the values of a tensor.
    expect(JSON.stringify(compiled)).toBe(JSON.stringify(valueAndGrad(loss)(parameters, factor)));
  });

  test("only the first argument is differentiated, though another is the same tensor", () => {
    const f = (a: Tensor, b: Tensor): Tensor => sum(multiply(a, b));
    expect(grad(f)(x, x).toArray()).toEqual([1, 2, 3]);
    expect(compile((v: Tensor) => grad(f)(v, v))(x).toArray()).toEqual([1, 2, 3]);
  });
});

describe("composition", () => {
  const cube = (v: Tensor): Tensor => sum(multiply(multiply(v, v), v));

  test("a gradient of a gradient", () => {
    expect(grad((v: Tensor) => sum(grad(cube)(v)))(x).toArray()).toEqual([6, 12, 18]);
    expect(compile(grad((v: Tensor) => sum(grad(cube)(v))))(x).toArray()).toEqual([6, 12, 18]);
  });

  test("compile inside grad inside compile", () => {
    const inner = compile(cube);
    const outer = compile(grad((v: Tensor) => inner(v)));
    expect(outer(x).toArray()).toEqual([3, 12, 27]);
    expect(outer(x).toArray()).toEqual([3, 12, 27]);
    expect(inner(x).item()).toBe(36);
  });

  test("an inner gradient at a fixed point, of a function that captures the outer variable", () => {
    // d/dv Σ ∂/∂y (y² v) at y = c  =  d/dv Σ 2 c v  =  2 c
    const c = tensor([5, 6, 7], f64);
    const f = (v: Tensor): Tensor => sum(grad((y: Tensor) => sum(multiply(square(y), v)))(c));
    expect(grad(f)(x).toArray()).toEqual([10, 12, 14]);
    expect(compile(grad(f))(x).toArray()).toEqual([10, 12, 14]);
  });

  test("inner and outer variables are told apart", () => {
    // d/dv (v · d/dw (v + w)) = 1
    const f = (v: Tensor): Tensor => multiply(v, grad((w: Tensor) => add(v, w))(tensor(1, f64)));
    expect(grad(f)(tensor(1, f64)).item()).toBe(1);
  });

  test("through integers no gradient flows", () => {
    const f = (v: Tensor): Tensor => sum(multiply(v, tensor([1, 0, 1], f64)));
    expect(grad(f)(x).toArray()).toEqual([1, 0, 1]);
  });
});

test("a chain of 20,000 operations does not overflow the stack", () => {
  const chain = (v: Tensor): Tensor => {
    let y = v;
    for (let i = 0; i < 20_000; i++) y = add(y, 1e-4);
    return sum(y);
  };
  expect(compile(grad(chain))(x).toArray()).toEqual([1, 1, 1]);
  expect(chain(x).item()).toBeCloseTo(12, 6);
});

test("the example of the README trains", () => {
  const inputs = tensor([[0.5], [1.5], [2.5]]);
  const targets = tensor([[2], [4], [6]]);
  const step = compile(
    grad((w: Tensor<[1, 1], "float32">, b: Tensor<[1], "float32">) =>
      mean(square(subtract(add(matmul(inputs, w), b), targets))),
    ),
  );
  expect(step(tensor([[2]]), tensor([1])).item()).toBe(0);
});

test("a softmax cross-entropy written out, as losses are", () => {
  const logits = tensor([[1, 2, 3]], f64);
  const target = tensor([[0, 0, 1]], f64);
  const f = (z: Tensor): Tensor => sum(multiply(log(softmax(z)), multiply(target, -1)));
  const p = Array.from(softmax(logits).data);
  expect(grad(f)(logits).toArray()).toEqual([[p[0]!, p[1]!, p[2]! - 1].map((each) => expect.closeTo(each, 15))]);
});
