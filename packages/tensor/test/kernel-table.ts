/** The table of what the engine is checked on, operation by operation, and the check. */

import {
  abs,
  add,
  argmax,
  broadcastTo,
  cast,
  concat,
  type DType,
  divide,
  equal,
  exp,
  fromArray,
  grad,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  logSoftmax,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  multiply,
  negative,
  notEqual,
  oneHot,
  RandomState,
  reference,
  relu,
  reshape,
  sigmoid,
  slice,
  softmax,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  trace,
  transpose,
  uniform,
  type WasmBackend,
  where,
} from "../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: the table calls operations of every type
export type Any = any;

/** Values of every kind that a dtype has: zeros of both signs, ties, NaN and infinities. */
function values(dtype: DType, shape: readonly number[], seed: number): Tensor {
  const random = new RandomState(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const special = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e9, -(2 ** 31)];
  const data = Array.from(random.normal({ size: [size] }).data, (value, i) =>
    i % 7 === 3
      ? special[(i * 5 + seed) % special.length]!
      : dtype === "float32" || dtype === "float64"
        ? value
        : value * 90,
  );
  const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint8: Uint8Array };
  return fromArray(arrays[dtype].from(data), shape) as Tensor;
}

const shapes: readonly (readonly number[])[] = [[1], [7], [3, 5], [4, 16], [9, 33], [2, 3, 5], [2, 3, 4, 8]];
const matrices = shapes.filter((shape) => shape.length === 2);

/** One operation, or some together, on inputs of several dtypes and shapes. */
export interface Row {
  readonly dtypes: readonly DType[];
  readonly shapes?: readonly (readonly number[])[];
  readonly run: (a: Any, b: Any) => Any;
  /** The second input's shape, where it is another. */
  readonly second?: (shape: readonly number[]) => readonly number[];
}

const all = ["float32", "int32", "uint8"] as const;
const floats = ["float32"] as const;
const elementwise = { add, subtract, multiply, divide, maximum, minimum };
const comparisons = { equal, notEqual, less, lessEqual, greater, greaterEqual };
const unary = { negative, abs, square, relu };
const functions = { sqrt, exp, log, tanh, sigmoid, softmax, logSoftmax };
/** Elements whose sums int32 holds. */
const summable = (x: Any) => (x.dtype === "int32" ? maximum(minimum(x, 2 ** 20), -(2 ** 20)) : x);
const lastAxis = (x: Any) => x.shape.length - 1;

