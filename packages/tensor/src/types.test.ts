/**
 * What the compiler knows: shapes through operations, and messages that are those of the run time. `check-types` proves the
 * types; the run proves that the compiler's messages are what the program says.
 */

import { describe, expect, expectTypeOf, test } from "vitest";
import type { FloatOnly, SameDType } from "./dtype.ts";
import {
  add,
  argmax,
  type Broadcast,
  broadcastTo,
  cast,
  compile,
  compileStep,
  concat,
  equal,
  exp,
  type FloatDType,
  fromArray,
  full,
  grad,
  linspace,
  logSoftmax,
  type MatmulShape,
  matmul,
  max,
  mean,
  multiply,
  negative,
  oneHot,
  ones,
  type Reduced,
  type ReductionOptions,
  reshape,
  type Shape,
  slice,
  softmax,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  transpose,
  uniform,
  type Valid,
  valueAndGrad,
  where,
  zeros,
} from "./index.ts";

type F32<S extends Shape> = Tensor<S, "float32">;
type F64<S extends Shape> = Tensor<S, "float64">;

const n: number = 2;
const three: number = 3;
const wideShape: Shape = [2, 3];
const wide = zeros(wideShape) as Tensor;
const f64 = { dtype: "float64" } as const;
const u8 = { dtype: "uint8" } as const;

test("making tensors", () => {
  expectTypeOf(
    tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  ).toEqualTypeOf<F32<[3, 2]>>();
  expectTypeOf(tensor(1, f64)).toEqualTypeOf<F64<[]>>();
  expectTypeOf(tensor([])).toEqualTypeOf<F32<[0]>>();
  expectTypeOf(tensor([1, 2] as number[], f64)).toEqualTypeOf<F64<[number]>>();
  expectTypeOf(zeros([2, n])).toEqualTypeOf<F32<[2, number]>>();
  expectTypeOf(zeros(wideShape)).toEqualTypeOf<F32<Shape>>();
  expectTypeOf(ones([3], u8)).toEqualTypeOf<Tensor<[3], "uint8">>();
  expectTypeOf(full([], 3)).toEqualTypeOf<F32<[]>>();
  expectTypeOf(linspace(0, 1, 5)).toEqualTypeOf<F32<[5]>>();
  expectTypeOf(fromArray(new Int32Array(6), [2, 3])).toEqualTypeOf<Tensor<[2, 3], "int32">>();
  expectTypeOf(zeros([2]).data).toEqualTypeOf<Float32Array<ArrayBufferLike>>();
});

test("a shape may be written mutable or not; unknown sizes take known ones", () => {
  expectTypeOf<Tensor<readonly [3, 1]>>().toExtend<Tensor<[3, 1]>>();
  expectTypeOf<Tensor<[3, 1]>>().toExtend<Tensor<readonly [3, 1]>>();
  expectTypeOf<Tensor<[3, 1]>>().toExtend<Tensor<[number, 1]>>();
  expectTypeOf<F32<[3, 1]>>().toExtend<Tensor>();
  expectTypeOf<Tensor<[number, 1]>>().not.toExtend<Tensor<[3, 1]>>();
  expectTypeOf<F32<[3]>>().not.toExtend<F64<[3]>>();
});

test("elementwise", () => {
  expectTypeOf(add(zeros([2, 3]), zeros([2, 3]))).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(add(zeros([2, 3]), zeros([3]))).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(add(zeros([3]), zeros([2, 1]))).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(add(zeros([]), zeros([2, 1]))).toEqualTypeOf<F32<[2, 1]>>();
  expectTypeOf(add(zeros([4, 1, 3]), zeros([5, 1]))).toEqualTypeOf<F32<[4, 5, 3]>>();
  expectTypeOf(add(zeros([n, 3]), zeros([3]))).toEqualTypeOf<F32<[number, 3]>>();
  expectTypeOf(add(zeros([3]), zeros([n, 3]))).toEqualTypeOf<F32<[number, 3]>>();
  expectTypeOf(add(zeros([2, 3]), zeros([three]))).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(add(zeros([2, 3]), zeros(wideShape))).toEqualTypeOf<F32<Shape>>();
  expectTypeOf(multiply(zeros([2], f64), 3)).toEqualTypeOf<F64<[2]>>();
  expectTypeOf(subtract(1, zeros([2], u8))).toEqualTypeOf<Tensor<[2], "uint8">>();
  expectTypeOf(equal(zeros([2, 3]), zeros([3]))).toEqualTypeOf<Tensor<[2, 3], "uint8">>();
  expectTypeOf(exp(zeros([2, 3]))).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(where(equal(zeros([2]), 0), zeros([2]), ones([2]))).toEqualTypeOf<F32<[2]>>();
  expectTypeOf(add(wide, wide)).toEqualTypeOf<Tensor>();
  expectTypeOf(add(zeros([3]), wide)).toEqualTypeOf<F32<Shape>>();
});

