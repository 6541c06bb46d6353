/** Programs that test where values are kept: other names for their memory, states that share a value, folded constants. */

import { describe, expect, test } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import { randomTensor, type Wide } from "../../../test/random-graphs.ts";
import { leavesOf, type Tree } from "../../graph/tree.ts";
import {
  add,
  type Backend,
  broadcastTo,
  compile,
  compileStep,
  exp,
  matmul,
  multiply,
  oneHot,
  RandomState,
  reference,
  reshape,
  slice,
  softmax,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  valueAndGrad,
} from "../../index.ts";
import { wasm } from "./wasm.ts";

const random = new RandomState(11);
const [square4, square16, square20, square32] = [4, 16, 20, 32].map((size) => randomTensor(random, [size, size])) as [
  Wide,
  Wide,
  Wide,
  Wide,
];
const four = randomTensor(random, [4]);
const tall = randomTensor(random, [16, 4]);

/** The outputs of `f` compiled. */
const compiled =
  <Args extends readonly Tensor[]>(f: (...args: Args) => Tree, ...args: Args) =>
  (backend: Backend): Tree =>
    compile(f, { backend })(...args);

/** The outputs of two runs of a step, and the state behind them. */
const stepped =
  <State extends Tree>(step: (state: State) => { readonly state: State; readonly outputs: Tree }, state: State) =>
  (backend: Backend): Tree => {
    const program = compileStep(step, state, { backend });
    return [program.run(), program.run(), program.state()];
  };

/** A step that keeps its state and puts out what `f` makes of it. */
const seen = (f: (state: Wide) => Tensor) => stepped((state: Wide) => ({ state, outputs: f(state) }), square20);

const wide = (x: Tensor): Wide => x as Wide;

const programs: readonly (readonly [string, (backend: Backend) => Tree])[] = [
  [
    "one value for two states",
    stepped(
      ([a, c]: readonly Wide[]) => {
        const next = add(a!, c!) as Wide;
        return { state: [next, next], outputs: [] };
      },
      [square20, square20] as readonly Wide[],
    ),
  ],
  ["elements of a state under another shape", seen((w) => multiply(reshape(w, [-1]), 2))],
  ["their sum", seen((w) => sum(square(reshape(w, [-1]))))],
  ["sums of their columns", seen((w) => sum(reshape(w, [4, 100]), { axis: 0 }))],
  ["their transpose", seen((w) => transpose(reshape(w, [4, 100])))],
  ["a product with them", seen((w) => matmul(tall as never, wide(reshape(w, [4, 100]))))],
  [
    "a new state put out under another shape",
    stepped((w: Wide) => {
      const next = multiply(w, 0.5) as Wide;
      return { state: next, outputs: reshape(next, [-1]) };
    }, square20),
  ],
  [
    "a state that is another one under another shape",
    stepped(
      ([w, flat]: readonly Wide[]) => ({
        state: [multiply(w!, 0.5) as Wide, wide(reshape(add(w!, reshape(flat!, [20, 20])), [-1]))],
        outputs: [],
      }),
      [square20, wide(reshape(square20, [-1]))] as readonly Wide[],
    ),
  ],
  [
    "a right factor put out under another shape",
    compiled((x: Wide) => {
      const product = matmul(x, x) as Wide;
      return [matmul(x, product), reshape(product, [-1])];
    }, square32),
  ],
  [
    "a right factor transposed without exchanging axes",
    compiled((x: Wide) => matmul(x, wide(transpose(x, [0, 1]))), square20),
  ],
  [
    "sums of the rows of a square softmax, taken as a row",
    compiled((x: Wide) => {
      const y = softmax(x);
      return subtract(y, sum(multiply(y, x) as Wide, { axis: -1 }) as Wide);
    }, square4),
  ],
  [
    "the same through broadcastTo",
    compiled((x: Wide) => {
      const y = softmax(x);
      return subtract(y, broadcastTo(sum(multiply(y, x) as Wide, { axis: -1 }) as Wide, [4, 4] as never) as Wide);
    }, square4),
  ],
  [
    "a sum over axes of which one is empty",
    compiled((x: Wide) => {
      const busy = exp(sum(tanh(x), { axis: -1 }) as Wide);
      const empty = reshape(slice(busy, [[0, 0]]) as Wide, [0, 5, 2] as never);
      return [busy, sum(empty as Wide, { axis: [0, 2] })];
    }, square16),
  ],
  [
    "a gradient that folds to a number, put out and used",
    compiled((x: Wide) => {
      const { gradient } = valueAndGrad((w: Tensor) => add(multiply(w, w), sum(x)) as never)(tensor(3) as never);
      return [gradient, add(x, gradient as Wide)];
    }, four),
  ],
  [
    "a chain of 3,000 operations",
    compiled((x: Wide) => {
      let y = x;
      for (let i = 0; i < 3000; i++) y = add(y, 1) as Wide;
      return y;
    }, four),
  ],
];

describe.each([1, 2])("%i threads", (threads) => {
  test.each(programs)("%s", (_, run) => {
    const backend = wasm({ threads, adaptThreads: false });
    const bits = (result: Tree) => leavesOf("test", result).map((leaf) => ({ shape: leaf.shape, bits: bitsOf(leaf) }));
    expect(bits(run(backend))).toEqual(bits(run(reference)));
    backend.close();
  });
});

test("a run that meets a bad label behind an update leaves the state as it was", () => {
  for (const backend of [reference, wasm(), wasm({ threads: 2, adaptThreads: false })]) {
    const step = compileStep(
      (state: Tensor<readonly number[], "int32">) => {
        const next = add(state, 1) as typeof state;
        return { state: next, outputs: oneHot(next, 3) };
      },
      tensor([0, 1], { dtype: "int32" }) as Tensor<readonly number[], "int32">,
      { backend },
    );
    step.run();
    expect(() => step.run()).toThrow("label 3 at position 1");
    expect(step.state().toArray()).toEqual([1, 2]);
  }
});
