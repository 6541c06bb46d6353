import { expect, test } from "vitest";
import type { Case } from "./case.ts";
import type { Outcome } from "./measure.ts";
import { caseResult, isTimed } from "./result.ts";
import { table } from "./table.ts";

const product: Case = {
  name: "gemm-64x784x256",
  description: "a product",
  unit: "GFLOPS",
  unitsPerIteration: 1,
  tolerance: 1,
  problem: () => Promise.reject(new Error("not needed")),
};

function timed(name: string, rates: readonly number[], threads: number = 1): Outcome {
  return {
    status: "timed",
    name,
    threads,
    version: "1.0.0",
    difference: 0,
    iterationsPerRound: 7,
    rates,
    others: rates.map(() => 0.1),
  };
}

const outcomes: readonly Outcome[] = [
  timed("nn-strict-256", [81, 80, 82]),
  timed("nn-strict-256-2t", [150, 160, 155], 2),
  timed("jax-js", [0.04, 0.041, 0.039]),
  { status: "skipped", name: "pytorch", reason: "no torch for python3" },
  timed("peak-128", [49, 50, 51]),
  timed("peak-256", [100, 100, 100]),
];

const setting = {
  environment: { cpu: "none" },
  startedAt: "2026-01-01T00:00:00.000Z",
  loadBefore: [0, 0, 0],
  loadAfter: [1, 0, 0],
  rounds: 3,
  roundMs: 1,
  warmupMs: 1,
};

const result = caseResult(product, outcomes, ["jax-js", "pytorch"], setting);

test("shares are of the fastest peak, for every thread one", () => {
  const shares = result.contenders.filter(isTimed).map(({ name, shareOfPeak }) => [name, shareOfPeak]);
  expect(shares).toEqual([
    ["nn-strict-256", 0.81],
    ["nn-strict-256-2t", 155 / 200],
    ["jax-js", 0.0004],
    ["peak-128", 0.5],
    ["peak-256", 1],
  ]);
});

test("ratios are to those baselines that were timed", () => {
  for (const contender of result.contenders.filter(isTimed)) expect(Object.keys(contender.ratios)).toEqual(["jax-js"]);
});

test("a bar is held to the fastest of what it is measured against", () => {
  expect(result.bars).toMatchObject([
    { contender: "nn-strict-256", against: "peak-256", atLeast: 0.8, ratio: 0.81, holds: true },
  ]);
  const slower = [timed("nn-strict-256", [79, 79, 79]), ...outcomes.slice(1)];
  expect(caseResult(product, slower, [], setting).bars).toMatchObject([{ ratio: 0.79, holds: false }]);
});

test("the table: fastest first, then who is missing and why, then the bars", () => {
  expect(table(result)).toMatchInlineSnapshot(`
    "gemm-64x784x256: a product
    load 0.0 before, 1.0 after
                      GFLOPS  half of the rounds  of peak  ÷ jax-js
    nn-strict-256-2t     155           153 – 158     78 %     3,875
    peak-256             100           100 – 100    100 %     2,500
    nn-strict-256       81.0         80.5 – 81.5     81 %     2,025
    peak-128            50.0         49.5 – 50.5     50 %     1,250
    jax-js            0.0400     0.0395 – 0.0405      0 %      1.00
    pytorch skipped: no torch for python3
    ✓ nn-strict-256 ÷ peak-256: 0.810 (95 %: 0.800 – 0.820), at least 0.8
    "
  `);
});

test("the table says who was disturbed", () => {
  const disturbed = { ...timed("nn-strict-256", [50, 60, 70]), others: [0.2, 0.21, 0.9] };
  const text = table(caseResult(product, [disturbed, timed("jax-js", [1, 1, 1])], [], { ...setting, quietCores: 0.2 }));
  expect(text).toContain("\nothers used more than 0.2 cores in rounds of nn-strict-256 (2 of 3)\n");
  expect(table(caseResult(product, [disturbed], [], setting))).not.toContain("others used");
});

test("a table of nobody", () => {
  const nobody = caseResult(product, [outcomes[3]!], ["jax-js"], setting);
  expect(table(nobody)).toBe(
    "gemm-64x784x256: a product\nload 0.0 before, 1.0 after\npytorch skipped: no torch for python3\n",
  );
});