test("matrices", () => {
  expectTypeOf(matmul(zeros([32, 784]), zeros([784, 10]))).toEqualTypeOf<F32<[32, 10]>>();
  expectTypeOf(matmul(zeros([n, 784]), zeros([784, 10]))).toEqualTypeOf<F32<[number, 10]>>();
  expectTypeOf(matmul(zeros([2, three]), zeros([3, 4]))).toEqualTypeOf<F32<[2, 4]>>();
  expectTypeOf(matmul(zeros([2, 3]), zeros([three, 4]))).toEqualTypeOf<F32<[2, 4]>>();
  expectTypeOf(matmul(wide, transpose(wide))).toEqualTypeOf<Tensor<[number, number]>>();
  expectTypeOf(matmul(wide, zeros([3, 4]))).toEqualTypeOf<F32<[number, 4]>>();
  expectTypeOf(matmul(zeros([2, 3], f64), transpose(zeros(wideShape, f64)))).toEqualTypeOf<F64<[2, number]>>();
  expectTypeOf(transpose(zeros([2, 3]))).toEqualTypeOf<F32<[3, 2]>>();
  expectTypeOf(transpose(zeros([2, n, 4]))).toEqualTypeOf<F32<[4, number, 2]>>();
  expectTypeOf(transpose(zeros([2, 3, 4]), [2, 0, 1])).toEqualTypeOf<F32<[4, 2, 3]>>();
  expectTypeOf(transpose(wide)).toEqualTypeOf<Tensor>();
  expectTypeOf(matmul(transpose(zeros([3, 2])), zeros([3, 5]))).toEqualTypeOf<F32<[2, 5]>>();
});

test("reductions", () => {
  const x = zeros([2, 3, 4]);
  expectTypeOf(sum(x)).toEqualTypeOf<F32<[]>>();
  expectTypeOf(sum(x, { keepDims: true })).toEqualTypeOf<F32<[1, 1, 1]>>();
  expectTypeOf(sum(x, { axis: 0 })).toEqualTypeOf<F32<[3, 4]>>();
  expectTypeOf(mean(x, { axis: -1 })).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(max(x, { axis: -3 })).toEqualTypeOf<F32<[3, 4]>>();
  expectTypeOf(sum(x, { axis: 1, keepDims: true })).toEqualTypeOf<F32<[2, 1, 4]>>();
  expectTypeOf(sum(x, { axis: 1, keepDims: false })).toEqualTypeOf<F32<[2, 4]>>();
  expectTypeOf(sum(x, { axis: [0, -1] })).toEqualTypeOf<F32<[3]>>();
  expectTypeOf(sum(x, { axis: [0, -1], keepDims: true })).toEqualTypeOf<F32<[1, 3, 1]>>();
  expectTypeOf(sum(zeros([n, 3]), { axis: 1 })).toEqualTypeOf<F32<[number]>>();
  expectTypeOf(sum(x, { axis: n })).toEqualTypeOf<F32<Shape>>();
  expectTypeOf(sum(x, {} as ReductionOptions)).toEqualTypeOf<F32<Shape>>();
  expectTypeOf(sum(wide, { axis: 0 })).toExtend<Tensor>();
  expectTypeOf(sum(wide)).toExtend<Tensor<[]>>();
  expectTypeOf(sum(zeros([2], u8))).toEqualTypeOf<Tensor<[], "int32">>();
  expectTypeOf(argmax(x, { axis: -1 })).toEqualTypeOf<Tensor<[2, 3], "int32">>();
  expectTypeOf(argmax(x)).toEqualTypeOf<Tensor<[], "int32">>();
});

