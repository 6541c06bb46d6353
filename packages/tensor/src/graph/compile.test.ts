import { describe, expect, test } from "vitest";
import {
  add,
  type Backend,
  cast,
  compile,
  compileStep,
  grad,
  multiply,
  oneHot,
  reference,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  topologicalOrder,
  trace,
  uniform,
  zeros,
} from "../index.ts";

/** The reference backend, noting how many graphs it compiled. */
function countingBackend(): { readonly backend: Backend; readonly compiled: () => number } {
  let count = 0;
  const compileGraph: Backend["compile"] = (graph, state) => {
    count++;
    return reference.compile(graph, state);
  };
  return { backend: { ...reference, name: "counting", compile: compileGraph }, compiled: () => count };
}

describe("compile", () => {
  test("traces once for each form, shape and dtype of the arguments", () => {
    const { backend, compiled } = countingBackend();
    let traces = 0;
    const f = compile(
      (arguments_: { readonly a: Tensor; readonly b?: Tensor }) => {
        traces++;
        return add(arguments_.a, 1);
      },
      { backend },
    );
    const calls = [
      { a: zeros([2]) },
      { a: zeros([2]) },
      { a: zeros([3]) },
      { a: zeros([3, 1]) },
      { a: zeros([2], { dtype: "float64" }) },
      { a: zeros([2]), b: zeros([2]) },
      { b: zeros([2]), a: zeros([2]) },
    ];
    for (const call of calls) f(call);
    expect({ traces, compiled: compiled() }).toEqual({ traces: 5, compiled: 5 });
  });

  test("tells trees apart whose text could be the same", () => {
    const { backend, compiled } = countingBackend();
    const f = compile((tree: readonly Tensor[] | { readonly [name: string]: Tensor }) => tree as readonly Tensor[], {
      backend,
    });
    const t = zeros([1]);
    for (const tree of [[t, t], { a: t, b: t }, { 'a": float32[1]; "b': t }, { a: t }, []]) f(tree);
    expect(compiled()).toBe(5);
  });

  test("results are copies that no later run changes", () => {
    const double = compile((x: Tensor) => multiply(x, 2));
    const first = double(tensor([1, 2]));
    double(tensor([5, 6]));
    expect(first.toArray()).toEqual([2, 4]);
    const same = compile((x: Tensor) => x);
    const x = tensor([1]);
    expect(same(x)).not.toBe(x);
    expect(same(x).data).not.toBe(x.data);
  });

  test("keeps the form of the result, records by name", () => {
    const f = compile((x: Tensor) => ({ z: [add(x, 1), x], a: { deep: multiply(x, 2) } }));
    const result = f(tensor(3));
    expect(Object.keys(result)).toEqual(["z", "a"]);
    expect([result.z[0]!.item(), result.z[1]!.item(), result.a.deep.item()]).toEqual([4, 3, 6]);
  });

  test("captures tensors from outside as constants", () => {
    const weights = tensor([1, 2, 3]);
    const f = compile((x: Tensor) => ({ y: sum(multiply(x, weights)), weights }));
    expect(f(tensor([1, 1, 1])).y.item()).toBe(6);
    expect(f(tensor([0, 0, 1])).y.item()).toBe(3);
    expect(f(tensor([0, 0, 1])).weights.toArray()).toEqual([1, 2, 3]);
  });

  test("computes what depends on no argument while it is traced", () => {
    const { graph } = trace((x: Tensor) => add(x, square(tensor([3]))), [zeros([1])]);
    expect(topologicalOrder(graph.outputs).map((node) => node.op?.name ?? node.kind)).toEqual([
      "placeholder",
      "constant",
      "add",
    ]);
  });
});

