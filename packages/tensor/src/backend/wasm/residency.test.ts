/** What loops without a turn of the event loop leave in an engine's memory: a bounded number of programs, and all state. */

import { describe, expect, test } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import { firstTraining, type Labels, trainingStep } from "../../../test/classifier.ts";
import { randomTensor, type Wide } from "../../../test/random-graphs.ts";
import {
  add,
  compile,
  compileStep,
  fromArray,
  multiply,
  oneHot,
  RandomState,
  reference,
  relu,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../index.ts";
import { type WasmBackend, wasm } from "./wasm.ts";

const mostPrograms = 128;
const many = 2 * mostPrograms + 10;

const row = (length: number): Tensor => fromArray(new Float32Array(length).fill(2), [length]) as Tensor;

/** Compiles and runs more other programs than an engine holds. */
function crowd(backend: WasmBackend): void {
  for (let i = 0; i < mostPrograms + 1; i++) compile((x: Tensor) => add(x, i), { backend })(row(3));
}

describe("at most 128 programs are in memory", () => {
  test.each([
    [
      "of one function on many shapes",
      (backend: WasmBackend) => {
        const f = compile((x: Tensor) => sum(multiply(x, 3)), { backend });
        for (const round of [0, 1]) for (let i = 1; i <= many; i += 1 + round) expect(f(row(i)).item()).toBe(6 * i);
      },
    ],
    [
      "of functions that are dropped",
      (backend: WasmBackend) => {
        for (let i = 1; i <= many; i++)
          expect(compile((x: Tensor) => add(x, i), { backend })(row(1)).item()).toBe(2 + i);
      },
    ],
    [
      "of functions that are held and run again in turn",
      (backend: WasmBackend) => {
        const all = Array.from({ length: many }, (_, i) => compile((x: Tensor) => add(x, i), { backend }));
        for (let round = 0; round < 2; round++)
          for (const [i, f] of all.entries()) expect(f(row(1)).item()).toBe(2 + i);
      },
    ],
    [
      "of steps with a state of their own",
      (backend: WasmBackend) => {
        const steps = Array.from({ length: many }, (_, i) =>
          compileStep((s: Tensor) => ({ state: add(s, i), outputs: [] }), row(1000), { backend }),
        );
        for (let round = 0; round < 2; round++) for (const step of steps) step.run();
        for (const [i, step] of steps.entries()) expect(step.state().data[999]).toBe(2 + 2 * i);
      },
    ],
  ])("%s", (_, run) => {
    const backend = wasm();
    run(backend);
    expect(backend.programsInMemory).toBe(mostPrograms);
    expect(backend.bytesInUse).toBeLessThan(mostPrograms * 16_384);
  });
});

describe("a step whose programs left the memory", () => {
  const training = () => firstTraining([20, 33, 5], new RandomState(3));
  const batch = (rows: number): [Wide, Labels] => [
    randomTensor(new RandomState(rows), [rows, 20]),
    fromArray(
      Uint8Array.from({ length: rows }, (_, i) => i % 5),
      [rows],
    ) as Labels,
  ];

  /** Seven steps of two batch sizes in turn, with `between` after each; losses and final state. */
  function train(backend: WasmBackend | typeof reference, between: (release: () => void) => void): number[][] {
    const step = compileStep(
      trainingStep((x) => relu(x)),
      training(),
      { backend },
    );
    const losses: Tensor[] = [];
    for (let i = 0; i < 7; i++) {
      losses.push(step.run(...batch(i % 3 === 2 ? 7 : 16)).loss);
      between(() => step.release());
    }
    const { parameters, velocity } = step.state();
    return [...losses, ...Object.values(parameters), ...Object.values(velocity)].map(bitsOf);
  }

  const expected = train(reference, () => undefined);

  test("goes on with the same bits", () => {
    const backend = wasm();
    expect(train(backend, () => crowd(backend))).toEqual(expected);
  });

  test("goes on with the same bits after it was released", () => {
    const backend = wasm();
    expect(
      train(backend, (release) => {
        expect(backend.programsInMemory).toBeGreaterThan(0);
        release();
        expect(backend).toMatchObject({ programsInMemory: 0, bytesInUse: 0 });
      }),
    ).toEqual(expected);
  });

  test("can be written and read meanwhile", () => {
    const backend = wasm();
    const type = { shape: [2, 3], dtype: "float32" } as const;
    const stored = backend.store(type, Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(backend.bytesInUse).toBe(0);
    expect([...stored.read()]).toEqual([1, 2, 3, 4, 5, 6]);
    stored.write(Float32Array.of(6, 5, 4, 3, 2, 1));
    expect([...stored.read()]).toEqual([6, 5, 4, 3, 2, 1]);
  });
});

test("a run that fails leaves the state as it was, wherever it is", () => {
  const backend = wasm();
  const step = compileStep(
    (s: Tensor, label: Tensor<[], "uint8">) => ({ state: add(s, oneHot(label, 2)), outputs: [] }),
    zeros([2]) as Tensor,
    { backend },
  );
  step.run(tensor(1, { dtype: "uint8" }));
  crowd(backend);
  expect(() => step.run(tensor(2, { dtype: "uint8" }))).toThrow("label 2");
  crowd(backend);
  expect(step.state().toArray()).toEqual([0, 1]);
});
