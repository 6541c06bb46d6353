/** What does not fit: a clear error, never a wrong number. */

import { describe, expect, test } from "vitest";
import { occupy } from "../../../test/backends.ts";
import {
  ArgumentError,
  add,
  argmax,
  broadcastTo,
  compile,
  compileStep,
  fromArray,
  greater,
  matmul,
  multiply,
  reference,
  relu,
  sum,
  type Tensor,
  tensor,
  trace,
} from "../../index.ts";
import { LoadedProgram } from "./loaded-program.ts";
import { EngineMemory } from "./memory.ts";
import { ResidentPrograms } from "./resident-programs.ts";
import { WasmValue } from "./values.ts";
import { type WasmBackend, wasm } from "./wasm.ts";

type Matrix = Tensor<readonly number[], "float32">;

const [x, w] = [counting(9, 21), counting(21, 18)];

function counting(rows: number, columns: number): Matrix {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => (i % 13) / 8 - 0.7);
  return fromArray(data, [rows, columns]) as Matrix;
}

/** A bit of everything: a product with an epilogue, a sum, and an operation that runs on the reference loops. */
function model(a: Matrix, b: Matrix): Tensor[] {
  const hidden = relu(matmul(a, b) as Matrix);
  return [argmax(hidden, { axis: 0 }), multiply(hidden, 2), sum(hidden, { axis: 0 })] as Tensor[];
}

describe("4 GiB", () => {
  test.each([
    [
      "a value",
      (backend: WasmBackend) => backend.store({ shape: [2 ** 30], dtype: "float32" }, new Float32Array(2 ** 30)),
    ],
    [
      "a program",
      (backend: WasmBackend) =>
        compile((s: Tensor) => add(broadcastTo(s, [2 ** 16, 2 ** 14] as never), 1), { backend })(tensor(1) as Tensor),
    ],
    [
      "a program whose parts would fit one by one",
      (backend: WasmBackend) => {
        const { graph } = trace(
          (s: Tensor) => Array.from({ length: 5 }, (_, i) => add(broadcastTo(s, [2 ** 28] as never), i)),
          [tensor(1) as Tensor],
        );
        backend.compile(graph, []);
      },
    ],
  ])("%s above it is refused and leaves nothing behind", (_, make) => {
    const backend = wasm();
    expect(() => make(backend)).toThrow(ArgumentError);
    expect(() => make(backend)).toThrow(/expected at most 4 GiB in all/);
    expect(backend.bytesInUse).toBe(0);
    expect(compile(model, { backend })(x, w)).toEqual(compile(model, { backend: reference })(x, w));
  });

  test("addresses above 2 GiB are as good as others", () => {
    const memory = new EngineMemory(false);
    memory.allocate(2 ** 31 + 2 ** 20);
    const options = { fused: false, wide: false, threads: 1, adaptThreads: false, patienceMs: 1 };
    const programs = new ResidentPrograms<LoadedProgram>(1);
    const engine = { ...options, memory, programs, pool: undefined, runs: 0, sharedRuns: 0 };
    const { graph } = trace(model, [x, w]);
    const outputs = new LoadedProgram(engine, graph, []).run([x.data, w.data]);
    expect(outputs).toEqual(model(x, w).map(({ data }) => data));
    const stored = new WasmValue(engine, w, w.data);
    const { graph: doubling } = trace((a: Matrix) => add(a, a) as Matrix, [w]);
    const program = { inputs: [], outputs: [], state: doubling.inputs, nextState: doubling.outputs };
    new LoadedProgram(engine, program, [stored]).run([]);
    expect(stored.address).toBeGreaterThan(2 ** 31);
    expect(stored.read()).toEqual(add(w, w).data);
  });
});

test("programs outlive the growth of the memory, their fallbacks and state too", () => {
  const backend = wasm();
  const f = compile(model, { backend });
  const step = compileStep((state: Matrix) => ({ state: add(state, w) as Matrix, outputs: sum(state) }), w, {
    backend,
  });
  const expected = compile(model, { backend: reference })(x, w);
  for (let round = 0; round < 3; round++) {
    expect(f(x, w)).toEqual(expected);
    step.run();
    occupy(backend, 2 ** 24);
  }
  expect(step.state().data).toEqual(w.data.map((value) => Math.fround(Math.fround(value + value) + value) + value));
});

test.each([
  ["of another dtype", [Float64Array.of(1, 2, 3)], "input 0 with 3 elements in a Float64Array"],
  ["too short", [Float32Array.of(1)], "input 0 with 1 elements in a Float32Array"],
  ["too long", [new Float32Array(4)], "input 0 with 4 elements in a Float32Array"],
  ["missing", [], "input 0 with nothing"],
])("an input that is %s is refused by a program", (_, values, received) => {
  const { graph } = trace((a: Tensor) => add(a, 1), [tensor([1, 2, 3]) as Tensor]);
  const program = wasm().compile(graph, []);
  expect(() => program.run(values)).toThrow(`wasm: received ${received}; expected 3 elements in a Float32Array`);
});

test("values that do not fit their place are refused", () => {
  const backend = wasm();
  const type = { shape: [3], dtype: "float32" } as const;
  expect(() => backend.store(type, Float32Array.of(1))).toThrow(
    "received a value of 1 elements in a Float32Array; expected 3 elements in a Float32Array",
  );
  expect(() => backend.store(type, Float64Array.of(1, 2, 3))).toThrow("a value of 3 elements in a Float64Array");
  const stored = backend.store(type, Float32Array.of(1, 2, 3));
  expect(() => stored.write(new Float32Array(4))).toThrow("a value of 4 elements");
  const { graph } = trace((a: Tensor) => add(a, 1), [tensor([[1, 2, 3]]) as Tensor]);
  const step = { inputs: [], state: graph.inputs, outputs: [], nextState: graph.outputs };
  expect(() => backend.compile(step, [stored])).toThrow(
    "received a state of [3] in float32; expected as in the graph: [1, 3] in float32",
  );
});

test("memory that comes back holds no old values", () => {
  const memory = new EngineMemory(false);
  const blocks = [256, 4096].map((bytes) => memory.allocate(bytes));
  for (const { address, bytes } of blocks) memory.view("uint8", address, bytes).fill(7);
  for (const block of blocks) memory.release(block);
  for (const bytes of [64, 8192]) {
    const { address } = memory.allocate(bytes);
    expect(new Set(memory.view("uint8", address, bytes))).toEqual(new Set([0]));
  }
});

test.each([
  [{ mode: "Fast" }, 'mode "Fast"'],
  [{ threads: 17 }, "threads 17"],
  [{ threads: 0 }, "threads 0"],
  [{ patienceMs: 0 }, "patienceMs 0"],
])("options %j are refused", (options, received) => {
  expect(() => wasm(options as never)).toThrow(received);
});

test("more bytes than a kernel counts are refused", () => {
  const { graph } = trace((s: Tensor) => greater(broadcastTo(s, [2 ** 30] as never), 0), [tensor(1) as Tensor]);
  expect(() => wasm().compile(graph, [])).toThrow("a value of shape [1073741824] in uint8; expected fewer than");
});

test("a state that lies elsewhere is refused", () => {
  const { graph } = trace((a: Tensor) => add(a, 1), [tensor([1, 2, 3]) as Tensor]);
  const step = { inputs: [], state: graph.inputs, outputs: [], nextState: graph.outputs };
  for (const other of [wasm(), reference]) {
    const stored = other.store({ shape: [3], dtype: "float32" }, Float32Array.of(1, 2, 3));
    expect(() => wasm().compile(step, [stored])).toThrow("received a state that another backend stores");
  }
});
