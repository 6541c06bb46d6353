/** A value that meets itself under another shape in one kernel: each of the two stretches its own way. */

import { expect, test } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import {
  add,
  type Backend,
  compile,
  compileStep,
  fromArray,
  grad,
  greater,
  logSoftmax,
  matmul,
  max,
  multiply,
  reference,
  reshape,
  softmax,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  transpose,
  where,
} from "../../index.ts";
import { wasm } from "./wasm.ts";

type Any = Tensor<readonly number[], "float32">;

/** A vector under the shape of a column, a row or itself. */
const under = (x: Tensor, ...shape: number[]): Any => reshape(x, shape) as Any;
const meet = (a: Tensor, b: Tensor): Any => multiply(a as Any, b as Any) as Any;
const plus = (a: Tensor, b: Tensor): Any => add(a as Any, b as Any) as Any;

const squaredDistances = (x: Any): Any => {
  const s = sum(square(x), { axis: 1, keepDims: true });
  const products = matmul(x, transpose(x)) as Any;
  return subtract(plus(s, under(s, x.shape[0]!)), multiply(products, 2)) as Any;
};

/** Functions of a vector of `n` elements. */
const functions: { readonly [what: string]: (x: Any, n: number) => Any } = {
  "row by column": (x, n) => meet(x, under(x, n, 1)),
  "column by row": (x, n) => meet(under(x, n, 1), x),
  "two reshapes": (x, n) => meet(under(x, n, 1), under(x, 1, n)),
  "three axes": (x, n) => meet(under(x, 1, n, 1), plus(under(x, 1, 1, n), under(x, 1, n, 1))),
  "its elements and their sum": (x, n) => sum(meet(x, under(x, n, 1)), { axis: 1 }) as Any,
  "its elements and the largest": (x, n) => max(plus(x, under(x, n, 1)), { axis: 0 }) as Any,
  "a computed value": (x, n) => plus(square(x), under(square(x), n, 1)),
  "one computed before": (x, n) => {
    const s = sum(meet(under(x, n, 1), x), { axis: 1 });
    return plus(s, under(s, n, 1));
  },
  comparison: (x, n) => {
    const wide = plus(x, under(x, n, 1));
    return where(greater(x, under(x, n, 1)) as Tensor<readonly number[], "uint8">, wide, square(wide)) as Any;
  },
  "behind a product": (x, n) => {
    const product = matmul(under(x, n, 1), under(x, 1, n)) as Any;
    return plus(meet(product, x), under(x, n, 1));
  },
  "behind a softmax": (x, n) => plus(meet(softmax(plus(x, under(x, n, 1))), x), under(x, n, 1)),
  "behind its logarithm": (x, n) => {
    const logs = logSoftmax(meet(under(x, n, 1), x));
    return subtract(meet(logs, under(x, n, 1)), meet(x, sum(logs, { axis: 1, keepDims: true }))) as Any;
  },
  gradient: (x, n) => grad((x: Any) => sum(square(subtract(x, under(x, n, 1)) as Any)) as Tensor)(x),
  "gradient of distances": (x, n) =>
    under(grad((x: Any) => sum(square(squaredDistances(x))) as Tensor)(under(x, n, 1)), n),
};

/** A busy machine may keep a thread waiting. */
const patienceMs = 600_000;

const modes: { readonly [mode: string]: () => Backend } = {
  strict: () => wasm(),
  fast: () => wasm({ mode: "fast" }),
  wide: () => wasm({ wide: true }),
  "2 threads": () => wasm({ threads: 2, adaptThreads: false, patienceMs }),
  "3 threads": () => wasm({ threads: 3, adaptThreads: false, patienceMs }),
};

/** Small integers, so that no product rounds. */
const values = (n: number): Any =>
  fromArray(
    Float32Array.from({ length: n }, (_, i) => ((i * 7) % 5) - 1),
    [n],
  ) as Any;

test.each(Object.entries(modes))("has the reference's bits: %s", (_, make) => {
  const backend = make();
  for (const n of [2, 3, 16, 17, 130]) {
    for (const [what, f] of Object.entries(functions)) {
      const [expected, actual] = [reference, backend].map((each) =>
        compile((x: Any) => f(x, n), { backend: each })(values(n)),
      );
      expect(bitsOf(actual!), `${what}, ${n}`).toEqual(bitsOf(expected!));
    }
  }
  (backend as ReturnType<typeof wasm>).close();
});

test.each(Object.entries(modes))("a product of all pairs, distances of all pairs, a step: %s", (_, make) => {
  const backend = make();
  const pairs = compile((x: Any) => meet(x, under(x, 3, 1)), { backend })(tensor([1, 2, 3]) as Any);
  expect(pairs.toArray()).toEqual([
    [1, 2, 3],
    [2, 4, 6],
    [3, 6, 9],
  ]);
  const points = tensor([
    [0, 0],
    [3, 4],
    [6, 8],
  ]) as Any;
  expect(compile(squaredDistances, { backend })(points).toArray()).toEqual([
    [0, 25, 100],
    [25, 0, 25],
    [100, 25, 0],
  ]);
  const step = compileStep(
    (x: Any) => ({ state: sum(meet(x, under(x, 2, 1)), { axis: 0 }) as Any, outputs: plus(x, under(x, 2, 1)) }),
    tensor([1, 2]) as Any,
    { backend },
  );
  expect([step.run(), step.run()].map((each) => each.toArray())).toEqual([
    [
      [2, 3],
      [3, 4],
    ],
    [
      [6, 9],
      [9, 12],
    ],
  ]);
  expect(step.state().toArray()).toEqual([27, 54]);
  (backend as ReturnType<typeof wasm>).close();
});
