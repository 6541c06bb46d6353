/**
 * Threads where something is wrong, and where nothing is: workers that die, many programs, idle workers. Most engines here
 * have all their threads in every run, which a busy machine changes nothing about.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { occupy } from "../../../test/backends.ts";
import {
  ArgumentError,
  add,
  cast,
  compile,
  compileStep,
  fromArray,
  matmul,
  oneHot,
  reference,
  sum,
  type Tensor,
  trace,
  zeros,
} from "../../index.ts";
import { ModuleBuilder } from "./assembler/module.ts";
import { drop, i32 } from "./assembler/scalar.ts";
import { type WasmBackend, wasm } from "./wasm.ts";
import { compileModule } from "./web-assembly.ts";

type Matrix = Tensor<readonly number[], "float32">;

function counting(rows: number, columns: number): Matrix {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => (i % 17) - 8);
  return fromArray(data, [rows, columns]) as Matrix;
}

const large = [counting(128, 96), counting(96, 128)] as const;
const product = matmul(...large).data;

const open: WasmBackend[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const backend of open.splice(0)) backend.close();
});

function engine(options: Parameters<typeof wasm>[0]): WasmBackend {
  const backend = wasm({ adaptThreads: false, ...options });
  open.push(backend);
  return backend;
}

/** The workers that engines made from now on start. */
function watchWorkers(): Worker[] {
  const workers: Worker[] = [];
  const { postMessage } = Worker.prototype;
  vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, ...args) {
    if (!workers.includes(this)) workers.push(this);
    return postMessage.apply(this, args);
  });
  return workers;
}

