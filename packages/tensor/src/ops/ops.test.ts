/**
 * The table of all operations: each stands here once, with how close it must be to NumPy; its rows are in goldens/ops.json,
 * made by goldens/ops.py.
 */

import type { Closeness } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/ops.json" with { type: "json" };
import { type Apply, checkOp, type GoldenCase } from "../../test/check-op.ts";
import * as nn from "../index.ts";

const exact: Closeness = { rtol: 0, atol: 0 };
/** Two units in the last place, in float64 and in float32. */
const twoUlp: ByDType = { float64: { rtol: 4.5e-16, atol: 1e-323 }, float32: { rtol: 1.2e-7, atol: 1e-45 } };
/** Results that pass through several roundings. */
const rounded: ByDType = { float64: { rtol: 2e-15, atol: 1e-15 }, float32: { rtol: 1e-6, atol: 5e-7 } };

interface ByDType {
  readonly float64: Closeness;
  readonly float32: Closeness;
}

interface OpRow {
  readonly apply: Apply;
  readonly closeness: Closeness | ByDType;
}

const unary =
  (op: (x: nn.Tensor) => nn.Tensor): Apply =>
  ([x]) =>
    op(x!);
const binary =
  (op: (a: nn.Tensor, b: nn.Tensor) => nn.Tensor): Apply =>
  ([a, b]) =>
    op(a!, b!);

const ops: { readonly [name: string]: OpRow } = {
  abs: { apply: unary(nn.abs), closeness: exact },
  add: { apply: binary(nn.add), closeness: exact },
  argmax: { apply: ([x], options) => nn.argmax(x!, options), closeness: exact },
  broadcastTo: { apply: ([x], { shape }) => nn.broadcastTo(x!, shape), closeness: exact },
  cast: { apply: ([x], { dtype }) => nn.cast(x!, dtype), closeness: exact },
  concat: { apply: (inputs, options) => nn.concat(inputs, options), closeness: exact },
  divide: { apply: binary(nn.divide), closeness: exact },
  equal: { apply: binary(nn.equal), closeness: exact },
  exp: { apply: unary(nn.exp), closeness: twoUlp },
  greater: { apply: binary(nn.greater), closeness: exact },
  greaterEqual: { apply: binary(nn.greaterEqual), closeness: exact },
  less: { apply: binary(nn.less), closeness: exact },
  lessEqual: { apply: binary(nn.lessEqual), closeness: exact },
  log: { apply: unary(nn.log), closeness: twoUlp },
  logSoftmax: { apply: ([x]) => nn.logSoftmax(x!), closeness: rounded },
  matmul: { apply: ([a, b]) => nn.matmul(a!, b!), closeness: exact },
  max: { apply: ([x], options) => nn.max(x!, options), closeness: exact },
  maximum: { apply: binary(nn.maximum), closeness: exact },
  mean: { apply: ([x], options) => nn.mean(x!, options), closeness: exact },
  min: { apply: ([x], options) => nn.min(x!, options), closeness: exact },
  minimum: { apply: binary(nn.minimum), closeness: exact },
  multiply: { apply: binary(nn.multiply), closeness: exact },
  negative: { apply: unary(nn.negative), closeness: exact },
  notEqual: { apply: binary(nn.notEqual), closeness: exact },
  oneHot: { apply: ([x], { classCount, dtype }) => nn.oneHot(x!, classCount, { dtype }), closeness: exact },
  relu: { apply: unary(nn.relu), closeness: exact },
  reshape: { apply: ([x], { shape }) => nn.reshape(x!, shape), closeness: exact },
  sigmoid: { apply: unary(nn.sigmoid), closeness: twoUlp },
  slice: { apply: ([x], { ranges }) => nn.slice(x!, ranges), closeness: exact },
  softmax: { apply: ([x]) => nn.softmax(x!), closeness: rounded },
  sqrt: { apply: unary(nn.sqrt), closeness: exact },
  square: { apply: unary(nn.square), closeness: exact },
  subtract: { apply: binary(nn.subtract), closeness: exact },
  sum: { apply: ([x], options) => nn.sum(x!, options), closeness: exact },
  tanh: { apply: unary(nn.tanh), closeness: twoUlp },
  transpose: { apply: ([x], { axes }) => nn.transpose(x!, axes), closeness: exact },
  uniform: {
    apply: ([seed, step], { shape, stream }) => nn.uniform(shape, { seed: seed!, step: step!, stream }),
    closeness: exact,
  },
  where: { apply: ([condition, a, b]) => nn.where(condition!, a!, b!), closeness: exact },
  zerosLike: { apply: ([x]) => nn.zerosLike(x!), closeness: exact },
};

/** What index.ts exports besides operations. An operation that is new fails the test below until the table has it. */
const notOperations = [
  ...["arange", "eye", "fromArray", "fromJson", "full", "linspace", "ones", "tensor", "zeros", "Tensor", "RandomState"],
  ...["compile", "compileStep", "grad", "gradients", "trace", "valueAndGrad", "reference", "wasm"],
  ...[
    "leavesOf",
    "mapTree",
    "threefry2x32",
    "topologicalOrder",
    "formatShape",
    "sameShape",
    "sizeOf",
    "bytesPerElement",
  ],
  ...["ArgumentError", "DTypeError", "ShapeError", "checkInteger", "checkSeed"],
];

test("the table has every operation", () => {
  const exported = Object.keys(nn).filter((name) => !notOperations.includes(name));
  expect(Object.keys(ops)).toEqual(exported.sort());
});

const cases = golden as readonly GoldenCase[];

describe.each(Object.entries(ops))("%s", (name, { apply, closeness }) => {
  const rows = cases.filter((row) => row.op === name);

  test("has rows", () => {
    expect(rows.length).toBeGreaterThan(0);
  });

  test.each(rows.map((row, i) => [`${i}: ${row.inputs.map(describeInput).join(", ")}`, row] as const))(
    "%s",
    (_, row) => {
      checkOp(apply, row, "float64" in closeness ? closeness[row.output.dtype as nn.FloatDType] : closeness);
    },
  );
});

function describeInput({ dtype, shape }: GoldenCase["inputs"][number]): string {
  return `${dtype} ${nn.formatShape(shape)}`;
}
