/** The workshop's 20,000 iterations, beside the same program in NumPy. */

import { fromArray, RandomState } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/workshop.json" with { type: "json" };
import type { Labels } from "../losses/loss.ts";
import { NeuralNet, type Rows } from "../workshop.ts";

type Run = (typeof golden.runs)[number];

function dataOf(run: Run): { readonly x: Rows; readonly y: Labels } {
  const points = new Float64Array(Uint8Array.from(Buffer.from(run.x, "base64")).buffer);
  const labels = Uint8Array.from(run.y, Number);
  return { x: fromArray(points, [labels.length, 2]), y: fromArray(labels, [labels.length]) };
}

const netOf = (run: Run): NeuralNet =>
  new NeuralNet({ inputDim: 2, hiddenDim: run.hidden, outputDim: 2, random: new RandomState(run.netSeed) });

describe("the losses of the same code and seed in NumPy", () => {
  test.each(golden.runs.filter(({ iterations }) => iterations > 1000))(
    "$moons, net seed $netSeed, $iterations iterations",
    (run) => {
      const { x, y } = dataOf(run);
      const { iterations, learningRate } = run;
      const net = netOf(run);
      const expected = run.losses as Record<string, number | undefined>;
      const losses: Record<string, number> = {};
      net.train(x, y, {
        iterations,
        learningRate,
        onIteration(iteration, probs) {
          if (expected[iteration] !== undefined) losses[iteration] = net.getLoss(probs, y);
        },
      });
      expect(Object.keys(losses)).toEqual(Object.keys(expected));
      const worst = Math.max(...Object.keys(losses).map((i) => Math.abs(losses[i]! / expected[i]! - 1)));
      expect(worst).toBeLessThan(1e-9);
    },
  );
});

test("lands where the workshop did: 0.151160 after 1,000 iterations, 0.034342 after 20,000", () => {
  const losses = golden.runs[0]!.losses as Record<string, number>;
  expect(Math.abs(losses["1000"]! - 0.15116)).toBeLessThan(0.001);
  expect(Math.abs(losses["20000"]! - 0.034342)).toBeLessThan(0.001);
});
