/**
 * The test that 256-bit kernels pass before they are used: a step of training with every kind of kernel that V8 packs, its
 * bits compared with those of the reference loops. V8's packing is experimental, and a wrong number is worse than a slow
 * one. Only its optimising compiler packs, and takes over while a function is being called again and again: so the step
 * runs that often.
 */

import type { Program } from "../../backend/backend.ts";
import type { Graph } from "../../graph/graph.ts";
import { trace } from "../../graph/trace.ts";
import { relu, sigmoid, tanh } from "../../ops/activation.ts";
import { add, multiply, subtract } from "../../ops/arithmetic.ts";
import { greater } from "../../ops/comparison.ts";
import { exp, log } from "../../ops/exponential.ts";
import { matmul } from "../../ops/matmul.ts";
import { logSoftmax } from "../../ops/softmax.ts";
import { sum } from "../../ops/sum.ts";
import { transpose } from "../../ops/transpose.ts";
import { where } from "../../ops/where.ts";
import { fromArray, type Tensor } from "../../tensor.ts";
import { reference } from "../reference/reference.ts";

type Matrix = Tensor<readonly [number, number], "float32">;

/** Enough for the optimising compiler to take over: some 100 ms. */
const runs = 1000;

/** Whether programs compiled by `compile` have the reference's bits. */
export function selfTest(compile: (graph: Graph) => Program): boolean {
  // Few elements of `x` are not zero: its products follow lists.
  const [x, w, bias, v] = [sample(48, 96, 0.7), sample(96, 80), sample(1, 80), sample(80, 10)];
  const { graph } = trace(
    (x: Matrix, w: Matrix, bias: Matrix, v: Matrix) => {
      const hidden = relu(add(matmul(x, w), bias));
      const logs = logSoftmax(matmul(hidden, v));
      const dLogits = subtract(exp(logs), 0.1);
      const dHidden = where(greater(hidden, 0), matmul(dLogits, transpose(v)), multiply(hidden, 0));
      const next = {
        w: subtract(w, multiply(matmul(transpose(x), dHidden), 0.1)),
        bias: subtract(bias, sum(dHidden, { axis: 0, keepDims: true })),
        v: subtract(v, multiply(matmul(transpose(hidden), dLogits), 0.1)),
      };
      return [sum(logs), ...Object.values(next), log(add(hidden, 0.5)), tanh(hidden), sigmoid(hidden)];
    },
    [x, w, bias, v],
  );
  const inputs = [x.data, w.data, bias.data, v.data];
  const expected = reference.compile(graph, []).run(inputs);
  const program = compile(graph);
  const isExact = (): boolean => {
    const actual = program.run(inputs);
    return expected.every((values, i) => values.every((value, j) => Object.is(value, actual[i]![j])));
  };
  if (!isExact()) return false;
  for (let run = 0; run < runs; run++) program.run(inputs);
  return isExact();
}

/** Elements between −1 and 1; those below `least` are zero. */
function sample(rows: number, columns: number, least = -1): Matrix {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => {
    const value = ((i * 7919) % 1009) / 512 - 1;
    return value < least ? 0 : value;
  });
  return fromArray(values, [rows, columns]);
}
