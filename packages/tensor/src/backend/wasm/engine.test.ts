/** The engine against the reference loops, bit for bit, on whole graphs: fusion, layouts, state, memory. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import { firstTraining, type Labels, trainingStep } from "../../../test/classifier.ts";
import { randomGraphs, randomTensor, type Wide } from "../../../test/random-graphs.ts";
import {
  ArgumentError,
  add,
  type Backend,
  compile,
  compileStep,
  fromArray,
  multiply,
  oneHot,
  RandomState,
  reference,
  relu,
  reshape,
  sigmoid,
  type Tensor,
  tanh,
  zeros,
} from "../../index.ts";
import { wasm } from "./wasm.ts";

interface Sizes {
  readonly batch: number;
  readonly layers: readonly number[];
}

/** Some steps of a small classifier with momentum; its final parameters. */
function trainSteps(
  backend: Backend,
  { batch, layers }: Sizes,
  activation: (x: Wide) => Wide,
  steps: number,
): Record<string, Tensor> {
  const random = new RandomState(7);
  const classes = layers.at(-1)!;
  const step = compileStep(trainingStep(activation), firstTraining(layers, random), { backend });
  const results: Record<string, Tensor> = {};
  for (let i = 0; i < steps; i++) {
    const x = randomTensor(random, [batch, layers[0]!]);
    const labels = fromArray(
      Uint8Array.from({ length: batch }, (_, row) => (row * 7 + i) % classes),
      [batch],
    );
    const { loss, correct } = step.run(x, labels as Labels);
    results[`loss${i}`] = loss;
    results[`correct${i}`] = correct;
  }
  const { parameters, velocity } = step.state();
  const ofVelocity = Object.entries(velocity).map(([name, value]) => [`velocity of ${name}`, value] as const);
  return { ...results, ...parameters, ...Object.fromEntries(ofVelocity) };
}

describe("training steps have the reference's bits", () => {
  const sizes: Sizes[] = [
    { batch: 1, layers: [1, 1, 2] },
    { batch: 7, layers: [13, 33, 17] },
    { batch: 64, layers: [50, 16, 10] },
    { batch: 200, layers: [2, 5, 2] },
    { batch: 9, layers: [31, 48, 20, 3] },
  ];
  for (const each of sizes) {
    for (const [name, activation] of [
      ["relu", relu],
      ["sigmoid", sigmoid],
      ["tanh", tanh],
    ] as const) {
      test(`${each.batch} rows through ${each.layers.join("-")}, ${name}`, () => {
        const activate = activation as (x: Wide) => Wide;
        const expected = trainSteps(reference, each, activate, 4);
        const actual = trainSteps(wasm(), each, activate, 4);
        for (const [key, value] of Object.entries(expected)) expect(bitsOf(actual[key]!), key).toEqual(bitsOf(value));
      });
    }
  }
});

test("threads change no bit, and share the work of large kernels", () => {
  const sizes = { batch: 64, layers: [200, 100, 10] };
  const expected = trainSteps(wasm(), sizes, relu as (x: Wide) => Wide, 5);
  for (const threads of [2, 3]) {
    const backend = wasm({ threads, adaptThreads: false });
    const actual = trainSteps(backend, sizes, relu as (x: Wide) => Wide, 5);
    expect(backend.sharedRuns).toBe(5);
    backend.close();
    for (const [key, value] of Object.entries(expected)) expect(bitsOf(actual[key]!), key).toEqual(bitsOf(value));
  }
});

test("fast mode agrees to rounding", () => {
  const sizes = { batch: 33, layers: [40, 24, 10] };
  const expected = trainSteps(reference, sizes, relu as (x: Wide) => Wide, 3);
  const actual = trainSteps(wasm({ mode: "fast" }), sizes, relu as (x: Wide) => Wide, 3);
  for (const [key, value] of Object.entries(expected)) {
    value.data.forEach((each, i) => {
      expect(Math.abs(actual[key]!.data[i]! - each)).toBeLessThan(1e-4 * (1 + Math.abs(each)));
    });
  }
});

