/**
 * The workshop's first model (section 1): a single neuron with a step for its activation, taught one example at a time by
 * the perceptron rule. Explicit loops in float64, to be read next to the text; not traced, not differentiable.
 */

import { ArgumentError, formatShape, fromArray, ShapeError, type Tensor } from "@nn/tensor";
import { checkInteger, checkIsTensor, checkOptions } from "@nn/tensor/arguments";
import type { Labels } from "../losses/loss.ts";
import { checkFinite, checkLearningRate, checkRows, type Rows } from "./training-rows.ts";

export interface PerceptronTraining {
  /** η, a finite number above 0; default 1. */
  readonly learningRate?: number;
  /** When to give up: data that no line separates never comes to rest. Default 1,000. */
  readonly maxEpochs?: number;
}

/** What training did, epoch by epoch. */
export interface PerceptronRun {
  /** How many examples were answered wrongly in each epoch; 0 in the last one of a run that converged. */
  readonly mistakes: readonly number[];
  readonly converged: boolean;
}

/**
 * ŷ = g(w₁x₁ + … + wₙxₙ + b), with g(z) = 1 where z ≥ 0 and 0 elsewhere. Weights and bias begin at 0.
 * @example const run = new Perceptron({ inputDim: 2 }).train(x, y, { learningRate: 0.1 });
 */
export class Perceptron {
  readonly weights: Float64Array;
  bias = 0;

  /** @throws ArgumentError unless `inputDim` is an integer of at least 1. */
  constructor(options: { readonly inputDim: number }) {
    checkOptions("Perceptron", options, { inputDim: true });
    const { inputDim } = options;
    checkInteger("Perceptron", "inputDim", inputDim, 1);
    this.weights = new Float64Array(inputDim);
  }

  /** The answers (N), 0 or 1, in uint8. @throws ShapeError unless `x` has a column for each weight. */
  predict(x: Rows): Tensor<[number], "uint8"> {
    this.#checkRows("predict", x);
    const answers = new Uint8Array(x.shape[0]);
    for (let row = 0; row < answers.length; row++) answers[row] = this.#answer(x.data, row);
    return fromArray(answers, [answers.length]);
  }

  /**
   * Goes through the examples in order, again and again, until an epoch passes without a mistake or `maxEpochs` are over.
   * After each answer: w ← w + η (y − ŷ) x and b ← b + η (y − ŷ).
   * @throws ShapeError for rows and labels that do not suit each other. @throws ArgumentError for labels other than 0 and 1,
   * values that are not finite, a learning rate that is not finite and positive.
   */
  train(x: Rows, y: Labels, options: PerceptronTraining = {}): PerceptronRun {
    checkOptions("Perceptron.train", options, { learningRate: true, maxEpochs: true });
    const { learningRate = 1, maxEpochs = 1000 } = options;
    this.#checkRows("train", x);
    checkTraining(x, y, learningRate);
    checkInteger("train", "maxEpochs", maxEpochs, 1);
    const mistakes: number[] = [];
    do {
      mistakes.push(this.#epoch(x, y, learningRate));
    } while (mistakes.at(-1)! > 0 && mistakes.length < maxEpochs);
    return { mistakes, converged: mistakes.at(-1) === 0 };
  }

  #epoch(x: Rows, y: Labels, learningRate: number): number {
    const { weights } = this;
    let mistakes = 0;
    for (let row = 0; row < y.size; row++) {
      const error = y.data[row]! - this.#answer(x.data, row); // y − ŷ: −1, 0 or 1
      if (error === 0) continue;
      mistakes++;
      for (let i = 0; i < weights.length; i++) {
        weights[i]! += learningRate * error * x.data[row * weights.length + i]!;
      }
      this.bias += learningRate * error;
    }
    return mistakes;
  }

  #answer(x: Float64Array, row: number): 0 | 1 {
    const { weights } = this;
    let z = this.bias;
    for (let i = 0; i < weights.length; i++) z += weights[i]! * x[row * weights.length + i]!;
    return z >= 0 ? 1 : 0;
  }

  #checkRows(operation: string, x: Rows): void {
    checkIsTensor(`Perceptron.${operation}`, "x", x);
    if (x.shape.length === 2 && x.shape[1] === this.weights.length && x.dtype === "float64") return;
    throw new ShapeError({
      operation: `Perceptron.${operation}`,
      received: `x of shape ${formatShape(x.shape)} in ${x.dtype}`,
      expected: `[N, ${this.weights.length}] in float64`,
    });
  }
}

function checkTraining(x: Rows, y: Labels, learningRate: number): void {
  const operation = "Perceptron.train";
  checkRows(operation, x, y);
  const label = y.data.findIndex((each) => each !== 0 && each !== 1);
  if (label >= 0) {
    throw new ArgumentError({ operation, received: `label ${y.data[label]} at position ${label}`, expected: "0 or 1" });
  }
  checkLearningRate(operation, learningRate);
  checkFinite(operation, x);
}
