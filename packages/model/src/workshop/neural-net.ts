/**
 * The workshop's second model (sections 4 to 6): one hidden layer, with forward, backward and gradient descent written out
 * as the text derives them. In float64; the gradients are sums over the examples, not means, as in the text. For models of
 * any depth, with derivatives found for you, see `sequential`.
 */

import {
  ArgumentError,
  add,
  argmax,
  divide,
  fromArray,
  log,
  matmul,
  multiply,
  negative,
  oneHot,
  type RandomState,
  sigmoid,
  softmax,
  subtract,
  sum,
  type Tensor,
  transpose,
  zeros,
} from "@nn/tensor";
import { checkInteger, checkIsTensor, checkMembers, checkOptions } from "@nn/tensor/arguments";
import type { Labels } from "../losses/loss.ts";
import { checkFinite, checkLearningRate, checkRows, type Rows } from "./training-rows.ts";

type Matrix = Tensor<[number, number], "float64">;

/** What the forward pass leaves for the backward pass: linear transformations z, activations a. */
export interface Cache {
  /** The input x (N, inputDim). */
  readonly a0: Rows;
  readonly z1: Matrix;
  readonly a1: Matrix;
  readonly z2: Matrix;
  /** The output ŷ (N, outputDim). */
  readonly a2: Matrix;
}

/** The derivative of the summed loss with respect to each parameter. */
export interface Gradients {
  readonly dW2: Matrix;
  readonly db2: Matrix;
  readonly dW1: Matrix;
  readonly db1: Matrix;
}

export interface NeuralNetOptions {
  /** Features of an example; default 2. */
  readonly inputDim?: number;
  /** Neurons of the hidden layer; default 5. */
  readonly hiddenDim?: number;
  /** Classes; default 2. */
  readonly outputDim?: number;
  /** Where the first weights come from: W1, then W2. */
  readonly random: RandomState;
}

export interface NeuralNetTraining {
  /** Default 20,000. */
  readonly iterations?: number;
  /** α, a finite number above 0; default 0.01. */
  readonly learningRate?: number;
  /** Called after each update with the probabilities from before it: `net.getLoss(probs, y)` is what the workshop prints. */
  readonly onIteration?: (iteration: number, probs: Matrix) => void;
}

/** The workshop's second form of training: batches of shuffled examples (section 8). */
export interface NeuralNetEpochs {
  /** How many times the examples are shuffled and batches taken from the front. */
  readonly epochs: number;
  /** Examples in a batch; the last one that the examples reach may hold fewer. */
  readonly batchSize: number;
  /**
   * Batches in an epoch. `Math.ceil(N / batchSize)` goes through all N examples. The published code counts
   * `Math.ceil(epochs / batchSize)`, 4 for 200 epochs of batches of 64, and prints what that gives.
   */
  readonly batchesPerEpoch: number;
  /** α, a finite number above 0; default 0.01. */
  readonly learningRate?: number;
  /** Of the orders: each epoch shuffles the order that the last one left, as `x, y = shuffle(x, y)` does. */
  readonly random: RandomState;
  /** Called after each epoch with the means that the workshop prints: of the batches' losses and accuracies, from before their updates. */
  readonly onEpoch?: (epoch: number, loss: number, accuracy: number) => void;
}

/**
 * ŷ = softmax(σ(x W₁ + b₁) W₂ + b₂), trained on cross-entropy.
 * @example
 * const net = new NeuralNet({ inputDim: 2, hiddenDim: 5, outputDim: 2, random: new RandomState(0) });
 * net.train(x, y, { iterations: 20_000, learningRate: 0.01 });
 */
export class NeuralNet {
  W1: Matrix; // (inputDim, hiddenDim)
  b1: Matrix; // (1, hiddenDim)
  W2: Matrix; // (hiddenDim, outputDim)
  b2: Matrix; // (1, outputDim)
  cache: Cache | undefined;

