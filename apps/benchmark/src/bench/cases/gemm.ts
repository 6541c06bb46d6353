/**
 * Products of matrices (m, k) · (k, n): those of the MNIST step, and square ones. This engine has the right factor in panels
 * before the clock starts, as it has weights in training; peers take a plain array, and so does `nn-strict-256-plain`.
 */

import { RandomState } from "@nn/tensor";
import { type Case, normal } from "../case.ts";

const shapes = [
  [64, 784, 256, "the first layer of the MNIST step"],
  [784, 64, 256, "the gradient of its weights"],
  [64, 256, 10, "its last layer"],
  [256, 256, 256, "square, in the second cache"],
  [1024, 1024, 1024, "square, larger than the second cache"],
] as const;

export const gemms: readonly Case[] = shapes.map(([m, k, n, what]) => ({
  name: `gemm-${m}x${k}x${n}`,
  description: `(${m}, ${k}) · (${k}, ${n}), ${what}`,
  unit: "GFLOPS",
  unitsPerIteration: (2 * m * k * n) / 1e9,
  // Sums of k products of normal numbers, each rounded: √k · √k · 6e-8, and room for the largest of many.
  tolerance: 1e-6 * k,
  async problem() {
    const random = new RandomState(0);
    return { problem: { kind: "product" }, values: { a: normal(random, [m, k], 1), b: normal(random, [k, n], 1) } };
  },
}));