describe("of 300 forms of its arguments", () => {
  /** The reference backend, with the number of programs that were not released. */
  function releasingBackend() {
    const counts = { compiled: 0, live: 0 };
    const compileGraph: Backend["compile"] = (graph, state) => {
      const program = reference.compile(graph, state);
      counts.compiled++;
      counts.live++;
      return { ...program, release: () => counts.live-- };
    };
    return { backend: { ...reference, compile: compileGraph }, counts };
  }
  const row = (length: number): Tensor => zeros([length]) as Tensor;

  test("a compiled function keeps the 128 that were called last", () => {
    const { backend, counts } = releasingBackend();
    const f = compile((x: Tensor) => add(x, 1), { backend });
    for (let i = 1; i <= 300; i++) {
      f(row(i));
      f(row(1));
    }
    expect(counts).toEqual({ compiled: 300, live: 128 });
    for (let i = 300; i > 300 - 127; i--) f(row(i));
    expect(counts.compiled).toBe(300);
    expect(f(row(2)).toArray()).toEqual([1, 1]);
    expect(counts).toEqual({ compiled: 301, live: 128 });
  });

  test("a step keeps as many, over one state, until it is released", () => {
    const { backend, counts } = releasingBackend();
    const step = compileStep(
      (s: Tensor, x: Tensor) => ({ state: add(s, sum(add(x, 1))), outputs: [] }),
      tensor(0) as Tensor,
      {
        backend,
      },
    );
    for (let i = 1; i <= 300; i++) step.run(row(i));
    expect(counts).toEqual({ compiled: 300, live: 128 });
    step.release();
    step.release();
    expect(counts.live).toBe(0);
    step.run(row(1));
    expect(step.state().item()).toBe((300 * 301) / 2 + 1);
  });
});

describe("trace", () => {
  test("shares a value that is used twice, and keeps an input that is not used", () => {
    const { graph, result } = trace(
      (x: Tensor, _unused: Tensor) => {
        const y = square(x);
        return add(y, y);
      },
      [zeros([2]), zeros([3])],
    );
    expect(graph.inputs.map((node) => node.shape)).toEqual([[2], [3]]);
    expect(topologicalOrder(graph.outputs)).toHaveLength(3);
    expect(result.shape).toEqual([2]);
  });
});