describe("a worker that dies, where no thread may be missing,", () => {
  test("before a run fails the next one", async () => {
    const workers = watchWorkers();
    const backend = engine({ threads: 3, patienceMs: 10_000 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    expect(f(...large).data).toEqual(product);
    expect(backend.sharedRuns).toBe(1);
    expect(workers).toHaveLength(2);
    await workers[0]!.terminate();
    expect(() => f(...large)).toThrow(ArgumentError);
    expect(() => f(...large)).toThrow(/a worker that is gone: it exited with code 1/);
  });

  test("in the middle of a run fails it after the engine's patience, and every run after it", () => {
    const workers = watchWorkers();
    const backend = engine({ threads: 2, patienceMs: 2000 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    f(...large);
    // It goes while the run waits for it: nothing that it says is heard before the run ends.
    void workers[0]!.terminate();
    expect(() => f(...large)).toThrow(/a worker that is gone: it did not come to a barrier within 2000 ms/);
    expect(() => f(...large)).toThrow(/a worker that is gone/);
    expect(backend.sharedRuns).toBeLessThanOrEqual(2);
  });

  test("before it knows the program fails the first run", () => {
    const workers = watchWorkers();
    const backend = engine({ threads: 2, patienceMs: 2000 });
    void workers[0]!.terminate();
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    expect(() => f(...large)).toThrow(/a worker that is gone/);
  });

  test("by close() says so", () => {
    const backend = engine({ threads: 2 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    f(...large);
    backend.close();
    expect(() => f(...large)).toThrow(/the engine was closed/);
  });
});

describe("a worker that dies, where runs adapt,", () => {
  function adaptive(options: Parameters<typeof wasm>[0]): WasmBackend {
    // Whatever this machine has.
    vi.stubGlobal("navigator", { hardwareConcurrency: 4 });
    return engine({ ...options, adaptThreads: true });
  }

  test("between runs is done without, and named once", async () => {
    const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
    const workers = watchWorkers();
    const backend = adaptive({ threads: 3 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    expect(f(...large).data).toEqual(product);
    expect(workers).toHaveLength(2);
    for (const worker of workers) {
      await worker.terminate();
      for (let i = 0; i < 5; i++) expect(f(...large).data).toEqual(product);
    }
    const shared = backend.sharedRuns;
    for (let i = 0; i < 20; i++) f(...large);
    expect(backend.sharedRuns).toBe(shared);
    const another = compile((a: Matrix, b: Matrix) => matmul(b, a), { backend });
    expect(another(...large).data).toEqual(matmul(large[1], large[0]).data);
    expect(warnings.mock.calls.map(([text]) => text)).toEqual([
      "@nn/tensor: a thread is gone (it exited with code 1). The others do its work; results stay the same.",
    ]);
  });

  test("while a run begins leaves the right result or one clear error", () => {
    vi.spyOn(process, "emitWarning").mockReturnValue();
    const workers = watchWorkers();
    const backend = adaptive({ threads: 2, patienceMs: 500 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    f(...large);
    void workers[0]!.terminate();
    for (let i = 0; i < 3; i++) {
      try {
        expect(f(...large).data).toEqual(product);
      } catch (error) {
        expect(String(error)).toMatch(/^ArgumentError: wasm threads: received a worker that is gone/);
      }
    }
  });

  test("by close() says so", () => {
    const backend = adaptive({ threads: 2 });
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    f(...large);
    backend.close();
    expect(() => f(...large)).toThrow(/the engine was closed/);
  });
});

test("a worker that throws in the middle of a run fails it at once, however patient the engine is", () => {
  // What it gets is another module, whose `run` divides by zero.
  const module = new ModuleBuilder({ minimumPages: 1, maximumPages: 65536, shared: true });
  module.import("sleep", 3);
  module.define(2, (f) => f.add(drop(i32.divU(i32.const(1), i32.const(0)))), "run");
  const broken = compileModule(module.encode());
  const { postMessage } = Worker.prototype;
  vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, message) {
    postMessage.call(this, "module" in message ? { ...message, module: broken } : message);
  });
  const backend = engine({ threads: 2, patienceMs: 2 ** 25 });
  const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
  expect(() => f(...large)).toThrow(/a worker that is gone: it failed in the middle of a run/);
  expect(() => f(...large)).toThrow(/a worker that is gone/);
});

test("a worker that cannot instantiate a program leaves its runs to the others", async () => {
  vi.stubGlobal("navigator", { hardwareConcurrency: 2 });
  const warnings = vi.spyOn(process, "emitWarning").mockReturnValue();
  const module = new ModuleBuilder({ minimumPages: 1, maximumPages: 65536, shared: true });
  module.import("nobody has this", 3);
  const broken = compileModule(module.encode());
  const { postMessage } = Worker.prototype;
  vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, message) {
    postMessage.call(this, "module" in message ? { ...message, module: broken } : message);
  });
  const backend = engine({ threads: 2, adaptThreads: true });
  const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
  expect(f(...large).data).toEqual(product);
  await expect.poll(() => warnings.mock.calls.length, { timeout: 600_000 }).toBe(1);
  expect(String(warnings.mock.calls[0])).toMatch(/a thread is gone \(.*nobody has this/);
  expect(f(...large).data).toEqual(product);
  expect(backend.sharedRuns).toBe(0);
});

test("an input that does not fit leaves the threads in step", () => {
  const backend = engine({ threads: 3 });
  const { graph } = trace((a: Matrix, b: Matrix) => matmul(a, b), [...large]);
  const program = backend.compile(graph, []);
  const [a, b] = [large[0].data, large[1].data];
  for (let i = 0; i < 50; i++) {
    expect(() => program.run([a, new Float32Array(1)])).toThrow("input 1 with 1 elements");
    expect(program.run([a, b])[0]).toEqual(product);
  }
  expect(backend.sharedRuns).toBe(50);
});

test("a run that JavaScript ends in the middle ends the engine, and no thread waits for ever", () => {
  const backend = engine({ threads: 2, patienceMs: 2 ** 25 });
  const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
  f(...large);
  const deep = (): void => {
    f(...large);
    deep();
  };
  expect(deep).toThrow(RangeError);
  try {
    expect(f(...large).data).toEqual(product);
  } catch (error) {
    expect(String(error)).toMatch(/a run ended in the middle/);
  }
});

test("runs that fail at a label leave the threads in step", () => {
  const backend = engine({ threads: 3 });
  const step = compileStep(
    (state: Matrix, labels: Tensor<readonly number[], "uint8">) => {
      const rows = oneHot(labels, 96) as Matrix;
      return { state: add(state, matmul(rows, large[1])) as Matrix, outputs: matmul(state, large[0]) };
    },
    zeros([128, 128]) as Matrix,
    { backend },
  );
  const labels = (wrong: boolean) =>
    fromArray(
      Uint8Array.from({ length: 128 }, (_, i) => (wrong && i === 77 ? 96 : i % 96)),
      [128],
    ) as never;
  for (let i = 0; i < 200; i++) {
    if (i % 3 === 1) expect(() => step.run(labels(true))).toThrow("label 96 at position 77");
    else step.run(labels(false));
  }
  expect(backend.sharedRuns).toBe(200);
  const expected = large[1].data.slice(0, 128).map((value) => value * 133);
  expect(step.state().data.slice(0, 128)).toEqual(expected);
});

test("runs that fail on the reference loops leave the threads in step", () => {
  const backend = engine({ threads: 2 });
  const f = compile(
    (x: Matrix, w: Matrix, labels: Tensor<readonly number[], "uint8">) => {
      const rows = cast(oneHot(labels, 4, { dtype: "float64" }), "float32") as Matrix;
      return matmul(matmul(matmul(x, w) as Matrix, w) as Matrix, add(matmul(x, w), sum(rows)) as Matrix);
    },
    { backend },
  );
  const [x, w] = [counting(96, 96), counting(96, 96)];
  const labels = (label: number) => fromArray(Uint8Array.of(0, label, 2), [3]) as Tensor<readonly number[], "uint8">;
  const expected = f(x, w, labels(1)).data;
  for (let i = 0; i < 5; i++) {
    expect(() => f(x, w, labels(9))).toThrow("label 9 at position 1");
    expect(f(x, w, labels(1)).data).toEqual(expected);
  }
  expect(backend.sharedRuns).toBe(11);
});

test("the label that is named is the one that ended the run", () => {
  for (const backend of [reference, wasm(), engine({ threads: 2 })]) {
    const f = compile(
      (a: Tensor<readonly number[], "int32">, b: Tensor<readonly number[], "int32">) => {
        const first = sum(oneHot(add(a, 1), 5), { axis: 1 });
        return add(matmul(...large), add(sum(first as never), sum(oneHot(b, 5) as never)) as never);
      },
      { backend },
    );
    const labels = (...values: number[]) => fromArray(Int32Array.from(values), [2]) as never;
    f(labels(0, 1), labels(2, 3));
    // Often: a thread may look at the first label's status when another has come to the second.
    for (let i = 0; i < 100; i++) {
      expect(() => f(labels(0, 1), labels(2, 7))).toThrow("label 7 at position 1");
      expect(() => f(labels(0, 6), labels(2, 3))).toThrow("label 7 at position 1");
      expect(() => f(labels(-9, 1), labels(2, 3))).toThrow("label -8 at position 0");
    }
  }
});

test("waiting for reference loops is not taken for a worker that is gone", () => {
  const backend = engine({ threads: 2, patienceMs: 500 });
  const slow = fromArray(new Float64Array(1500 * 1500).fill(1), [1500, 1500]);
  const f = compile(
    (a: Matrix, b: Matrix, c: Tensor<readonly number[], "float64">) => {
      const counts = cast(sum(matmul(c as never, c as never)), "float32") as Matrix;
      return matmul(add(matmul(a, b), counts) as Matrix, a);
    },
    { backend },
  );
  expect(f(...large, slow as never).data[0]).toBeGreaterThan(0);
  expect(backend.sharedRuns).toBe(1);
});

test("many programs on the same threads, in turn", () => {
  const backend = engine({ threads: 3 });
  const programs = Array.from({ length: 30 }, (_, i) => {
    const left = counting(64 + i, 96);
    const f = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    return { run: () => f(left, large[1]).data, expected: matmul(left, large[1]).data };
  });
  for (let round = 0; round < 3; round++) for (const { run, expected } of programs) expect(run()).toEqual(expected);
  expect(backend.sharedRuns).toBe(90);
});

test("the memory grows beneath the threads", () => {
  const backend = engine({ threads: 3 });
  const before = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
  expect(before(...large).data).toEqual(product);
  for (const bytes of [2 ** 24, 2 ** 28, 2 ** 31]) {
    occupy(backend, bytes);
    const after = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend });
    expect(after(...large).data).toEqual(product);
    expect(before(...large).data).toEqual(product);
  }
  expect(backend.sharedRuns).toBe(7);
});

test("a small program runs on the calling thread alone", () => {
  const backend = engine({ threads: 2 });
  const f = compile((a: Matrix) => add(a, a), { backend });
  f(counting(2, 2));
  expect(backend.sharedRuns).toBe(0);
});

test("the workers of an engine that nobody holds end", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const workers = watchWorkers();
  const kept = engine({ threads: 2 });
  const held = compile((a: Matrix, b: Matrix) => matmul(a, b), { backend: wasm({ threads: 2, adaptThreads: false }) });
  for (let i = 0; i < 3; i++)
    compile((a: Matrix, b: Matrix) => matmul(a, b), { backend: wasm({ threads: 2, adaptThreads: false }) })(...large);
  const ended = new Set<Worker>();
  for (const worker of workers) worker.on("exit", () => ended.add(worker));
  await expect
    .poll(
      () => {
        gc();
        return ended.size;
      },
      { timeout: 600_000 },
    )
    .toBe(3);
  expect(workers.slice(0, 2).filter((worker) => ended.has(worker))).toEqual([]);
  expect(held(...large).data).toEqual(product);
  kept.close();
});

/** What a program of its own prints that begins with `change`, before it loads the package. */
async function runProgram(source: string, change = ""): Promise<string> {
  const index = new URL("../../index.ts", import.meta.url).href;
  const load = `const { compile, fromArray, matmul, wasm, zeros } = await import(${JSON.stringify(index)});`;
  const flags = ["--conditions=@nn/source", "--input-type=module-typescript", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, `${change};\n${load}\n${source}`], {
    timeout: 600_000,
    env: {},
  });
  return stdout.trim();
}

test("a process with idle workers ends by itself", async () => {
  const source = `
    const f = compile((a, b) => matmul(a, b), { backend: wasm({ threads: 3, adaptThreads: false }) });
    console.log(f(zeros([128, 96]), zeros([96, 128])).size);`;
  expect(await runProgram(source)).toBe("16384");
});

test("one thread needs no shared memory", async () => {
  const source = `
    const a = fromArray(Float32Array.of(1, 2, 3, 4), [2, 2]);
    console.log(compile(matmul, { backend: wasm() })(a, a).data.join(" "));`;
  expect(await runProgram(source, "delete globalThis.SharedArrayBuffer")).toBe("7 10 15 22");
});

test.each([
  ["delete process.getBuiltinModule, delete process.emitWarning", "a page that is not cross-origin isolated"],
  ["delete process.getBuiltinModule", "a Node before 22.3"],
  ["delete Atomics.waitAsync", "a host without Atomics.waitAsync"],
])("threads without memory to share are refused (%#)", async (change, received) => {
  const source = "try { wasm({ threads: 2 }); } catch (error) { console.log(error.name, error.received); }";
  expect(await runProgram(source, change)).toBe(`ArgumentError 2 threads in ${received}`);
});

test("an input that grew or shrank since it was last passed in is the one that is taken", () => {
  const memory = new ArrayBuffer(32_768, { maxByteLength: 131_072 });
  const values = new Float32Array(memory);
  const backend = wasm({ threads: 2, adaptThreads: false });
  const double = compile((x: Tensor) => add(x, x), { backend });
  for (const [rows, value] of [
    [64, 1],
    [256, 2],
    [128, 3],
  ] as const) {
    memory.resize(4 * 128 * rows);
    values.fill(value);
    expect(new Set(double(fromArray(values, [rows, 128])).data)).toEqual(new Set([2 * value]));
  }
  backend.close();
});