  /** @throws ArgumentError unless the dimensions are integers of at least 1. */
  constructor(options: NeuralNetOptions) {
    checkOptions("NeuralNet", options, { inputDim: true, hiddenDim: true, outputDim: true, random: true });
    const { inputDim = 2, hiddenDim = 5, outputDim = 2, random } = options;
    checkMembers("NeuralNet", "random", random, ["rand"], "a RandomState, such as new RandomState(0)");
    for (const [name, size] of Object.entries({ inputDim, hiddenDim, outputDim })) {
      checkInteger("NeuralNet", name, size, 1);
    }
    this.W1 = divide(random.rand(inputDim, hiddenDim), Math.sqrt(inputDim));
    this.b1 = zeros([1, hiddenDim], { dtype: "float64" });
    this.W2 = divide(random.rand(hiddenDim, outputDim), Math.sqrt(hiddenDim));
    this.b2 = zeros([1, outputDim], { dtype: "float64" });
  }

  /** The probabilities ŷ (N, outputDim) of the classes for x (N, inputDim); fills the cache. */
  forward(x: Rows): Matrix {
    checkIsTensor("NeuralNet.forward", "x", x);
    const z1 = add(matmul(x, this.W1), this.b1); //     z₁ = x W₁ + b₁
    const a1 = sigmoid(z1); //                          a₁ = σ(z₁)
    const z2 = add(matmul(a1, this.W2), this.b2); //    z₂ = a₁ W₂ + b₂
    const a2 = softmax(z2); //                          ŷ = a₂ = softmax(z₂)
    this.cache = { a0: x, z1, a1, z2, a2 };
    return a2;
  }

  /**
   * The gradients for the examples of the last `forward`, whose classes are y (N), each from 0 to outputDim − 1.
   * @throws ArgumentError before any `forward`, or for a label that is no class.
   */
  backward(y: Labels): Gradients {
    if (this.cache === undefined) {
      throw new ArgumentError({
        operation: "backward",
        received: "an empty cache",
        expected: "a forward pass before it",
      });
    }
    const { a0, a1, a2 } = this.cache;
    checkRows("NeuralNet.backward", a0, y);

    // δ₃ = ∂L/∂ŷ · ∂ŷ/∂z₂ = ŷ − y, with y as rows of zeros with a single one.
    const delta3 = subtract(a2, oneHot(y, a2.shape[1], { dtype: "float64" }));
    const dW2 = matmul(transpose(a1), delta3); //       ∂L/∂W₂ = a₁ᵀ δ₃
    const db2 = sum(delta3, { axis: 0, keepDims: true }); // ∂L/∂b₂ = 1ᵀ δ₃

    // δ₂ = δ₃ W₂ᵀ ∗ σ'(z₁), and σ'(z₁) = (1 − σ(z₁)) σ(z₁) = (1 − a₁) a₁.
    const delta2 = multiply(matmul(delta3, transpose(this.W2)), multiply(subtract(1, a1), a1));
    const dW1 = matmul(transpose(a0), delta2); //       ∂L/∂W₁ = a₀ᵀ δ₂ = xᵀ δ₂
    const db1 = sum(delta2, { axis: 0, keepDims: true }); // ∂L/∂b₁ = 1ᵀ δ₂

    return { dW2, db2, dW1, db1 };
  }

  /**
   * One step down the gradient of the last `forward`: W ← W − α ∂L/∂W, b ← b − α ∂L/∂b.
   * @throws ArgumentError as `backward` does, and unless α is a finite number above 0.
   */
  update(y: Labels, learningRate: number): void {
    checkLearningRate("NeuralNet.update", learningRate);
    const { dW1, db1, dW2, db2 } = this.backward(y);
    this.W1 = add(this.W1, multiply(dW1, -learningRate));
    this.b1 = add(this.b1, multiply(db1, -learningRate));
    this.W2 = add(this.W2, multiply(dW2, -learningRate));
    this.b2 = add(this.b2, multiply(db2, -learningRate));
  }

