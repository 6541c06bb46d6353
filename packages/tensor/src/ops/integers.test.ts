/** Integer arithmetic, which is exact modulo the range, and integer sums, which are exact or an error. */

import { describe, expect, test } from "vitest";
import { backends } from "../../test/backends.ts";
import {
  ArgumentError,
  broadcastTo,
  cast,
  compile,
  compileStep,
  type DType,
  fromArray,
  full,
  greater,
  multiply,
  reshape,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  wasm,
} from "../index.ts";

const int32 = { dtype: "int32" } as const;
type Integers = Tensor<readonly number[], "int32">;

/** 37 integers of all sizes, so that vectors of four leave a rest. */
const integers = Array.from({ length: 37 }, (_, i) => Math.imul(i * i + 1, 0x9e3779b1) >> (i % 5 === 0 ? 20 : 0));
const others = integers
  .toReversed()
  .with(0, -(2 ** 31))
  .with(1, 2 ** 31 - 1);

/** a · b modulo 2³². */
const product = (a: number, b: number): number => Number(BigInt.asIntN(32, BigInt(a) * BigInt(b)));

/** Throws unless `f` gives `expected` eagerly and compiled, on every backend. */
function checkAll(
  f: (...inputs: Integers[]) => Tensor,
  inputs: readonly Integers[],
  expected: readonly number[],
): void {
  expect([...f(...inputs).data]).toEqual(expected);
  for (const backend of backends) expect([...compile(f, { backend })(...inputs).data]).toEqual(expected);
}

describe("products of int32 are exact modulo 2³²", () => {
  const a = tensor(integers, int32) as Integers;
  const b = tensor(others, int32) as Integers;
  const products = integers.map((each, i) => product(each, others[i]!));

  test("a product", () => checkAll((x, y) => multiply(x!, y!), [a, b], products));

  test("of the issue", () => {
    const left = tensor([-1640531527, 2147483647, 123456789], int32) as Integers;
    const right = tensor([340573321, 2147483647, 987654321], int32) as Integers;
    checkAll((x, y) => multiply(x!, y!), [left, right], [1, 1, -67153019]);
    checkAll((x) => square(x!), [tensor([2147483647], int32) as Integers], [1]);
  });

  test("times a number", () => {
    const expected = integers.map((each) => product(each, 987654321));
    checkAll((x) => multiply(x!, 987654321), [a], expected);
    checkAll(
      (x) => multiply(-987654321, x!),
      [a],
      expected.map((each) => product(each, -1)),
    );
  });

  test("a square", () =>
    checkAll(
      (x) => square(x!),
      [a],
      integers.map((each) => product(each, each)),
    ));

  test("with broadcasting", () => {
    const column = tensor([[2147483647], [-1640531527]], int32);
    const expected = [2147483647, -1640531527].flatMap((factor) => integers.map((each) => product(each, factor)));
    checkAll((x, y) => multiply(x!, y as never), [column as unknown as Integers, a], expected);
  });

  test("fused with what comes before and after", () => {
    const expected = products.map((each, i) =>
      Number(BigInt.asIntN(32, BigInt(product(each, each)) - BigInt(others[i]!))),
    );
    checkAll((x, y) => subtract(square(multiply(x!, y!)), y!), [a, b], expected);
  });

  test("in a state that a step carries", () => {
    for (const backend of backends) {
      const step = compileStep((s: Integers) => ({ state: multiply(s, 69069), outputs: [] }), a, { backend });
      for (let i = 0; i < 5; i++) step.run();
      const factor = product(product(69069 ** 2, 69069), product(69069, 69069));
      expect([...step.state().data]).toEqual(integers.map((each) => product(each, factor)));
    }
  });
});

test("products of uint8 are exact modulo 2⁸", () => {
  const x = fromArray(Uint8Array.from(integers), [37]);
  const expected = [...x.data].map((each) => (each * each) % 256);
  expect([...square(x).data]).toEqual(expected);
  for (const backend of backends)
    expect([...compile((v: typeof x) => multiply(v, v), { backend })(x).data]).toEqual(expected);
});

