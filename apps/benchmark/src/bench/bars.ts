/** How fast the engine is meant to be. Printed with the results; no test asserts them. */

export interface Bar {
  readonly case: string;
  readonly contender: string;
  /** What it is measured against: other contenders, of which the fastest counts. */
  readonly against: readonly string[];
  /** At least so many times as fast. */
  readonly atLeast: number;
}

const STEP = "mnist-mlp-step";
const MOONS = "moons-step";
const peak = ["peak-128", "peak-256"];

export const bars: readonly Bar[] = [
  { case: STEP, contender: "nn-strict-256", against: ["pytorch"], atLeast: 1.1 },
  { case: STEP, contender: "nn-strict-256", against: ["numpy-float64"], atLeast: 2.5 },
  { case: STEP, contender: "nn-strict-256", against: ["jax-js"], atLeast: 4 },
  { case: STEP, contender: "nn-strict-256-2t", against: ["pytorch", "pytorch-2t"], atLeast: 1.8 },
  { case: STEP, contender: "nn-strict-256-2t", against: ["nn-strict-256"], atLeast: 1.7 },
  { case: STEP, contender: "nn-strict-128", against: ["jax-js"], atLeast: 1.8 },
  { case: STEP, contender: "nn-strict-128", against: ["tfjs-wasm"], atLeast: 18 },
  { case: MOONS, contender: "nn-strict-256", against: ["numpy-float64", "numpy-float32"], atLeast: 10 },
  { case: MOONS, contender: "nn-strict-256", against: ["pytorch"], atLeast: 20 },
  { case: "gemm-1024x1024x1024", contender: "nn-strict-256", against: peak, atLeast: 0.8 },
  { case: "gemm-64x784x256", contender: "nn-strict-256", against: peak, atLeast: 0.8 },
];
