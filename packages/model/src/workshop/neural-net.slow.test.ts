/** The workshop's 20,000 iterations, beside the same program in NumPy. */

import { describe, expect, test } from "vitest";
import golden from "../../goldens/workshop.json" with { type: "json" };
import { expectLosses } from "./test-runs.ts";

describe("the losses of the same code and seed in NumPy", () => {
  test.each(golden.runs.filter(({ iterations }) => iterations > 1000))(
    "$moons, net seed $netSeed, $iterations iterations",
    expectLosses,
  );
});

test("lands where the workshop did: 0.151160 after 1,000 iterations, 0.034342 after 20,000", () => {
  const losses = golden.runs[0]!.losses as Record<string, number>;
  expect(Math.abs(losses["1000"]! - 0.15116)).toBeLessThan(0.001);
  expect(Math.abs(losses["20000"]! - 0.034342)).toBeLessThan(0.001);
});
