/** A step makes nothing: no JavaScript objects, no memory of the engine, one call into WebAssembly. */

import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { firstTraining, type Labels, trainingStep } from "../../../test/classifier.ts";
import type { Wide } from "../../../test/random-graphs.ts";
import { type Backend, compileStep, fromArray, RandomState, relu, Tensor } from "../../index.ts";
import type { Program } from "../backend.ts";
import { type WasmProgram, wasm } from "./wasm.ts";

const inputs = [
  fromArray(new Float32Array(64).fill(0.5), [8, 8]) as Wide,
  fromArray(new Uint8Array(8), [8]) as Labels,
] as const;

const largeInputs = [
  fromArray(new Float32Array(64 * 784).fill(0.5), [64, 784]) as Wide,
  fromArray(new Uint8Array(64), [64]) as Labels,
] as const;

/** A training step, and the program beneath it. */
function compiledStep(backend: Backend, given: readonly [Wide, Labels] = inputs) {
  const programs: Program[] = [];
  const recording: Backend = {
    name: backend.name,
    store: backend.store,
    compile: (graph, state) => {
      programs.push(backend.compile(graph, state));
      return programs.at(-1)!;
    },
  };
  const training = firstTraining([given[0].shape[1]!, 5, 3], new RandomState(0));
  const step = compileStep(
    trainingStep((x) => relu(x)),
    training,
    { backend: recording },
  );
  const run = () => step.run(...given);
  run();
  return { run, program: programs[0] as WasmProgram };
}

/**
 * Bytes of the heap that one call of `run` makes, measured until they are fewer than `enough`. Code makes more until the
 * optimising compiler has reached it, which takes longer on a busy machine. V8 counts a whole page of 256 KB when it opens
 * one. A single object of the measurement itself can open a page: then 20,000 runs of an empty function count 12 bytes each.
 */
function bytesPerRun(run: () => void, enough: number, runs = 20_000): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20 && least >= enough; round++) {
    for (let i = 0; i < runs; i++) run();
    const before = allocatedBytes();
    for (let i = 0; i < runs; i++) run();
    least = Math.min(least, (allocatedBytes() - before) / runs);
  }
  return least;
}

/** Bytes that were ever allocated, those that were collected again among them. */
function allocatedBytes(): number {
  return (getHeapStatistics() as { readonly total_allocated_bytes?: number }).total_allocated_bytes!;
}

test.each([
  ["in JavaScript nor in the engine", {}, inputs, 200_000],
  ["with two threads", { threads: 2, adaptThreads: false }, largeInputs, 20_000],
])("a run of a program makes nothing %s", (_, options, inputs, runs) => {
  const backend = wasm(options);
  const { program } = compiledStep(backend, inputs);
  const values = inputs.map(({ data }) => data);
  const before = backend.bytesInUse;
  // The smallest object takes 16; a page over so many runs is less than 14 or 2.
  const enough = runs === 20_000 ? 14 : 2;
  expect(bytesPerRun(() => program.run(values), enough, runs)).toBeLessThan(enough);
  expect(backend.bytesInUse).toBe(before);
  expect(backend.sharedRuns > 0).toBe("threads" in options);
  backend.close();
});

test("a step of compileStep makes the two scalars that it returns", () => {
  const { run } = compiledStep(wasm());
  const zero = new Float32Array(1);
  const scalar = () => new Tensor([], "float32", { data: zero.slice() });
  let made: object = {};
  const ofTwo = bytesPerRun(() => {
    made = { loss: scalar(), correct: scalar() };
  }, 0);
  expect(Object.keys(made)).toEqual(["loss", "correct"]);
  // A third scalar would be half as much again.
  expect(bytesPerRun(run, 1.25 * ofTwo)).toBeLessThan(1.25 * ofTwo);
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
    const { run, program } = compiledStep(wasm());
    crossings.in = 0;
    for (let i = 0; i < 10; i++) run();
    expect(crossings).toEqual({ in: 10, out: 0 });
    expect(program.kernels.filter((kernel) => kernel.includes("reference"))).toEqual([]);
  } finally {
    host.Instance = Instance;
  }
});
