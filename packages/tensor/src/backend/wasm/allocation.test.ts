/** A step makes nothing: no JavaScript objects, no memory of the engine, one call into WebAssembly. */

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  argmax,
  type Backend,
  cast,
  compileStep,
  equal,
  fromArray,
  gradients,
  logSoftmax,
  matmul,
  mean,
  multiply,
  negative,
  oneHot,
  relu,
  subtract,
  sum,
  type Tensor,
  zeros,
} from "../../index.ts";
import type { Program } from "../backend.ts";
import { type WasmProgram, wasm } from "./wasm.ts";

type Matrix = Tensor<readonly number[], "float32">;

const inputs = [fromArray(new Float32Array(64).fill(0.5), [8, 8]), fromArray(new Uint8Array(8), [8])] as const;

/** A training step, and the program beneath it. */
function trainingStep(backend: Backend) {
  const programs: Program[] = [];
  const recording: Backend = {
    name: backend.name,
    store: backend.store,
    compile: (graph, state) => {
      programs.push(backend.compile(graph, state));
      return programs.at(-1)!;
    },
  };
  const parameters = { w1: zeros([8, 5]) as Matrix, w2: zeros([5, 3]) as Matrix };
  const step = compileStep(
    ({ w1, w2 }: { w1: Matrix; w2: Matrix }, x: Matrix, labels: Tensor<readonly number[], "uint8">) => {
      const logits = matmul(relu(matmul(x, w1) as Matrix), w2) as Matrix;
      const loss = negative(
        mean(sum(multiply(logSoftmax(logits), oneHot(labels, 3) as Matrix) as Matrix, { axis: 1 })),
      );
      const gradient = gradients(loss as Matrix, { w1, w2 });
      const correct = sum(cast(equal(argmax(logits, { axis: 1 }), cast(labels, "int32")), "float32"));
      const update = (w: Matrix, dw: Matrix) => subtract(w, multiply(dw, 0.1)) as Matrix;
      return { state: { w1: update(w1, gradient.w1), w2: update(w2, gradient.w2) }, outputs: { loss, correct } };
    },
    parameters,
    { backend: recording },
  );
  const run = () => step.run(...(inputs as never as [Matrix, Tensor<readonly number[], "uint8">]));
  run();
  return { run, program: programs[0] as WasmProgram };
}

/**
 * Bytes of the heap that one call of `run` makes, measured until they are fewer than `enough`: code that the optimising
 * compiler has not reached yet, on a busy machine for a while, makes more.
 */
function bytesPerRun(run: () => void, enough: number): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const runs = 20_000;
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20 && least >= enough; round++) {
    for (let i = 0; i < runs; i++) run();
    gc();
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < runs; i++) run();
    least = Math.min(least, (getHeapStatistics().used_heap_size - before) / runs);
  }
  return least;
}

test("a run of a program makes nothing in JavaScript nor in the engine", () => {
  const backend = wasm();
  const { program } = trainingStep(backend);
  const values = inputs.map(({ data }) => data);
  const before = backend.bytesInUse;
  // The smallest object takes twelve.
  expect(bytesPerRun(() => program.run(values), 4)).toBeLessThan(4);
  expect(backend.bytesInUse).toBe(before);
});

test("a step of compileStep makes the two scalars that it returns", () => {
  const { run } = trainingStep(wasm());
  const scalar = () => fromArray(new Float32Array(1), []);
  let made: Tensor[] = [];
  const ofTwo = bytesPerRun(() => {
    made = [scalar(), scalar()];
  }, Number.POSITIVE_INFINITY);
  expect(made).toHaveLength(2);
  // The record around them and what building it takes come to 240 bytes, on a busy machine up to a dozen more.
  expect(bytesPerRun(run, ofTwo + 270)).toBeLessThan(ofTwo + 270);
});

test("a step is one call into WebAssembly, which calls nothing back", () => {
  const crossings = { in: 0, out: 0 };
  const counted = (way: keyof typeof crossings, value: unknown) =>
    typeof value !== "function"
      ? value
      : (...args: unknown[]) => {
          crossings[way]++;
          return value(...args);
        };
  const all = (way: keyof typeof crossings, record: object) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, counted(way, value)]));
  const host = (globalThis as unknown as { WebAssembly: { Instance: new (...args: unknown[]) => { exports: object } } })
    .WebAssembly;
  const { Instance } = host;
  host.Instance = new Proxy(Instance, {
    construct: (_, [module, { engine }]) => ({
      exports: all("in", new Instance(module, { engine: all("out", engine) }).exports),
    }),
  });
  try {
    const { run, program } = trainingStep(wasm());
    crossings.in = 0;
    for (let i = 0; i < 10; i++) run();
    expect(crossings).toEqual({ in: 10, out: 0 });
    expect(program.kernels.filter((kernel) => kernel.includes("reference"))).toEqual([]);
  } finally {
    host.Instance = Instance;
  }
});
