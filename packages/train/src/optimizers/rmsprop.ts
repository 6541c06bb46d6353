/** RMSprop. */

import {
  add,
  divide,
  type FloatDType,
  maximum,
  multiply,
  type Shape,
  sqrt,
  square,
  subtract,
  type Tensor,
  zerosLike,
} from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import type { ScheduleLike } from "../schedules/schedule.ts";
import { addDecayedWeights } from "./add-decayed-weights.ts";
import { chain } from "./chain.ts";
import { scaleByLearningRate } from "./scale-by-learning-rate.ts";
import { trace } from "./trace.ts";
import { mapRecord, type Optimizer, type TensorRecord, type Transform } from "./transform.ts";

export interface RmspropOptions {
  /** η, finite and at least 0, or a schedule; default 0.01 (Keras: 0.001). */
  readonly learningRate?: ScheduleLike;
  /** α, 0 ≤ α < 1, of the mean of squared gradients; default 0.99 (Keras calls it ρ: 0.9). */
  readonly alpha?: number;
  /** ε, at least 0; default 1e-8. It is added to the root, as in PyTorch (Keras adds it to the mean of squares). */
  readonly epsilon?: number;
  /** λ of the penalty λ/2 · Σ w² in the loss; default 0. */
  readonly weightDecay?: number;
  /** μ, 0 ≤ μ < 1; default 0: no momentum. */
  readonly momentum?: number;
  /** Whether to subtract the square of the mean gradient, which makes v a variance; default false. */
  readonly centered?: boolean;
}

/**
 * RMSprop, as PyTorch has it. With gradient g and the running means v, m (0 before the first step):
 *
 *     v ← α v + (1 − α) g²          m ← α m + (1 − α) g, where centered
 *     u = g / (√v + ε)              or, where centered, u = g / (√(v − m²) + ε)
 *     w ← w − η u                   or, with momentum, b ← μ b + u and w ← w − η b
 *
 * Where rounding makes v − m² negative, its root is 0; PyTorch's is NaN.
 * @throws ArgumentError when an option is out of range.
 * Source: T. Tieleman, G. Hinton, lecture 6.5 of "Neural networks for machine learning" (2012); centred: A. Graves (2013).
 * @example rmsprop({ learningRate: 1e-3, momentum: 0.9 })
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  checkOptions("rmsprop", options, {
    learningRate: true,
    alpha: true,
    epsilon: true,
    weightDecay: true,
    momentum: true,
    centered: true,
  });
  const { learningRate = 0.01, weightDecay = 0, momentum = 0, ...means } = options;
  checkFiniteNumber("rmsprop", "weightDecay", weightDecay, { atLeast: 0 });
  checkFiniteNumber("rmsprop", "momentum", momentum, { atLeast: 0, below: 1 });
  const scaled = scaleByLearningRate(learningRate, "rmsprop");
  const direction = scaleByRms("rmsprop", means);
  const links = [
    ...(weightDecay === 0 ? [] : [addDecayedWeights(weightDecay, "all")]),
    direction,
    ...(momentum === 0 ? [] : [trace({ momentum }, "rmsprop")]),
    scaled,
  ];
  return {
    ...chain(...links),
    kind: "rmsprop",
    config: { learningRate: scaled.config, ...direction.config, weightDecay, momentum },
  };
}

type MeanOptions = Pick<RmspropOptions, "alpha" | "epsilon" | "centered">;

/** g → g / (√v + ε). The state is `meanSquare` (v) and, where centered, `mean` (m). */
export function scaleByRms(operation: string, options: MeanOptions = {}): Transform {
  const { alpha = 0.99, epsilon = 1e-8, centered = false } = options;
  checkFiniteNumber(operation, "alpha", alpha, { atLeast: 0, below: 1 });
  checkFiniteNumber(operation, "epsilon", epsilon, { atLeast: 0 });
  checkBoolean(operation, "centered", centered);
  const average = (before: FloatTensor, now: FloatTensor): FloatTensor =>
    add(multiply(before, alpha), multiply(now, 1 - alpha)) as FloatTensor;
  return {
    kind: "rms",
    config: { alpha, epsilon, centered },
    initialize(parameters) {
      const zeros = mapRecord(parameters, (name) => zerosLike(parameters[name]!));
      return { meanSquare: zeros, ...(centered && { mean: zeros }) };
    },
    update(gradients, state) {
      const meanSquare = mapRecord(gradients, (name) =>
        average((state.meanSquare as TensorRecord)[name]!, square(gradients[name]!)),
      );
      const mean =
        centered && mapRecord(gradients, (name) => average((state.mean as TensorRecord)[name]!, gradients[name]!));
      const updates = mapRecord(gradients, (name) => {
        const spread = mean
          ? maximum(subtract(meanSquare[name]!, square(mean[name]!)) as FloatTensor, 0)
          : meanSquare[name]!;
        return divide(gradients[name]!, add(sqrt(spread as FloatTensor), epsilon) as FloatTensor) as FloatTensor;
      });
      return { updates, state: { meanSquare, ...(mean && { mean }) } };
    },
  };
}

type FloatTensor = Tensor<Shape, FloatDType>;
