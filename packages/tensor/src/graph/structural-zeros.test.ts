import { describe, expect, test } from "vitest";
import { backends, kernelsOf } from "../../test/backends.ts";
import {
  add,
  broadcastTo,
  cast,
  compile,
  concat,
  divide,
  equal,
  exp,
  fromArray,
  grad,
  greater,
  log,
  max,
  maximum,
  mean,
  minimum,
  multiply,
  negative,
  notEqual,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  where,
  zerosLike,
} from "../index.ts";

type Vector = Tensor<readonly number[], "float64">;
type Condition = Tensor<readonly number[], "uint8">;

const choose = (condition: Tensor, a: Tensor, b: Tensor): Vector =>
  where(condition as Condition, a as Vector, b as Vector);
const orZero = (condition: Tensor, a: Tensor): Vector => choose(condition, a, zerosLike(a));
const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

interface Row {
  readonly name: string;
  readonly f: (x: Vector) => Tensor;
  readonly at: readonly number[];
  readonly gradient: readonly number[];
}

const branches: readonly Row[] = [
  {
    name: "log, or a product",
    f: (x) => choose(greater(x, 2), log(x), multiply(x, 2)),
    at: [0, 2, 3],
    gradient: [2, 2, 1 / 3],
  },
  { name: "√x where x > 0", f: (x) => orZero(greater(x, 0), sqrt(x)), at: [0, 4], gradient: [0, 0.25] },
  { name: "1 / x where x ≠ 0", f: (x) => orZero(notEqual(x, 0), divide(1, x)), at: [0, 2], gradient: [0, -0.25] },
  {
    name: "√x in the other branch",
    f: (x) => choose(equal(x, 0), zerosLike(x), sqrt(x)),
    at: [0, 4],
    gradient: [0, 0.25],
  },
  {
    name: "the exponential linear unit far above 0",
    f: (x) => choose(greater(x, 0), x, subtract(exp(x), 1)),
    at: [1000, -inf, 0],
    gradient: [1, 0, 1],
  },
  {
    name: "softplus, which overflows",
    f: (x) => choose(greater(x, 20), x, log(add(1, exp(x)))),
    at: [1000, 0],
    gradient: [1, 0.5],
  },
  {
    name: "a chain: log of the root of x²",
    f: (x) => orZero(greater(x, 0), log(sqrt(square(x)))),
    at: [0, 2],
    gradient: [0, 0.5],
  },
  {
    name: "nested choices",
    f: (x) => choose(greater(x, 1), square(x), choose(greater(x, 0), sqrt(x), multiply(x, 3))),
    at: [0, 0.25, 2, -1],
    gradient: [3, 1, 4, 3],
  },
  {
    name: "a choice within a branch that is not taken",
    f: (x) => orZero(greater(x, 1), choose(greater(x, -1), sqrt(x), log(x))),
    at: [0, 4, -2],
    gradient: [0, 0.25, 0],
  },
  {
    name: "one expression in both branches",
    f: (x) => ((root) => choose(greater(x, 1), root, multiply(root, 2)))(sqrt(x)),
    at: [0, 4, 0.25],
    gradient: [inf, 0.25, 2],
  },
  {
    name: "one expression in two choices",
    f: (x) => ((root) => add(orZero(greater(x, 1), root), orZero(greater(x, 3), multiply(root, 2))))(sqrt(x)),
    at: [0, 4, 2.25],
    gradient: [0, 0.75, 1 / 3],
  },
  { name: "relu of log", f: (x) => relu(log(x)), at: [0, 2], gradient: [0, 0.5] },
  { name: "maximum of a root and a number", f: (x) => maximum(sqrt(x), 0.1), at: [0, 4], gradient: [0, 0.25] },
  { name: "minimum of 1 / x and a number", f: (x) => minimum(divide(1, x), 10), at: [0, 2], gradient: [0, -0.25] },
  { name: "clipping on both sides", f: (x) => minimum(maximum(log(x), -5), 5), at: [0, 2, inf], gradient: [0, 0.5, 0] },
  { name: "two relus", f: (x) => relu(subtract(relu(log(x)), 1)), at: [0, 8], gradient: [0, 0.125] },
  {
    name: "NaN that is replaced",
    f: (x) => orZero(equal(x, x), multiply(square(x), x)),
    at: [nan, 2],
    gradient: [0, 12],
  },
  { name: "tanh of NaN", f: (x) => orZero(equal(x, x), tanh(x)), at: [nan, 0], gradient: [0, 1] },
  {
    name: "a product with infinity",
    f: (x) => orZero(greater(x, 0), multiply(x, divide(1, x))),
    at: [0],
    gradient: [0],
  },
  {
    name: "a condition of numbers other than 1",
    f: (x) =>
      orZero(tensor([0, 7], { dtype: "uint8" }), log(choose(tensor([4, 4], { dtype: "uint8" }), x, negative(x)))),
    at: [0, 2],
    gradient: [0, 0.5],
  },
  {
    name: "through a mean",
    f: (x) => reshape(mean(orZero(greater(x, 0), sqrt(x))), [1]),
    at: [0, 4],
    gradient: [0, 0.125],
  },
  { name: "an element that a slice cuts off", f: (x) => slice(log(x), [[1]]), at: [0, 2], gradient: [0, 0.5] },
  {
    name: "slices joined again",
    f: (x) => ((y: Vector) => concat([slice(y, [[2]]), slice(y, [[1, 2]])]))(log(x)),
    at: [0, 2, 4],
    gradient: [0, 0.5, 0.25],
  },
  { name: "elements that are not the largest", f: (x) => reshape(max(log(x)), [1]), at: [0, 2], gradient: [0, 0.5] },
  {
    name: "behind changes of shape",
    f: (x) => reshape(transpose(orZero(greater(reshape(x, [1, -1]), 0), reshape(sqrt(x), [1, -1]))), [-1]),
    at: [0, 4],
    gradient: [0, 0.25],
  },
  {
    name: "a vector over its length, which is 0",
    f: (x) => {
      const rows = reshape(x, [-1, 2]);
      const length = sqrt(sum(square(rows), { axis: 1, keepDims: true }) as Vector);
      return orZero(broadcastTo(greater(length, 0), rows.shape), divide(rows, length as never) as Vector);
    },
    at: [0, 0, 3, 4],
    gradient: [0, 0, 4 / 125, -3 / 125],
  },
  {
    name: "a row that is repeated",
    f: (x) => orZero(broadcastTo(greater(x, 0), [3, 2]), broadcastTo(sqrt(x), [3, 2])),
    at: [0, 4],
    gradient: [0, 0.75],
  },
  {
    name: "in another dtype",
    f: (x) => orZero(greater(x, 0), cast(sqrt(cast(x, "float32")), "float64")),
    at: [0, 4],
    gradient: [0, 0.25],
  },
];

