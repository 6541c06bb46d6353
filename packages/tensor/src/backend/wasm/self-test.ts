/**
 * The test that 256-bit kernels pass before they are used: a small training-like graph, its bits compared with those of
 * the reference loops. V8's packing is experimental, and a wrong number is worse than a slow one.
 */

import type { Program } from "../../backend/backend.ts";
import type { Graph } from "../../graph/graph.ts";
import { trace } from "../../graph/trace.ts";
import { relu } from "../../ops/activation.ts";
import { add, multiply, subtract } from "../../ops/arithmetic.ts";
import { exp } from "../../ops/exponential.ts";
import { matmul } from "../../ops/matmul.ts";
import { transpose } from "../../ops/transpose.ts";
import { fromArray, type Tensor } from "../../tensor.ts";
import { reference } from "../reference/reference.ts";

type Matrix = Tensor<readonly [number, number], "float32">;

/** Whether programs compiled by `compile` have the reference's bits. */
export function selfTest(compile: (graph: Graph) => Program): boolean {
  const [x, w, bias] = [sample(17, 40), sample(40, 48), sample(1, 48)];
  const { graph } = trace(
    (a: Matrix, b: Matrix, c: Matrix) => {
      const hidden = relu(add(matmul(a, b), c));
      const gradient = matmul(transpose(a), hidden);
      return [hidden, subtract(b, multiply(gradient, 0.01)), exp(multiply(hidden, -0.5))];
    },
    [x, w, bias],
  );
  const inputs = [x.data, w.data, bias.data];
  const expected = reference.compile(graph, []).run(inputs);
  const actual = compile(graph).run(inputs);
  return expected.every((values, i) => values.every((value, j) => Object.is(value, actual[i]![j])));
}

function sample(rows: number, columns: number): Matrix {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7919) % 1009) / 512 - 1);
  return fromArray(values, [rows, columns]);
}