/** Every operation. */
export const table: { readonly [name: string]: Row } = {
  ...rows(elementwise, (f) => ({ dtypes: all, run: f })),
  ...rows(comparisons, (f) => ({ dtypes: all, run: f })),
  ...rows(unary, (f) => ({ dtypes: all, run: f })),
  ...rows(functions, (f) => ({ dtypes: floats, run: f })),
  "add a row": { dtypes: ["float32", "int32"], run: add as Any, second: (shape) => shape.slice(-1) },
  "multiply by a column": { dtypes: floats, run: multiply as Any, second: (shape) => shape.with(-1, 1) },
  "greater than a row": { dtypes: all, run: greater as Any, second: (shape) => shape.slice(-1) },
  "greater than a number": { dtypes: all, run: (a) => greater(a, 1) },
  where: { dtypes: ["float32", "int32"], run: (a, b) => where(less(a, b), a, b) },
  "comparison kept and used": { dtypes: floats, run: (a, b) => [less(a, b), where(less(a, b), a, b)] },
  "comparison behind a product": {
    dtypes: floats,
    shapes: matrices,
    second: ([, columns]) => [columns!, 5],
    run: (a, b) => [greater(matmul(a, b), 0), matmul(a, b)],
  },
  broadcastTo: { dtypes: all, run: (a) => broadcastTo(sum(summable(a), { axis: 0, keepDims: true }), a.shape) },
  reshape: { dtypes: all, run: (a) => reshape(a, [-1]) },
  transpose: { dtypes: all, shapes: matrices, run: (a) => transpose(a) },
  matmul: { dtypes: floats, shapes: matrices, run: (a, b) => matmul(a, transpose(b)) },
  ...rows({ sum: (x: Any, options: Any) => sum(summable(x), options), max, min, mean }, (f, name) => ({
    dtypes: name === "mean" ? floats : all,
    run: (a) => [f(a), f(a, { axis: 0 }), f(a, { axis: lastAxis(a) })],
  })),
  "sum along axes in the middle": {
    dtypes: all,
    shapes: [
      [2, 3, 5],
      [2, 3, 4, 8],
      [3, 1, 4, 1],
    ],
    run: (a) => [...[1, [1, 2], [0, 1]].map((axis) => sum(summable(a), { axis })), max(a, { axis: [1] })],
  },
  "sum along axes that are no neighbours": {
    dtypes: floats,
    shapes: [[2, 3, 5]],
    run: (a) => sum(a, { axis: [0, 2] }),
  },
  "argmax along the last axis": { dtypes: all, run: (a) => argmax(a, { axis: lastAxis(a) }) },
  "argmax along the first axis": { dtypes: floats, shapes: matrices, run: (a) => argmax(a, { axis: 0 }) },
  concat: { dtypes: all, shapes: matrices, run: (a, b) => [concat([a, b]), concat([a, b], { axis: 1 } as Any)] },
  "concat along three axes": {
    dtypes: [...all, "float64"],
    shapes: [[2, 3, 5]],
    run: (a, b) => [0, 1, 2].map((axis) => concat([a, b, a], { axis } as Any)),
  },
  slice: {
    dtypes: [...all, "float64"],
    shapes: [
      [3, 5],
      [9, 33],
      [2, 3, 5],
      [2, 3, 4, 8],
    ],
    run: (a) => [
      slice(a, [[1], [0, 2]]),
      slice(a, [[0, 1]]),
      slice(a, [null, [1, 3]]),
      slice(a, []),
      slice(a, [[1, 1]]),
    ],
  },
  "the derivative of slice": {
    dtypes: floats,
    shapes: [
      [3, 5],
      [2, 3, 4, 8],
    ],
    run: (a) =>
      [[[1], [0, 2]], [[0, 1]], [[1, 1]]].map((ranges) => grad((x: Any) => sum(square(slice(x, ranges as Any))))(a)),
  },
  oneHot: { dtypes: ["uint8", "int32"], shapes: [[7]], run: (a) => oneHot(cast(greater(a, 0), a.dtype), 3) },
  ...Object.fromEntries(
    (["float64", ...all] as const).map((to) => [
      `cast to ${to}`,
      { dtypes: (["float64", ...all] as const).filter((from) => from !== to), run: (a: Any) => cast(a, to) },
    ]),
  ),
  uniform: {
    dtypes: ["int32"],
    shapes: [[2], [3, 5], [1000]],
    run: (a) => {
      const scalar = (from: number) => reshape(slice(reshape(a, [-1]), [[from, from + 1]]), []);
      return uniform(a.shape, { seed: scalar(0) as Any, step: scalar(1) as Any, stream: 0x9abcdef0 });
    },
  },
  "add in float64": { dtypes: ["float64"], run: add as Any },
};

function rows<F>(
  operations: { readonly [name: string]: F },
  row: (f: Any, name: string) => Row,
): { [name: string]: Row } {
  return Object.fromEntries(Object.entries(operations).map(([name, f]) => [name, row(f, name)]));
}

/** What running one row on `backend` gave: bits that are not the reference's, and what ran on the reference loops. */
export interface Outcome {
  readonly differing: readonly string[];
  readonly onLoops: readonly string[];
}

/** Runs a row for one dtype on `backend`, an engine, and on the reference loops. */
export function checkRow({ shapes: own, run, second }: Row, dtype: DType, backend: WasmBackend): Outcome {
  const differing: string[] = [];
  const onLoops = new Set<string>();
  for (const shape of own ?? shapes) {
    const inputs = [values(dtype, shape, 1), values(dtype, second?.(shape) ?? shape, 2)];
    const f = (a: Tensor, b: Tensor) => [run(a, b)].flat() as Tensor[];
    const { graph } = trace(f, inputs as unknown as [Tensor, Tensor]);
    const data = inputs.map((input) => input.data);
    const expected = reference.compile(graph, []).run(data);
    const program = backend.compile(graph, []);
    const actual = program.run(data);
    const same = expected.every((each, i) => each.every((value, j) => Object.is(value, actual[i]![j])));
    if (!same) differing.push(`${dtype} [${shape.join(", ")}]`);
    for (const kernel of program.kernels) {
      if (kernel.endsWith("on reference loops")) onLoops.add(kernel.split(" ")[0]!);
    }
  }
  return { differing, onLoops: [...onLoops].sort() };
}