test.each([
  { threads: 1, largest: 37, runs: 150 },
  { threads: 3, largest: 120, runs: 80 },
])("random steps have the reference's bits on $threads threads", ({ threads, largest, runs }) => {
  const backend = wasm({ threads, adaptThreads: false });
  const size = fc.integer({ min: 1, max: largest });
  // Every other matrix is square, so that rows and columns can be mistaken for one another.
  const sizes = fc.oneof(
    size.map((length) => [length, length]),
    fc.tuple(size, size),
  );
  fc.assert(
    fc.property(sizes, randomGraphs, randomGraphs, fc.nat(1000), (shape, next, out, seed) => {
      const random = new RandomState(seed);
      const [a, b, x] = [0, 1, 2].map(() => randomTensor(random, shape)) as [Wide, Wide, Wide];
      const step = ([a, b]: readonly Wide[], x: Wide) => {
        const state = next(multiply(a!, x) as Wide, b!);
        const [first, last] = out(state.at(-1)!, a!) as [Wide, Wide];
        return { state: [state.at(-1)!, state.at(-2)!], outputs: [reshape(first, [-1]), last] };
      };
      const results = [reference, threads === 1 ? wasm() : backend].map((each) => {
        const program = compileStep(step, [a, b] as readonly Wide[], { backend: each });
        return [...program.run(x), ...program.run(x), ...program.state()].map((value) => bitsOf(value!));
      });
      expect(results[1]).toEqual(results[0]);
    }),
    { numRuns: runs },
  );
  expect(backend.sharedRuns > 0).toBe(threads > 1);
  backend.close();
});

describe("state", () => {
  const [a, b] = [
    fromArray(
      Float32Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    ),
    fromArray(new Float32Array(12).fill(5), [3, 4]),
  ];

  test("two values can change places", () => {
    const step = compileStep((state: readonly Tensor[]) => ({ state: [state[1]!, state[0]!], outputs: [] }), [a, b], {
      backend: wasm(),
    });
    step.run();
    const [first, second] = step.state();
    expect(first!.toArray()).toEqual(b.toArray());
    expect(second!.toArray()).toEqual(a.toArray());
  });

  test("an old value that is read after its update keeps its place until then", () => {
    const step = compileStep(
      (state: readonly Wide[]) => {
        const next = add(state[0]!, 1) as Wide;
        return { state: [next, multiply(state[0]!, state[1]!) as Wide], outputs: [state[0]!, next] };
      },
      [a, b] as readonly Wide[],
      { backend: wasm() },
    );
    const [old, next] = step.run();
    expect(old!.toArray()).toEqual(a.toArray());
    expect(next!.toArray()).toEqual(add(a, 1).toArray());
    expect(step.state().map((each) => each.toArray())).toEqual([add(a, 1).toArray(), multiply(a, b).toArray()]);
  });

  test("a label outside the classes is an error and leaves the state as it was", () => {
    const step = compileStep(
      (state: Wide, labels: Tensor<readonly number[], "uint8">) => ({
        state: add(state, oneHot(labels, 4) as Wide) as Wide,
        outputs: [],
      }),
      a as Wide,
      { backend: wasm() },
    );
    const run = (...labels: number[]) =>
      step.run(fromArray(Uint8Array.from(labels), [3]) as Tensor<readonly number[], "uint8">);
    expect(() => run(0, 4, 1)).toThrow(ArgumentError);
    expect(step.state().toArray()).toEqual(a.toArray());
    run(0, 1, 2);
    expect(step.state().data[0]).toBe(1);
  });
});

describe("memory", () => {
  const collect = async (): Promise<void> => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    for (let i = 0; i < 3; i++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  test("programs that nobody holds give their memory back", async () => {
    const backend = wasm();
    let peak = 0;
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 300; i++) {
        const f = compile((x: Wide) => add(multiply(x, 2), 1) as Wide, { backend });
        f(zeros([64, 64]) as Wide);
      }
      peak = Math.max(peak, backend.bytesInUse);
      await collect();
    }
    expect(backend.bytesInUse).toBeLessThan(peak / 4);
    expect(peak).toBeLessThan(5 * 300 * 64 * 64 * 4);
  });
});