  /**
   * Gradient descent on all examples at once, `iterations` times; or on batches of shuffled examples, for `epochs`.
   * @throws ArgumentError for values out of range.
   */
  train(x: Rows, y: Labels, options: NeuralNetTraining | NeuralNetEpochs = {}): void {
    if ("epochs" in options) {
      this.#trainEpochs(x, y, options);
      return;
    }
    checkOptions("NeuralNet.train", options, { iterations: true, learningRate: true, onIteration: true });
    const { iterations = 20_000, learningRate = 0.01, onIteration } = options;
    checkInteger("NeuralNet.train", "iterations", iterations, 0);
    checkTraining(x, y, learningRate);
    for (let i = 1; i <= iterations; i++) {
      const probs = this.forward(x);
      this.update(y, learningRate);
      onIteration?.(i, probs);
    }
  }

  #trainEpochs(x: Rows, y: Labels, options: NeuralNetEpochs): void {
    const operation = "NeuralNet.train";
    checkOptions(operation, options, epochOptions);
    const { epochs, batchSize, batchesPerEpoch, learningRate = 0.01, random, onEpoch } = options;
    checkTraining(x, y, learningRate);
    const [count] = x.shape;
    checkInteger(operation, "epochs", epochs, 0);
    checkInteger(operation, "batchSize", batchSize, 1, count);
    checkInteger(operation, "batchesPerEpoch", batchesPerEpoch, 1, Math.ceil(count / batchSize));
    checkMembers(operation, "random", random, ["permutation"], "a RandomState, such as new RandomState(0)");
    let order = Int32Array.from({ length: count }, (_, row) => row);
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const before = order;
      order = Int32Array.from(random.permutation(count).data, (row) => before[row]!);
      let [losses, right, examples] = [0, 0, 0];
      for (let batch = 0; batch < batchesPerEpoch; batch++) {
        const rows = order.subarray(batchSize * batch, batchSize * (batch + 1));
        const [xBatch, yBatch] = [rowsOf(x, rows), labelsOf(y, rows)];
        const probs = this.forward(xBatch);
        this.update(yBatch, learningRate);
        losses += this.getLoss(probs, yBatch) * rows.length;
        right += argmax(probs, { axis: 1 }).data.reduce((sum, said, i) => sum + (said === yBatch.data[i] ? 1 : 0), 0);
        examples += rows.length;
      }
      onEpoch?.(epoch, losses / examples, right / examples);
    }
  }

  /** The most probable class of each example (N). Runs `forward`, so the cache is that of `x` afterwards. */
  predict(x: Rows): Tensor<[number], "int32"> {
    return argmax(this.forward(x), { axis: 1 });
  }

  /** Cross-entropy: −(1/N) Σ log of the probability that each example gives to its class. */
  getLoss(probs: Tensor<readonly [number, number], "float64">, y: Labels): number {
    checkRows("NeuralNet.getLoss", probs, y);
    const [N, C] = probs.shape;
    const own = sum(multiply(oneHot(y, C, { dtype: "float64" }), probs), { axis: 1 }); // (N)
    return sum(negative(log(own))).item() / N;
  }
}

const epochOptions = {
  epochs: true,
  batchSize: true,
  batchesPerEpoch: true,
  learningRate: true,
  random: true,
  onEpoch: true,
} as const;

/** The rows of `x` that `rows` names, in that order. */
function rowsOf(x: Rows, rows: Int32Array): Rows {
  const [, width] = x.shape;
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    values.set(x.data.subarray(row * width, (row + 1) * width), i * width);
  });
  return fromArray(values, [rows.length, width]);
}

function labelsOf(y: Labels, rows: Int32Array): Tensor<[number], "int32"> {
  return fromArray(
    rows.map((row) => y.data[row]!),
    [rows.length],
  );
}

function checkTraining(x: Rows, y: Labels, learningRate: number): void {
  const operation = "NeuralNet.train";
  checkRows(operation, x, y);
  checkLearningRate(operation, learningRate);
  checkFinite(operation, x);
}
