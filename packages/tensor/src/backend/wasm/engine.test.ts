/** The engine against the reference loops, bit for bit, on whole graphs: fusion, layouts, state, memory. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import {
  ArgumentError,
  add,
  argmax,
  type Backend,
  broadcastTo,
  cast,
  compile,
  compileStep,
  divide,
  equal,
  fromArray,
  gradients,
  greater,
  logSoftmax,
  matmul,
  maximum,
  mean,
  minimum,
  multiply,
  negative,
  oneHot,
  RandomState,
  reference,
  relu,
  reshape,
  sigmoid,
  softmax,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  transpose,
  where,
  zeros,
} from "../../index.ts";
import { wasm } from "./wasm.ts";

type Wide = Tensor<readonly number[], "float32">;

function randomTensor(random: RandomState, shape: readonly number[]): Wide {
  return fromArray(Float32Array.from(random.normal({ size: shape }).data), shape) as Wide;
}

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
  const parameters: Record<string, Wide> = {};
  const velocity: Record<string, Wide> = {};
  for (let i = 1; i < layers.length; i++) {
    parameters[`w${i}`] = randomTensor(random, [layers[i - 1]!, layers[i]!]);
    parameters[`b${i}`] = randomTensor(random, [layers[i]!]);
  }
  for (const [name, value] of Object.entries(parameters)) velocity[name] = zeros(value.shape) as Wide;
  const classes = layers.at(-1)!;
  const step = compileStep(
    (
      state: { p: Record<string, Wide>; v: Record<string, Wide> },
      x: Wide,
      labels: Tensor<readonly number[], "uint8">,
    ) => {
      let hidden = x;
      for (let i = 1; i < layers.length; i++) {
        hidden = add(matmul(hidden, state.p[`w${i}`]!), state.p[`b${i}`]!) as Wide;
        if (i < layers.length - 1) hidden = activation(hidden);
      }
      const target = oneHot(labels, classes) as Wide;
      const loss = negative(mean(sum(multiply(logSoftmax(hidden), target) as Wide, { axis: 1 }) as Wide));
      const correct = sum(cast(equal(argmax(hidden, { axis: 1 }), cast(labels, "int32")), "float32") as Wide);
      const gradient = gradients(loss, state.p);
      const names = Object.keys(state.p);
      const v = Object.fromEntries(
        names.map((name) => [name, add(multiply(state.v[name]!, 0.9), gradient[name]!) as Wide]),
      );
      const p = Object.fromEntries(
        names.map((name) => [name, subtract(state.p[name]!, multiply(v[name]!, 0.05)) as Wide]),
      );
      return { state: { p, v }, outputs: { loss, correct } };
    },
    { p: parameters, v: velocity },
    { backend },
  );
  const results: Record<string, Tensor> = {};
  for (let i = 0; i < steps; i++) {
    const x = randomTensor(random, [batch, layers[0]!]);
    const labels = fromArray(
      Uint8Array.from({ length: batch }, (_, row) => (row * 7 + i) % classes),
      [batch],
    );
    const { loss, correct } = step.run(x, labels as Tensor<readonly number[], "uint8">);
    results[`loss${i}`] = loss;
    results[`correct${i}`] = correct;
  }
  return { ...results, ...step.state().p, ...step.state().v };
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
    const backend = wasm({ threads });
    const actual = trainSteps(backend, sizes, relu as (x: Wide) => Wide, 5);
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

/** Operations on matrices of one shape, picked by number to build random graphs. */
const choices: readonly ((a: Wide, b: Wide) => Wide)[] = [
  (a, b) => add(a, b) as Wide,
  (a, b) => subtract(a, b) as Wide,
  (a, b) => multiply(a, b) as Wide,
  (a, b) => divide(a, b) as Wide,
  (a, b) => maximum(a, b) as Wide,
  (a, b) => minimum(a, b) as Wide,
  (a) => negative(a),
  (a) => square(a),
  (a) => sqrt(a),
  (a) => relu(a),
  (a) => tanh(a),
  (a) => sigmoid(a),
  (a) => softmax(a),
  (a) => logSoftmax(a),
  (a, b) => where(greater(a, b) as Tensor<readonly number[], "uint8">, b, a) as Wide,
  (a, b) => add(a, sum(b, { axis: 0, keepDims: true }) as Wide) as Wide,
  (a, b) => multiply(a, sum(b, { axis: -1, keepDims: true }) as Wide) as Wide,
  (a, b) => subtract(a, mean(b) as Wide) as Wide,
  (a, b) => broadcastTo(sum(add(a, b) as Wide) as Wide, a.shape) as Wide,
  (a, b) => matmul(matmul(a, transpose(b)) as Wide, b) as Wide,
  (a, b) => matmul(a, matmul(transpose(a) as Wide, b) as Wide) as Wide,
  (a, b) => reshape(add(reshape(a, [-1]), reshape(b, [-1])) as Wide, a.shape) as Wide,
  (a, b) => add(a, cast(greater(b, 0), "float32") as Wide) as Wide,
  (a, b) => add(a, cast(cast(greater(b, 0), "int32"), "float32") as Wide) as Wide,
  (a, b) => broadcastTo(cast(sum(cast(greater(a, b), "int32")), "float32") as Wide, a.shape) as Wide,
];

test.each([
  { threads: 1, largest: 37, runs: 100 },
  { threads: 3, largest: 120, runs: 60 },
])(
  "random graphs have the reference's bits on $threads threads",
  ({ threads, largest, runs }) => {
    const backend = wasm({ threads });
    const picks = fc.array(fc.tuple(fc.nat(choices.length - 1), fc.nat(7), fc.nat(7)), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: largest }),
        fc.integer({ min: 1, max: largest }),
        picks,
        fc.nat(1000),
        (rows, columns, ops, seed) => {
          const random = new RandomState(seed);
          const inputs = [randomTensor(random, [rows, columns]), randomTensor(random, [rows, columns])];
          const f = (a: Wide, b: Wide): Wide[] => {
            const values = [a, b];
            for (const [op, left, right] of ops)
              values.push(choices[op]!(values[left % values.length]!, values[right % values.length]!));
            return values.slice(-2);
          };
          const expected = compile(f, { backend: reference })(inputs[0]!, inputs[1]!);
          const actual = compile(f, { backend: threads === 1 ? wasm() : backend })(inputs[0]!, inputs[1]!);
          expect(actual.map(bitsOf)).toEqual(expected.map(bitsOf));
        },
      ),
      { numRuns: runs },
    );
    backend.close();
  },
  60_000,
);

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
  }, 60_000);

  test("a value beyond the memory of an engine is refused", () => {
    const backend = wasm();
    const huge = { shape: [2 ** 16, 2 ** 15], dtype: "float32" as const };
    expect(() => backend.store(huge, new Float32Array(1))).toThrow(/4 GiB/);
    expect(backend.bytesInUse).toBe(0);
  });
});