describe("compileStep", () => {
  test("one tensor at two places of the first state: each place has its own values", () => {
    const both = tensor([1, 2], { dtype: "float64" });
    const step = compileStep(
      ({ b, a }: { readonly b: typeof both; readonly a: { readonly z: typeof both; readonly y: typeof both } }) => ({
        state: { b: multiply(b, 2), a: { z: multiply(a.z, 3), y: multiply(a.y, 5) } },
        outputs: [],
      }),
      { b: both, a: { z: both, y: both } },
    );
    step.run();
    const state = step.state();
    expect([state.b, state.a.z, state.a.y].map((each) => [...each.data])).toEqual([
      [2, 4],
      [3, 6],
      [5, 10],
    ]);
    step.write(state);
    expect(step.state()).toEqual(state);
  });

  test("carries its state from run to run and gives copies of it", () => {
    const counter = compileStep(
      (state: { readonly total: Tensor<[], "float32"> }, x: Tensor<[], "float32">) => {
        const total = add(state.total, x);
        return { state: { total }, outputs: { before: state.total, total } };
      },
      { total: tensor(10) },
    );
    const first = counter.run(tensor(1));
    const kept = counter.state();
    const second = counter.run(tensor(5));
    expect([first.before.item(), first.total.item()]).toEqual([10, 11]);
    expect([second.before.item(), second.total.item()]).toEqual([11, 16]);
    expect(kept.total.item()).toBe(11);
    kept.total.data[0] = 99;
    first.total.data[0] = 99;
    expect(counter.state().total.item()).toBe(16);
  });

  test("one tensor in two places of the initial state: two values afterwards", () => {
    const zero = tensor([0]);
    const step = compileStep(
      (s: { readonly b: Tensor; readonly a: Tensor }) => ({ state: { b: add(s.b, 1), a: add(s.a, 2) }, outputs: [] }),
      { b: zero, a: zero },
    );
    step.run();
    const { a, b } = step.state();
    expect([a.toArray(), b.toArray()]).toEqual([[2], [1]]);
    expect(Object.keys(step.state())).toEqual(["b", "a"]);
    step.write({ b: tensor([5]), a: tensor([7]) });
    expect([step.state().a.toArray(), step.state().b.toArray()]).toEqual([[7], [5]]);
  });

  test("does not change the tensors that it began with", () => {
    const initial = tensor([1]);
    const step = compileStep((s: Tensor<[1], "float32">) => ({ state: multiply(s, 2), outputs: [] }), initial);
    step.run();
    expect([initial.item(), step.state().item()]).toEqual([1, 2]);
  });

  test("exchanges two values, and outputs what they were", () => {
    const step = compileStep(
      ({ a, b }: { readonly a: Tensor; readonly b: Tensor }) => ({ state: { a: b, b: a }, outputs: [a, b] }),
      { a: tensor(1), b: tensor(2) },
    );
    expect(step.run().map((each) => each.item())).toEqual([1, 2]);
    expect(step.run().map((each) => each.item())).toEqual([2, 1]);
    expect(step.run().map((each) => each.item())).toEqual([1, 2]);
    expect([step.state().a.item(), step.state().b.item()]).toEqual([2, 1]);
  });

  test("passes a state through beside one that moves", () => {
    const step = compileStep(
      ({ fixed, moving }: { readonly fixed: Tensor; readonly moving: Tensor }) => ({
        state: { fixed, moving: add(moving, fixed) },
        outputs: [],
      }),
      { fixed: tensor(2), moving: tensor(0) },
    );
    step.run();
    step.run();
    expect([step.state().fixed.item(), step.state().moving.item()]).toEqual([2, 4]);
  });

  test("shares the state between input shapes", () => {
    const { backend, compiled } = countingBackend();
    const step = compileStep((s: Tensor, x: Tensor) => ({ state: add(s, sum(x)), outputs: s }), tensor(0), { backend });
    for (const batch of [[1, 2, 3], [4, 5], [6, 7, 8], [9]]) step.run(tensor(batch));
    expect(step.state().item()).toBe(45);
    expect(compiled()).toBe(3);
  });

  test("leaves the state as it was when a run throws", () => {
    const step = compileStep(
      (s: Tensor<[2], "float32">, label: Tensor<[], "uint8">) => ({
        state: add(multiply(s, 2), oneHot(label, 2)),
        outputs: [],
      }),
      tensor([1, 1]),
    );
    step.run(tensor(1, { dtype: "uint8" }));
    expect(() => step.run(tensor(2, { dtype: "uint8" }))).toThrow("label 2");
    expect(step.state().toArray()).toEqual([2, 3]);
    step.run(tensor(0, { dtype: "uint8" }));
    expect(step.state().toArray()).toEqual([5, 6]);
  });

  test("trains with the gradient inside, and draws other numbers at every step", () => {
    const scalar = (value: number): Tensor<[], "int32"> => tensor(value, { dtype: "int32" });
    const seed = scalar(7);
    const step = compileStep(
      (s: { readonly w: Tensor<[2], "float32">; readonly step: Tensor<[], "int32"> }, x: Tensor<[2], "float32">) => {
        const noise = uniform([2], { seed, step: s.step, stream: 0 });
        const dw = grad((w: Tensor<[2], "float32">) => sum(square(subtract(w, x))))(s.w);
        return { state: { w: subtract(s.w, multiply(dw, 0.25)), step: add(s.step, 1) }, outputs: noise };
      },
      { w: tensor([0, 0]), step: scalar(0) },
    );
    const noise = Array.from({ length: 20 }, () => step.run(tensor([3, -1])));
    expect(step.state().w.toArray()).toEqual([expect.closeTo(3, 4), expect.closeTo(-1, 4)]);
    expect(step.state().step.item()).toBe(20);
    expect(new Set(noise.map((each) => each.data[0])).size).toBe(20);
    expect(noise[3]).toEqual(uniform([2], { seed, step: scalar(3), stream: 0 }));
  });

  test("keeps integers as state", () => {
    const step = compileStep(
      (s: Tensor<[2], "uint8">) => ({ state: add(s, 1), outputs: cast(s, "float32") }),
      tensor([0, 255], { dtype: "uint8" }),
    );
    expect(step.run().toArray()).toEqual([0, 255]);
    expect(step.run().toArray()).toEqual([1, 0]);
  });
});
