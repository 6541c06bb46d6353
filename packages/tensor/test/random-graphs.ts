/** Random functions of two matrices, for properties that every program must have. */

import fc from "fast-check";
import {
  add,
  broadcastTo,
  cast,
  divide,
  fromArray,
  greater,
  logSoftmax,
  matmul,
  maximum,
  mean,
  minimum,
  multiply,
  negative,
  type RandomState,
  relu,
  reshape,
  sigmoid,
  softmax,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
} from "../src/index.ts";

export type Wide = Tensor<readonly number[], "float32">;

export function randomTensor(random: RandomState, shape: readonly number[]): Wide {
  return fromArray(Float32Array.from(random.normal({ size: shape }).data), shape) as Wide;
}

/** Operations on matrices of one shape, picked by number to build random graphs. */
const choices: readonly ((a: Wide, b: Wide) => Wide)[] = [
  (a, b) => add(a, b) as Wide,
  (a, b) => subtract(a, b) as Wide,
  (a, b) => multiply(a, b) as Wide,
  (a, b) => divide(a, b) as Wide,
  (a, b) => maximum(a, b) as Wide,
  (a, b) => minimum(a, b) as Wide,
  (a) => negative(a),
  (a) => square(a),
  (a) => sqrt(a),
  (a) => relu(a),
  (a) => tanh(a),
  (a) => sigmoid(a),
  (a) => softmax(a),
  (a) => logSoftmax(a),
  (a, b) => where(greater(a, b) as Tensor<readonly number[], "uint8">, b, a) as Wide,
  (a, b) => add(a, sum(b, { axis: 0, keepDims: true }) as Wide) as Wide,
  (a, b) => multiply(a, sum(b, { axis: -1, keepDims: true }) as Wide) as Wide,
  // Sums of rows taken as a row, where the matrix is square.
  (a, b) => add(a, a.shape[0] === a.shape[1] ? (sum(b, { axis: -1 }) as Wide) : 1) as Wide,
  (a, b) => subtract(a, mean(b) as Wide) as Wide,
  (a, b) => broadcastTo(sum(add(a, b) as Wide) as Wide, a.shape) as Wide,
  (a, b) => matmul(matmul(a, transpose(b)) as Wide, b) as Wide,
  (a, b) => matmul(a, matmul(transpose(a) as Wide, b) as Wide) as Wide,
  (a, b) => reshape(add(reshape(a, [-1]), reshape(b, [-1])) as Wide, a.shape) as Wide,
  (a, b) => add(a, sum(reshape(b, [b.shape[1]!, b.shape[0]!]) as Wide)) as Wide,
  (a, b) => reshape(transpose(reshape(a, [b.shape[1]!, b.shape[0]!]) as Wide) as Wide, b.shape) as Wide,
  (a, b) => add(a, cast(greater(b, 0), "float32") as Wide) as Wide,
  (a, b) => add(a, cast(cast(greater(b, 0), "int32"), "float32") as Wide) as Wide,
  (a, b) => broadcastTo(cast(sum(cast(greater(a, b), "int32")), "float32") as Wide, a.shape) as Wide,
];

/** Functions of two matrices of one shape; each gives the last two values that it computes. */
export const randomGraphs: fc.Arbitrary<(a: Wide, b: Wide) => Wide[]> = fc
  .array(fc.tuple(fc.nat(choices.length - 1), fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 12 })
  .map((ops) => (a: Wide, b: Wide): Wide[] => {
    const values = [a, b];
    for (const [op, left, right] of ops)
      values.push(choices[op]!(values[left % values.length]!, values[right % values.length]!));
    return values.slice(-2);
  });
