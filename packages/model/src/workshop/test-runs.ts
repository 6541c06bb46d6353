/** Runs of the workshop's program in NumPy, and the same runs here. */

import { fromArray, RandomState } from "@nn/tensor";
import { expect } from "vitest";
import type golden from "../../goldens/workshop.json";
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

/** Trains as the run did, and compares every loss that it wrote down. */
export function expectLosses(run: Run): void {
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
}
