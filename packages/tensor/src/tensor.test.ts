import { inspect as nodeInspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  arange,
  broadcastTo,
  type DType,
  eye,
  formatShape,
  fromArray,
  full,
  linspace,
  ones,
  reshape,
  type Tensor,
  tensor,
  trace,
  zeros,
} from "./index.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

interface CreationRow {
  readonly name: string;
  readonly made: Tensor;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

const table: readonly CreationRow[] = [
  { name: "a number", made: tensor(2.5), shape: [], dtype: "float32", data: [2.5] },
  {
    name: "rows",
    made: tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
    shape: [2, 3],
    dtype: "float32",
    data: [1, 2, 3, 4, 5, 6],
  },
  { name: "one number, nested", made: tensor([[[7]]]), shape: [1, 1, 1], dtype: "float32", data: [7] },
  { name: "no numbers", made: tensor([]), shape: [0], dtype: "float32", data: [] },
  { name: "rows of none", made: tensor([[], []]), shape: [2, 0], dtype: "float32", data: [] },
  { name: "float32 by default", made: tensor([0.1]), shape: [1], dtype: "float32", data: [Math.fround(0.1)] },
  {
    name: "float64",
    made: tensor([0.1, nan, -infinity], { dtype: "float64" }),
    shape: [3],
    dtype: "float64",
    data: [0.1, nan, -infinity],
  },
  {
    name: "int32",
    made: tensor([1.9, -1.9, 2 ** 31], { dtype: "int32" }),
    shape: [3],
    dtype: "int32",
    data: [1, -1, -(2 ** 31)],
  },
  { name: "uint8", made: tensor([255, 256, -1], { dtype: "uint8" }), shape: [3], dtype: "uint8", data: [255, 0, 255] },
  { name: "zeros", made: zeros([2, 2]), shape: [2, 2], dtype: "float32", data: [0, 0, 0, 0] },
  { name: "zeros without elements", made: zeros([3, 0]), shape: [3, 0], dtype: "float32", data: [] },
  { name: "ones", made: ones([2], { dtype: "uint8" }), shape: [2], dtype: "uint8", data: [1, 1] },
  { name: "a filled scalar", made: full([], -3, { dtype: "int32" }), shape: [], dtype: "int32", data: [-3] },
  { name: "filled with NaN", made: full([2], nan), shape: [2], dtype: "float32", data: [nan, nan] },
  { name: "counted", made: arange(4, { dtype: "int32" }), shape: [4], dtype: "int32", data: [0, 1, 2, 3] },
  { name: "counted to nothing", made: arange(0), shape: [0], dtype: "float32", data: [] },
  { name: "an identity matrix", made: eye(2), shape: [2, 2], dtype: "float32", data: [1, 0, 0, 1] },
  {
    name: "a line",
    made: linspace(-1, 1, 5, { dtype: "float64" }),
    shape: [5],
    dtype: "float64",
    data: [-1, -0.5, 0, 0.5, 1],
  },
  // Expected values from NumPy 2.4.6.
  {
    name: "a line of integers, rounded down",
    made: linspace(-1, 1, 4, { dtype: "int32" }),
    shape: [4],
    dtype: "int32",
    data: [-1, -1, 0, 1],
  },
  {
    name: "a line of integers below 0",
    made: linspace(-2.5, 0, 4, { dtype: "int32" }),
    shape: [4],
    dtype: "int32",
    data: [-3, -2, -1, 0],
  },
  {
    name: "a line of integers that ends between two",
    made: linspace(0, -2.5, 3, { dtype: "int32" }),
    shape: [3],
    dtype: "int32",
    data: [0, -2, -3],
  },
  { name: "one integer", made: linspace(-2.5, 0, 1, { dtype: "int32" }), shape: [1], dtype: "int32", data: [-3] },
  {
    name: "a line of bytes",
    made: linspace(-1, 1, 4, { dtype: "uint8" }),
    shape: [4],
    dtype: "uint8",
    data: [255, 255, 0, 1],
  },
  {
    name: "a line with steps below the smallest number",
    made: linspace(0, 5e-324, 3, { dtype: "float64" }),
    shape: [3],
    dtype: "float64",
    data: [0, 0, 5e-324],
  },
  {
    name: "filled with a fraction",
    made: full([2], -1.7, { dtype: "int32" }),
    shape: [2],
    dtype: "int32",
    data: [-1, -1],
  },
  { name: "a line of one", made: linspace(3, 9, 1), shape: [1], dtype: "float32", data: [3] },
  { name: "a line of none", made: linspace(3, 9, 0), shape: [0], dtype: "float32", data: [] },
];

test.each(table)("makes $name", ({ made, shape, dtype, data }) => {
  expect(made.shape).toEqual(shape);
  expect(made.dtype).toBe(dtype);
  expect(Array.from(made.data)).toEqual(data);
  expect(made.size).toBe(data.length);
});

test("linspace ends where it is told to, as NumPy's does", () => {
  const line = linspace(0, 0.3, 4, { dtype: "float64" });
  expect(Array.from(line.data)).toEqual([0, 0.09999999999999999, 0.19999999999999998, 0.3]);
});

describe("fromArray", () => {
  test.each([Float64Array, Float32Array, Int32Array, Uint8Array])("wraps a %o without a copy", (array) => {
    const data = new array([1, 2, 3, 4]);
    const wrapped = fromArray(data, [2, 2]);
    expect(wrapped.data).toBe(data);
    expect(wrapped.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test("wraps a part of a buffer", () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(fromArray(data, [2]).toArray()).toEqual([2, 3]);
  });
});

test("a tensor keeps its shape when the caller's array changes", () => {
  const shape = [2, 3];
  const made = [
    zeros(shape),
    fromArray(new Float32Array(6), shape),
    reshape(zeros([6]), shape),
    broadcastTo(zeros([]), shape),
  ];
  shape[0] = 9;
  for (const each of made) expect(each.shape).toEqual([2, 3]);
});

describe("reading", () => {
  test.each([
    [tensor(3), 3],
    [tensor([1, 2]), [1, 2]],
    [tensor([[1], [2]]), [[1], [2]]],
    [zeros([2, 0]), [[], []]],
    [zeros([0, 2]), []],
  ])("toArray of %s", (x, nested) => {
    expect(x.toArray()).toEqual(nested);
  });

  test("item of a tensor with one element, of any rank", () => {
    expect([tensor(3).item(), tensor([[4]]).item()]).toEqual([3, 4]);
  });

  test.each([
    [
      tensor([
        [1, nan],
        [-infinity, 0.5],
      ]),
      "Tensor([[1, NaN], [-Infinity, 0.5]], shape [2, 2], float32)",
    ],
    [tensor(7, { dtype: "uint8" }), "Tensor(7, shape [], uint8)"],
    [
      tensor([0.1, 1 / 3, -0, 1e-45, 123456789, -1e30]),
      "Tensor([0.1, 0.33333334, -0, 1e-45, 123456792, -1e+30], shape [6], float32)",
    ],
    [tensor([0.1, -0], { dtype: "float64" }), "Tensor([0.1, -0], shape [2], float64)"],
    [zeros([2, 0]), "Tensor([[], []], shape [2, 0], float32)"],
    [arange(1001), "Tensor([0, 1, 2, ..., 998, 999, 1000], shape [1001], float32)"],
    [
      reshape(arange(1002, { dtype: "int32" }), [334, 3]),
      "Tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8], ..., [993, 994, 995], [996, 997, 998], [999, 1000, 1001]], shape [334, 3], int32)",
    ],
    [zeros([2, 2, 2, 2, 2, 2, 2, 2, 2, 2]), "Tensor(1024 elements, shape [2, 2, 2, 2, 2, 2, 2, 2, 2, 2], float32)"],
  ])("toString: %s", (x, text) => {
    expect(String(x)).toBe(text);
  });

  test("toString of a traced tensor", () => {
    let text = "";
    trace(
      (x: Tensor) => {
        text = String(x);
        return x;
      },
      [zeros([2])],
    );
    expect(text).toBe("Tensor(traced, shape [2], float32)");
  });

  test.each<[Tensor | object, string]>([
    [
      tensor([
        [1, 2],
        [3, 40],
      ]),
      "Tensor([[ 1,  2],\n        [ 3, 40]], shape [2, 2], float32)",
    ],
    [
      reshape(arange(8), [2, 2, 2]),
      "Tensor([[[0, 1],\n         [2, 3]],\n\n        [[4, 5],\n         [6, 7]]], shape [2, 2, 2], float32)",
    ],
    [tensor(5), "Tensor(5, shape [], float32)"],
    [
      reshape(arange(2000), [1000, 2]),
      "Tensor([[   0,    1],\n        [   2,    3],\n        [   4,    5],\n        ...,\n        [1994, 1995],\n        [1996, 1997],\n        [1998, 1999]], shape [1000, 2], float32)",
    ],
    [{ bias: tensor([1, 2]) }, "{ bias: Tensor([1, 2], shape [2], float32) }"],
    [{ a: { b: { c: tensor([1]) } } }, "{ a: { b: { c: Tensor(shape [1], float32) } } }"],
  ])("console.log shows the values: %s", (x, text) => {
    expect(nodeInspect(x)).toBe(text);
  });

  test("console.log of a long vector breaks its lines, and of a traced tensor says so", () => {
    const lines = nodeInspect(arange(60)).split("\n");
    expect(lines.length).toBe(4);
    for (const line of lines) expect(line.length).toBeLessThan(100);
    let text = "";
    trace(
      (x: Tensor) => {
        text = nodeInspect(x);
        return x;
      },
      [zeros([2])],
    );
    expect(text).toBe("Tensor(traced, shape [2], float32)");
  });

  test.each([
    [[], "[]"],
    [[3], "[3]"],
    [[2, 0, 1], "[2, 0, 1]"],
  ])("formatShape of %j", (shape, text) => {
    expect(formatShape(shape)).toBe(text);
  });
});