test("other shapes", () => {
  expectTypeOf(reshape(zeros([2, 6]), [3, -1])).toEqualTypeOf<F32<[3, number]>>();
  expectTypeOf(reshape(zeros([2, 6]), [3, 4])).toEqualTypeOf<F32<[3, 4]>>();
  expectTypeOf(broadcastTo(zeros([3]), [2, 3])).toEqualTypeOf<F32<[2, 3]>>();
  expectTypeOf(concat([zeros([2, 3]), zeros([4, 3])])).toEqualTypeOf<F32<[number, 3]>>();
  expectTypeOf(concat([zeros([2, 3]), zeros([2, 5])], { axis: -1 })).toEqualTypeOf<F32<[2, number]>>();
  expectTypeOf(concat([zeros([n, 3], f64)] as F64<[number, 3]>[])).toEqualTypeOf<F64<[number, 3]>>();
  expectTypeOf(slice(zeros([4, 3, 2]), [[0, 2], null])).toEqualTypeOf<F32<[number, 3, 2]>>();
  expectTypeOf(oneHot(zeros([64], u8), 10)).toEqualTypeOf<F32<[64, 10]>>();
  expectTypeOf(oneHot(zeros([n], u8), 10, f64)).toEqualTypeOf<F64<[number, 10]>>();
  expectTypeOf(cast(zeros([2], u8), "float64")).toEqualTypeOf<F64<[2]>>();
  const scalar = tensor(0, { dtype: "int32" });
  expectTypeOf(uniform([64, 5], { seed: scalar, step: scalar, stream: 1 })).toEqualTypeOf<F32<[64, 5]>>();
});

test("losses and functions need no casts, for known and for unknown shapes", () => {
  const crossEntropy = (logits: F32<[64, 10]>, labels: Tensor<[64], "uint8">): F32<[]> =>
    negative(mean(sum(multiply(logSoftmax(logits), oneHot(labels, 10)), { axis: 1 })));
  const wideCrossEntropy = (logits: Tensor, labels: Tensor<Shape, "uint8">): Tensor =>
    negative(mean(sum(multiply(logSoftmax(logits), oneHot(labels, 10)), { axis: 1 })));
  expectTypeOf(grad(crossEntropy)).returns.toEqualTypeOf<F32<[64, 10]>>();
  expectTypeOf(compile(grad(wideCrossEntropy))).parameters.toEqualTypeOf<[Tensor, Tensor<Shape, "uint8">]>();

  const loss = (w: Tensor<[3, 1]>, x: Tensor<[8, 3]>, y: Tensor<[8, 1]>): Tensor<[]> =>
    mean(square(subtract(matmul(x, w), y)));
  expectTypeOf(compile(grad(loss))).toEqualTypeOf<
    (w: Tensor<[3, 1]>, x: Tensor<[8, 3]>, y: Tensor<[8, 1]>) => Tensor<[3, 1]>
  >();

  type Parameters = { readonly weight: F32<[3, 1]>; readonly bias: F32<[1]> };
  const affine = (p: Parameters, x: F32<[number, 3]>): F32<[]> => mean(add(matmul(x, p.weight), p.bias));
  expectTypeOf(valueAndGrad(affine)).returns.toEqualTypeOf<{
    readonly value: Tensor<[]>;
    readonly gradient: Parameters;
  }>();
  const step = compileStep(
    (p: Parameters, x: F32<[number, 3]>) => {
      const { value, gradient } = valueAndGrad(affine)(p, x);
      const state = {
        weight: subtract(p.weight, multiply(gradient.weight, 0.1)),
        bias: subtract(p.bias, multiply(gradient.bias, 0.1)),
      };
      return { state, outputs: { loss: value } };
    },
    { weight: zeros([3, 1]), bias: zeros([1]) },
  );
  expectTypeOf(step.run).parameters.toEqualTypeOf<[F32<[number, 3]>]>();
  expectTypeOf(step.state()).toExtend<Parameters>();
});

test("functions that are generic in shape, size or dtype", () => {
  const residual = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<S, D> =>
    add(x, multiply(exp(x), softmax(x)));
  const dense = <N extends number, I extends number, O extends number>(
    x: F32<[N, I]>,
    weight: F32<[I, O]>,
  ): F32<[N, O]> => matmul(x, weight);
  const total = <S extends Shape, D extends FloatDType>(x: Tensor<S, D>): Tensor<[], D> => sum(x);
  expectTypeOf(residual(zeros([2]))).toEqualTypeOf<F32<[2]>>();
  expectTypeOf(dense(zeros([2, 3]), zeros([3, 4]))).toEqualTypeOf<F32<[2, 4]>>();
  expectTypeOf(total(zeros([2], f64))).toEqualTypeOf<F64<[]>>();
});

