/** Softmax over short rows with all that follows it, against the reference loops, bit for bit. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { bitsOf, kernelsOf } from "../../../../test/backends.ts";
import {
  add,
  cast,
  compile,
  equal,
  exp,
  fromArray,
  gradients,
  greater,
  logSoftmax,
  multiply,
  negative,
  oneHot,
  RandomState,
  reference,
  softmax,
  subtract,
  sum,
  type Tensor,
  where,
  zerosLike,
} from "../../../index.ts";
import { type WasmOptions, wasm } from "../wasm.ts";

type Wide = Tensor<readonly number[], "float32">;
type Labels = Tensor<readonly number[], "uint8">;

/** −log softmax at each label, summed, with its derivative: what training computes of its logits. */
function crossEntropy(logits: Wide, labels: Labels): Wide[] {
  const logProbabilities = logSoftmax(logits);
  const isLabel = equal(oneHot(labels, logits.shape[1]!), 1) as Labels;
  const chosen = where(isLabel, negative(logProbabilities), zerosLike(logProbabilities)) as Wide;
  const loss = sum(sum(chosen, { axis: 1 })) as Wide;
  return [loss, gradients(loss as Tensor, [logits])[0] as Wide];
}

/** Everything that may follow: other matrices, rows, columns, numbers, integers, masks, sums of rows, kept and not. */
function everything(logits: Wide, labels: Labels): Wide[] {
  const probabilities = softmax(logits);
  const target = oneHot(labels, logits.shape[1]!) as Wide;
  const row = sum(logits, { axis: 0 }) as Wide;
  const column = sum(logits, { axis: 1, keepDims: true }) as Wide;
  const kept = multiply(probabilities, add(row, 1)) as Wide;
  const total = sum(kept, { axis: 1, keepDims: true }) as Wide;
  const centred = subtract(kept, multiply(total, column)) as Wide;
  const mask = greater(centred, target) as Labels;
  const flat = sum(exp(centred), { axis: 1 }) as Wide;
  return [kept, total, where(mask, centred, target) as Wide, cast(mask, "float32") as Wide, flat];
}

const programs = { crossEntropy, everything };

function sample(rows: number, columns: number, seed: number): [Wide, Labels] {
  const random = new RandomState(seed);
  const logits = fromArray(
    Float32Array.from(random.normal({ size: [rows, columns] }).data, (x) => 3 * x),
    [rows, columns],
  );
  const labels = fromArray(
    Uint8Array.from({ length: rows }, (_, i) => (i * 7 + seed) % columns),
    [rows],
  );
  return [logits as Wide, labels as Labels];
}

function check(name: keyof typeof programs, logits: Wide, labels: Labels, options: WasmOptions = {}): void {
  const backend = wasm(options);
  const expected = compile(programs[name], { backend: reference })(logits, labels);
  const actual = compile(programs[name], { backend })(logits, labels);
  backend.close();
  actual.forEach((value, i) => {
    expect(bitsOf(value), `result ${i}`).toEqual(bitsOf(expected[i]!));
  });
}

test("a cross-entropy and its derivative are one kernel, but for the last sum", () => {
  const kernels = kernelsOf((backend) => compile(crossEntropy, { backend })(...sample(64, 10, 1)));
  expect(kernels).toEqual([
    "oneHot [64, 10]",
    expect.stringMatching(/^logSoftmax \+ .*exp .*subtract \[64, 10\]$/),
    "sum [1]",
  ]);
});

test.each(Object.keys(programs) as (keyof typeof programs)[])("%s of any size has the reference's bits", (name) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 18 }),
      fc.nat(1000),
      fc.boolean(),
      (rows, columns, seed, wide) => check(name, ...sample(rows, columns, seed), { wide }),
    ),
    { numRuns: 60 },
  );
});

test.each([2, 3])("%i threads share the rows", (threads) => {
  for (const name of Object.keys(programs) as (keyof typeof programs)[])
    check(name, ...sample(1001, 10, threads), { threads, adaptThreads: false });
});

test("logits that overflow, vanish or are no numbers", () => {
  const special = [0, -0, 1e-45, -1e-45, 88, -104, 3e38, -3e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const columns of [1, 2, 3, 10]) {
    const random = new RandomState(columns);
    const picks = random.uniform({ size: [500, columns] }).data;
    const values = Float32Array.from(picks, (pick, i) =>
      pick < 0.03 ? Number.NaN : special[Math.floor(pick * 997 + i) % special.length]!,
    );
    const [, labels] = sample(500, columns, 1);
    for (const name of Object.keys(programs) as (keyof typeof programs)[])
      check(name, fromArray(values, [500, columns]) as Wide, labels);
  }
});
