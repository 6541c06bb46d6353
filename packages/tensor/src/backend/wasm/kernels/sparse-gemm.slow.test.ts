/** Products that skip zeros against the reference loops, bit for bit, and against zeros that must not be skipped. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf, kernelsOf } from "../../../../test/backends.ts";
import { add, compile, fromArray, matmul, RandomState, reference, type Tensor, transpose } from "../../../index.ts";
import { type WasmOptions, wasm } from "../wasm.ts";

type Matrix = Tensor<readonly [number, number], "float32">;

const forms = {
  "a · b": (a: Matrix, b: Matrix) => matmul(a, b) as Matrix,
  "aᵀ · b": (a: Matrix, b: Matrix) => matmul(transpose(a), b) as Matrix,
};

/** A matrix of which about `density` of the elements are not zero, some of the zeros negative. */
function matrix(random: RandomState, shape: readonly [number, number], density: number): Matrix {
  const picks = random.uniform({ size: shape }).data;
  const values = random.normal({ size: shape }).data;
  return fromArray(
    Float32Array.from(values, (value, i) => (picks[i]! < density ? value : value < 0 ? -0 : 0)),
    shape,
  );
}

function check(form: keyof typeof forms, a: Matrix, b: Matrix, options: WasmOptions = {}): void {
  const expected = compile(forms[form], { backend: reference })(a, b);
  const backend = wasm(options);
  const actual = compile(forms[form], { backend })(a, b);
  backend.close();
  expect(bitsOf(actual)).toEqual(bitsOf(expected));
}

test("such products say that they skip zeros", () => {
  const random = new RandomState(1);
  const [a, b] = [matrix(random, [64, 100], 0.2), matrix(random, [100, 32], 1)];
  const skipping = (f: (x: Matrix, y: Matrix) => Tensor): readonly string[] =>
    kernelsOf((backend) => compile(f, { backend })(a, b)).filter((label) => /skipping zeros/.test(label));
  expect(skipping(forms["a · b"])).toHaveLength(1);
  // The second product's left factor depends on what may be weights.
  expect(skipping((x, y) => matmul(matmul(x, y) as Matrix, transpose(y)))).toHaveLength(1);
});

test("large batches skip zeros on many threads as on one", () => {
  const random = new RandomState(3);
  const [x, g] = [matrix(random, [2048, 784], 0.01), matrix(random, [2048, 32], 1)];
  const kernels = [{}, { threads: 4, adaptThreads: false }].map((options) =>
    kernelsOf((backend) => compile(forms["aᵀ · b"], { backend })(x, g), options),
  );
  expect(kernels[0]!.filter((label) => /skipping zeros/.test(label))).toHaveLength(1);
  expect(kernels[1]).toEqual(kernels[0]);
});

test.each([1, 2])("both forms of one matrix in either order, %i threads", (threads) => {
  const random = new RandomState(2);
  const a = matrix(random, [64, 80], 0.2);
  const programs = [
    (x: Matrix) => matmul(x, matmul(transpose(x), x) as Matrix),
    (x: Matrix) => matmul(transpose(x), matmul(x, transpose(x)) as Matrix),
    (x: Matrix) => matmul(x, add(matmul(transpose(x), add(x, 1) as Matrix), 1) as Matrix),
  ];
  for (const f of programs) {
    const backend = wasm({ threads, adaptThreads: false });
    expect(bitsOf(compile(f, { backend })(a))).toEqual(bitsOf(compile(f, { backend: reference })(a)));
    backend.close();
  }
});

describe.each(Object.keys(forms) as (keyof typeof forms)[])("%s", (form) => {
  const sizes = (m: number, k: number): readonly [number, number] => (form === "a · b" ? [m, k] : [k, m]);

  test("any size and density has the reference's bits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 70 }),
        fc.integer({ min: 60, max: 150 }),
        fc.integer({ min: 17, max: 90 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.nat(1000),
        (m, extra, n, density, wide, seed) => {
          const k = Math.ceil(4096 / m) + (extra % 7);
          const random = new RandomState(seed);
          check(form, matrix(random, sizes(m, k), density), matrix(random, [k, n], 0.9), { wide });
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ["infinity", Number.POSITIVE_INFINITY],
    ["NaN", Number.NaN],
    ["the largest number", 3.4028234663852886e38],
  ])("%s on the right is not skipped", (_, value) => {
    const random = new RandomState(3);
    const [a, b] = [matrix(random, sizes(64, 100), 0.2), matrix(random, [100, 80], 1)];
    for (const at of [0, 17, 79, 80 * 99 + 79]) {
      const data = Float32Array.from(b.data as Float32Array);
      data[at] = value;
      for (const threads of [1, 2]) check(form, a, fromArray(data, [100, 80]), { threads, adaptThreads: false });
    }
  });

  test("infinity and NaN on the left are no zeros", () => {
    const random = new RandomState(4);
    const a = matrix(random, sizes(64, 100), 0.1);
    const data = Float32Array.from(a.data as Float32Array);
    data[10] = Number.NaN;
    data[2000] = Number.NEGATIVE_INFINITY;
    data[4000] = 1e-45;
    check(form, fromArray(data, a.shape), matrix(random, [100, 40], 1));
  });

  test.each([1, 2, 3])("%i threads, few panels and many", (threads) => {
    const random = new RandomState(5);
    for (const n of [17, 32, 40, 256]) {
      for (const density of [0, 0.15, 0.39, 0.41, 1])
        check(form, matrix(random, sizes(90, 200), density), matrix(random, [200, n], 1), {
          threads,
          adaptThreads: false,
        });
    }
  });

  test("one program meets dense and thin data in turn", () => {
    const random = new RandomState(6);
    const b = matrix(random, [100, 48], 1);
    const [expected, actual] = [reference, wasm()].map((backend) => compile(forms[form], { backend }));
    for (const density of [0.1, 1, 0.3, 0, 0.9, 0.2]) {
      const a = matrix(random, sizes(64, 100), density);
      expect(bitsOf(actual!(a, b))).toEqual(bitsOf(expected!(a, b)));
    }
  });

  test("fast mode skips as well and agrees to rounding", () => {
    const random = new RandomState(7);
    const [a, b] = [matrix(random, sizes(64, 100), 0.2), matrix(random, [100, 80], 1)];
    const expected = compile(forms[form], { backend: reference })(a, b).data as Float32Array;
    const actual = compile(forms[form], { backend: wasm({ mode: "fast" }) })(a, b).data as Float32Array;
    expected.forEach((value, i) => {
      expect(actual[i]).toBeCloseTo(value, 4);
    });
  });
});
