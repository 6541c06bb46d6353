/** Adam and AdamW. */

import { add, divide, type FloatDType, multiply, type Shape, sqrt, square, type Tensor, zerosLike } from "@nn/tensor";
import { checkChoice, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import type { ScheduleLike } from "../schedules/schedule.ts";
import { addDecayedWeights, type DecayMask } from "./add-decayed-weights.ts";
import { chain } from "./chain.ts";
import { decayWeights } from "./decay-weights.ts";
import { scaleByLearningRate } from "./scale-by-learning-rate.ts";
import { mapRecord, type Optimizer, type TensorRecord, type Transform } from "./transform.ts";

export interface AdamOptions {
  /** η, finite and at least 0, or a schedule; default 0.001. */
  readonly learningRate?: ScheduleLike;
  /** β₁, 0 ≤ β₁ < 1, of the mean of gradients; default 0.9. */
  readonly beta1?: number;
  /** β₂, 0 ≤ β₂ < 1, of the mean of squared gradients; default 0.999. */
  readonly beta2?: number;
  /** ε, at least 0; default 1e-8 (Keras: 1e-7). */
  readonly epsilon?: number;
  /**
   * What ε is added to: `"corrected"`, √v̂, as the paper, PyTorch and Optax do (default), or `"raw"`, √v before its bias
   * correction, as Keras and scikit-learn do, where ε weighs 31.6 times more at the first step.
   */
  readonly epsilonAt?: "corrected" | "raw";
  /** λ of the penalty λ/2 · Σ w² in the loss, as in PyTorch's Adam; default 0. See `adamW` for decoupled decay. */
  readonly weightDecay?: number;
}

export interface AdamWOptions extends Omit<AdamOptions, "weightDecay"> {
  /** λ, at least 0; default 0.01 (Keras: 0.004). */
  readonly weightDecay?: number;
  /** Which parameters decay: `"matrices"`, those of two axes or more (default), or `"all"`, as PyTorch does. */
  readonly decay?: DecayMask;
}

/**
 * Adam. With gradient g and the moments m, v (0 before the first step), at step t from 1:
 *
 *     m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
 *     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
 *     w ← w − η m̂ / (√v̂ + ε)
 *
 * @throws ArgumentError when an option is out of range.
 * Source: D. Kingma, J. Ba, "Adam: a method for stochastic optimization" (2015).
 * @example adam({ learningRate: 0.002 })
 */
export function adam(options: AdamOptions = {}): Optimizer {
  checkOptions("adam", options, { ...optionNames, weightDecay: true });
  const { learningRate = 1e-3, weightDecay = 0, ...moments } = options;
  checkFiniteNumber("adam", "weightDecay", weightDecay, { atLeast: 0 });
  const scaled = scaleByLearningRate(learningRate, "adam");
  const direction = scaleByAdam("adam", moments);
  const links = weightDecay === 0 ? [direction, scaled] : [addDecayedWeights(weightDecay, "all"), direction, scaled];
  return {
    ...chain(...links),
    kind: "adam",
    config: { learningRate: scaled.config, ...direction.config, weightDecay },
  };
}

/**
 * Adam with decoupled weight decay: w ← (1 − ηλ) w before the step of Adam, so that the decay is not divided by √v̂.
 * @throws ArgumentError when an option is out of range.
 * Source: I. Loshchilov, F. Hutter, "Decoupled weight decay regularization" (2019).
 * @example adamW({ learningRate: cosine({ peak: 3e-3, warmup: 500 }), weightDecay: 0.01 })
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  checkOptions("adamW", options, { ...optionNames, weightDecay: true, decay: true });
  const { learningRate = 1e-3, weightDecay = 1e-2, decay = "matrices", ...moments } = options;
  const scaled = scaleByLearningRate(learningRate, "adamW");
  const direction = scaleByAdam("adamW", moments);
  return {
    ...chain(direction, decayWeights({ learningRate, weightDecay, decay }, "adamW"), scaled),
    kind: "adamW",
    config: { learningRate: scaled.config, ...direction.config, weightDecay, decay },
  };
}

const optionNames = { learningRate: true, beta1: true, beta2: true, epsilon: true, epsilonAt: true } as const;

type MomentOptions = Pick<AdamOptions, "beta1" | "beta2" | "epsilon" | "epsilonAt">;

/** g → m̂ / (√v̂ + ε). The state is `mean` (m) and `meanSquare` (v). */
export function scaleByAdam(operation: string, options: MomentOptions = {}): Transform {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, epsilonAt = "corrected" } = options;
  checkFiniteNumber(operation, "beta1", beta1, { atLeast: 0, below: 1 });
  checkFiniteNumber(operation, "beta2", beta2, { atLeast: 0, below: 1 });
  checkFiniteNumber(operation, "epsilon", epsilon, { atLeast: 0 });
  checkChoice(operation, "epsilonAt", epsilonAt, ["corrected", "raw"]);
  return {
    kind: "adam",
    config: { beta1, beta2, epsilon, epsilonAt },
    initialize(parameters) {
      const zeros = mapRecord(parameters, (name) => zerosLike(parameters[name]!));
      return { mean: zeros, meanSquare: zeros };
    },
    scalars({ step }) {
      const correction1 = 1 - power(beta1, step + 1);
      const correction2 = Math.sqrt(1 - power(beta2, step + 1));
      return { correction1, correction2 };
    },
    update(gradients, state, _parameters, scalars) {
      const [before, beforeSquare] = [state.mean as TensorRecord, state.meanSquare as TensorRecord];
      const [correction1, correction2] = [scalars.correction1, scalars.correction2] as unknown as [
        FloatTensor,
        FloatTensor,
      ];
      const mean = mapRecord(gradients, (name) => average(before[name]!, gradients[name]!, beta1));
      const meanSquare = mapRecord(gradients, (name) => average(beforeSquare[name]!, square(gradients[name]!), beta2));
      const updates = mapRecord(gradients, (name) => {
        const root = sqrt(meanSquare[name]!) as FloatTensor;
        // √v̂ + ε, or √v + ε brought to the scale of √v̂: η √b₂ / b₁ · m / (√v + ε).
        const denominator =
          epsilonAt === "corrected" ? add(divide(root, correction2), epsilon) : divide(add(root, epsilon), correction2);
        return divide(divide(mean[name]!, correction1), denominator as FloatTensor) as FloatTensor;
      });
      return { updates, state: { mean, meanSquare } };
    },
  };
}

type FloatTensor = Tensor<Shape, FloatDType>;

/** β · before + (1 − β) · now. */
function average(before: FloatTensor, now: FloatTensor, beta: number): FloatTensor {
  return add(multiply(before, beta), multiply(now, 1 - beta)) as FloatTensor;
}

/** βᵗ for a whole t, by squaring: the same bits everywhere, which `**` does not promise. */
function power(base: number, exponent: number): number {
  let result = 1;
  for (let factor = base, left = exponent; left > 0; factor *= factor, left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= factor;
  }
  return result;
}