describe("sums of integers", () => {
  const most = 2 ** 31 - 1;

  test.each<[string, number[][], readonly number[]]>([
    [
      "that just fit",
      [
        [most - 1, 1],
        [-most, -1],
      ],
      [most, -most - 1],
    ],
    [
      "that leave the range on the way and come back",
      [
        [most, most, -most],
        [-most, -most, most],
      ],
      [most, -most],
    ],
    ["that leave it twice and come back", [[most, most, most, most, 5, -most, -most, -most, -most]], [5]],
  ])("%s", (_, rows, sums) => {
    const x = tensor(rows, int32) as Integers;
    checkAll((v) => sum(v!, { axis: 1 }), [x], sums);
    // The same as columns, of which the kernel adds four at a time.
    const columns = tensor(
      rows[0]!.map((__, i) => rows.map((row) => row[i]!)),
      int32,
    ) as Integers;
    checkAll((v) => sum(v!, { axis: 0 }), [columns], sums);
  });

  test("over all elements, and over none", () => {
    checkAll(
      (v) => reshape(sum(v!), [1]),
      [
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          int32,
        ) as Integers,
      ],
      [10],
    );
    checkAll((v) => sum(v!, { axis: 1 }), [fromArray(new Int32Array(0), [2, 0]) as Integers], [0, 0]);
  });

  test.each<[string, Tensor, object, string]>([
    ["above", tensor([most, 1], int32) as Tensor, {}, "2147483648"],
    ["below", tensor([-most, -2], int32) as Tensor, {}, "-2147483649"],
    ["by a multiple of 2³²", broadcastTo(full([1], most, int32), [6]) as Tensor, {}, "12884901882"],
    [
      "in one of several rows",
      tensor(
        [
          [1, 2],
          [most, 7],
          [3, 4],
        ],
        int32,
      ) as Tensor,
      { axis: 1 },
      "2147483654",
    ],
    [
      "in the last of five columns",
      tensor(
        [
          [1, 2, 3, 4, most],
          [1, 2, 3, 4, 9],
        ],
        int32,
      ) as Tensor,
      { axis: 0 },
      "2147483656",
    ],
    ["along a middle axis", broadcastTo(full([], 2 ** 30, int32), [2, 2, 3]) as Tensor, { axis: 1 }, "2147483648"],
    [
      "along axes that are no neighbours",
      broadcastTo(full([], 2 ** 30, int32), [2, 2, 3]) as Tensor,
      { axis: [0, 2] },
      "6442450944",
    ],
    ["of uint8", full([9_000_000], 255, { dtype: "uint8" }) as Tensor, {}, "2295000000"],
  ])("outside of int32 are an error: %s", (_, x, options, exact) => {
    const f = (v: Tensor): Tensor => sum(v, options) as Tensor;
    const error = expect.objectContaining({
      operation: "sum",
      received: `elements in ${x.dtype} whose sum is ${exact}`,
      expected: "a sum that int32 holds, from -2147483648 to 2147483647",
    });
    expect(() => f(x)).toThrow(ArgumentError);
    expect(() => f(x)).toThrow(error);
    for (const backend of backends) expect(() => compile(f, { backend })(x)).toThrow(error);
  });

  test("that fail leave the state as it was, and the next run works", () => {
    for (const backend of [...backends, wasm()]) {
      const step = compileStep(
        (count: Tensor<readonly [], "int32">, x: Integers) => ({
          state: sum(subtract(x, multiply(count, -1) as never)) as Tensor<readonly [], "int32">,
          outputs: multiply(count, 2),
        }),
        tensor(1, int32) as Tensor<readonly [], "int32">,
        { backend },
      );
      expect(() => step.run(tensor([most - 3, 5], int32) as Integers)).toThrow(ArgumentError);
      expect(step.state().item()).toBe(1);
      step.run(tensor([3, 5], int32) as Integers);
      expect(step.state().item()).toBe(10);
    }
  });

  test("of comparisons never fail, and cost no check", () => {
    const f = (x: Tensor): Tensor => sum(cast(greater(x as Tensor<readonly number[], DType>, 0), "int32")) as Tensor;
    for (const backend of backends) expect(compile(f, { backend })(tensor([1, -1, 2]) as Tensor).item()).toBe(2);
  });
});