describe("a mismatch is an error of the compiler, and says what the program says", () => {
  // Each text is typed by the type computation: it compiles only if it is the compiler's message, letter by letter.
  const matmulText: Valid<MatmulShape<[32, 784], [128, 10]>> =
    "matmul: received a of shape [32, 784] and b of shape [128, 10]; expected b of shape [784, n].";
  const transposedText: Valid<MatmulShape<[32, 784], [10, 784]>> =
    "matmul: received a of shape [32, 784] and b of shape [10, 784]; expected b of shape [784, n]. Did you mean to transpose b?";
  const rankText: Valid<MatmulShape<[32, 784], [784]>> = "matmul: received b of shape [784]; expected two axes.";
  const axisText: Valid<Reduced<"sum", [2, 3], { axis: 2 }>> =
    "sum: received axis 2 for shape [2, 3]; expected an integer from -2 to 1.";
  const negativeAxisText: Valid<Reduced<"mean", [5], { axis: -2 }>> =
    "mean: received axis -2 for shape [5]; expected an integer from -1 to 0.";
  const axesText: Valid<Reduced<"max", [2, 3], { axis: readonly [0, -3] }>> =
    "max: received axis -3 for shape [2, 3]; expected an integer from -2 to 1.";
  const scalarText: Valid<Reduced<"argmax", [], { axis: 0 }>> =
    "argmax: received axis 0 for shape []; expected no axis: a scalar has none.";
  const broadcastText: Valid<Broadcast<"add", [2, 3], [4]>> =
    "add: received shapes [2, 3] and [4]; expected sizes that are equal or 1, aligned at the last axis.";
  const comparisonText: Valid<Broadcast<"equal", [2, 3], [2, 2]>> =
    "equal: received shapes [2, 3] and [2, 2]; expected sizes that are equal or 1, aligned at the last axis.";
  const dtypeText: Valid<SameDType<"add", "float32", "float64">> =
    'add: received float32 and float64; expected inputs of one dtype. Convert with cast(x, "float32").';
  const floatText: Valid<FloatOnly<"exp", "uint8">> =
    'exp: received uint8; expected float32 or float64. Convert with cast(x, "float32").';
  const meanText: Valid<FloatOnly<"mean", "uint8">> =
    'mean: received uint8; expected float32 or float64. Convert with cast(x, "float32").';

  test.each([
    // @ts-expect-error
    ["matmul", matmulText, () => matmul(zeros([32, 784]), zeros([128, 10]))],
    // @ts-expect-error
    ["matmul of a transpose", transposedText, () => matmul(zeros([32, 784]), zeros([10, 784]))],
    // @ts-expect-error
    ["matmul of a vector", rankText, () => matmul(zeros([32, 784]), zeros([784]))],
    // @ts-expect-error
    ["an axis", axisText, () => sum(zeros([2, 3]), { axis: 2 })],
    // @ts-expect-error
    ["an axis from the end", negativeAxisText, () => mean(zeros([5]), { axis: -2 })],
    // @ts-expect-error
    ["one of several axes", axesText, () => max(zeros([2, 3]), { axis: [0, -3] })],
    // @ts-expect-error
    ["an axis of a scalar", scalarText, () => argmax(zeros([]), { axis: 0 })],
    // @ts-expect-error
    ["broadcast", broadcastText, () => add(zeros([2, 3]), zeros([4]))],
    // @ts-expect-error
    ["broadcast of comparisons", comparisonText, () => equal(zeros([2, 3]), zeros([2, 2]))],
    // @ts-expect-error
    ["dtypes", dtypeText, () => add(zeros([2]), zeros([2], f64))],
    // @ts-expect-error
    ["no float", floatText, () => exp(zeros([2], u8))],
    // @ts-expect-error
    ["no float mean", meanText, () => mean(zeros([2], u8))],
  ] as const)("%s", (_, text, call) => {
    expect(call).toThrow(expect.objectContaining({ message: text }));
  });

  test("other mistakes", () => {
    // @ts-expect-error two numbers
    expect(() => add(1, 2)).toThrow();
    // @ts-expect-error no tensor
    expect(() => add(zeros([2]), undefined)).toThrow();
    // @ts-expect-error a sum over floats where bytes are needed
    expect(() => oneHot(zeros([2]), 3)).toThrow();
    // @ts-expect-error not a dtype
    expect(() => zeros([2], { dtype: "float16" })).toThrow();
    // @ts-expect-error a mismatch deep inside an expression
    expect(() => negative(add(matmul(zeros([2, 3]), zeros([3, 4])), zeros([5])))).toThrow();
  });
});