const values: readonly Row[] = [
  { name: "a zero that the values give", f: (x) => square(sqrt(x)), at: [0, 4], gradient: [nan, 1] },
  { name: "a factor of 0", f: (x) => multiply(sqrt(x), 0), at: [0, 4], gradient: [nan, 0] },
  { name: "an infinite gradient that counts", f: (x) => choose(greater(x, -1), sqrt(x), x), at: [0], gradient: [inf] },
];

function check({ f, at, gradient }: Row): void {
  const derivative = grad((x: Vector) => sum(f(x)));
  const x = tensor([...at], { dtype: "float64" }) as Vector;
  const eager = [...derivative(x).data];
  expect(eager).toEqual(gradient.map((each) => (Number.isFinite(each) ? expect.closeTo(each, 14) : each)));
  for (const backend of backends) expect([...compile(derivative, { backend })(x).data]).toEqual(eager);
  // In float32, where the engine has kernels for it.
  const narrow = grad((y: Tensor) => sum(f(y as never))) as unknown as (y: Tensor) => Tensor;
  const y = fromArray(Float32Array.from(at), [at.length]) as Tensor;
  const result = [...narrow(y).data];
  expect(result).toEqual(gradient.map((each) => (Number.isFinite(each) ? expect.closeTo(each, 6) : each)));
  for (const backend of backends) expect([...compile(narrow, { backend })(y).data]).toEqual(result);
}

describe("a branch that is not taken has no gradient", () => {
  test.each(branches)("$name", check);

  test("in a gradient of a gradient", () => {
    const f = (x: Tensor): Tensor => sum(orZero(greater(x, 0), sqrt(x)));
    const second = grad((x: Tensor) => sum(grad(f)(x)));
    const x = tensor([0, 4], { dtype: "float64" }) as Tensor;
    expect(second(x).toArray()).toEqual([0, -1 / 32]);
    for (const backend of backends) expect(compile(second, { backend })(x).toArray()).toEqual([0, -1 / 32]);
  });
});

describe("other gradients are what the factors give", () => {
  test.each(values)("$name", check);
});

test("a choice above a matrix product costs nothing more", () => {
  // relu's derivative is one choice, and a sum of it the bias's: no operation with a factor stands below.
  const f = (x: Tensor, b: Tensor): Tensor => sum(relu(add(x, b)));
  const kernels = kernelsOf((backend) => {
    compile((x: Tensor, b: Tensor) => grad((v: Tensor) => f(x, v))(b), { backend })(
      tensor([[1, -1]]) as Tensor,
      tensor([0, 0]) as Tensor,
    );
  });
  expect(kernels.join(" ").match(/where/g)).toHaveLength(1);
});
