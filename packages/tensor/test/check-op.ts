/** One check of an operation for every row of the golden table: result, the same bits in every mode, derivative. */

import { type ArrayValues, type Closeness, checkGradient, expectAllClose } from "@nn/testing";
import { expect } from "vitest";
import { compile, type DType, fromArray, grad, multiply, sum, type Tensor, trace } from "../src/index.ts";
import { backends } from "./backends.ts";

/** An array as `goldens/ops.py` writes it. */
interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly (number | string)[];
}

/** A row of `goldens/ops.json`. */
export interface GoldenCase {
  readonly op: string;
  readonly inputs: readonly GoldenArray[];
  readonly attributes?: unknown;
  readonly output: GoldenArray;
  /** Compare this derivative, and for 2 the second one, with central differences. */
  readonly gradient?: 1 | 2;
}

/** An operation under test, its attributes as a golden row has them. */
// biome-ignore lint/suspicious/noExplicitAny: each operation has attributes of its own
export type Apply = (inputs: readonly Tensor<any, any>[], attributes: any) => Tensor;

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** The tensor that a golden array describes. */
function goldenTensor({ shape, dtype, data }: GoldenArray): Tensor {
  return fromArray(new arrays[dtype as DType](data.map(Number)), shape);
}

/** Throws unless `apply` gives the row's result within `closeness`, with the same bits in every mode, and its derivative. */
export function checkOp(apply: Apply, row: GoldenCase, closeness: Closeness): void {
  const inputs = row.inputs.map(goldenTensor);
  const run = (...tensors: readonly Tensor[]): Tensor => apply(tensors, row.attributes);
  const eager = run(...inputs);
  expect(eager.dtype).toBe(row.output.dtype);
  expectAllClose(eager, goldenTensor(row.output), closeness);

  const { graph } = trace(run, inputs);
  for (const backend of backends) {
    expectSameBits(compile(run, { backend })(...inputs), eager);
    const [output] = backend.compile(graph, []).run(inputs.map((input) => input.data));
    expectSameBits(fromArray(output!, eager.shape), eager);
  }

  if (row.gradient !== undefined) checkDerivatives(run, inputs, row.gradient);
}

/** Throws unless both hold the same bits, which tell −0 from 0 as well. */
function expectSameBits(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  expect(Array.from(actual.data)).toEqual(Array.from(expected.data));
}

/** Compares the derivative of Σ weights · run(inputs) for each float64 input with central differences, `order` times over. */
function checkDerivatives(run: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[], order: number): void {
  if (order === 0) return;
  inputs.forEach((input, index) => {
    if (input.dtype !== "float64") return;
    const loss = (x: Tensor): Tensor => weightedSum(run(...inputs.with(index, x)));
    const gradient = grad(loss)(input);
    expectSameBits(compile(grad(loss))(input), gradient);
    checkGradient((data) => loss(fromArray(data, input.shape)).item(), input as ArrayValues, gradient);
    checkDerivatives((x) => grad(loss)(x!), [input], order - 1);
  });
}

/** Σ weights · y with uneven weights, so that no two elements of y stand for each other. */
function weightedSum(y: Tensor): Tensor {
  const weights = Float64Array.from({ length: y.size }, (_, i) => 0.5 + ((i * 7) % 11) / 10);
  return sum(multiply(y, fromArray(weights, y.shape)));
}
