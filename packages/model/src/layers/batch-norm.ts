/** Batch normalisation. */

import {
  ArgumentError,
  add,
  divide,
  type FloatDType,
  mean,
  multiply,
  type Shape,
  sqrt,
  square,
  subtract,
  type Tensor,
} from "@nn/tensor";
import { checkBoolean, checkFiniteNumber, checkOptions } from "@nn/tensor/arguments";
import { defineLayer } from "../contract/define-layer.ts";
import type { ShapeRule, Unfit } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";
import { ones } from "../initializers/ones.ts";
import { zeros } from "../initializers/zeros.ts";

export interface BatchNormOptions {
  /** How much of the running statistics each step replaces, 0 … 1; default 0.1, PyTorch's. Keras's momentum is 1 minus this: 0.99 there is 0.01 here. */
  readonly momentum?: number;
  /** Added to the variance, at least 0; default 1e-5, PyTorch's (Keras: 1e-3). */
  readonly epsilon?: number;
  /** Whether to learn a scale and an offset for each feature; default true. */
  readonly affine?: boolean;
}

/** […, features] → […, features]. */
export interface BatchNormRule extends ShapeRule {
  readonly output: this["input"] extends readonly []
    ? Unfit<"shape [..., features]", "Add dense(features) before it.">
    : this["input"];
}

/**
 * y = (x − μ) / √(σ² + ε) · weight + bias for each feature, the last axis; x (N, …, features). While training, μ and σ² are
 * the mean and the biased variance over all other axes of the batch, and the running statistics move towards them:
 * running ← (1 − momentum) · running + momentum · batch, with the unbiased variance, n / (n − 1), as in PyTorch. Otherwise
 * the running statistics take their place. The variables are weight (1), bias (0), runningMean (0), runningVariance (1),
 * each (features); the last two are buffers.
 * @throws ArgumentError when an option is out of range, and for a training batch with a single value for each feature.
 * Source: S. Ioffe, C. Szegedy, "Batch normalization" (2015).
 */
export function batchNorm(options: BatchNormOptions = {}): CallableLayer<"batchNorm()", BatchNormRule> {
  checkOptions("batchNorm", options, { momentum: true, epsilon: true, affine: true });
  const { momentum = 0.1, epsilon = 1e-5, affine = true } = options;
  const call = "batchNorm()";
  checkFiniteNumber("batchNorm", "momentum", momentum, { atLeast: 0, atMost: 1 });
  checkFiniteNumber("batchNorm", "epsilon", epsilon, { atLeast: 0 });
  checkBoolean("batchNorm", "affine", affine);
  return defineLayer({
    kind: "batchNorm",
    call,
    config: { momentum, epsilon, affine },
    infer: (input) =>
      input.length > 0 ? input : { expected: "shape [..., features]", fix: "Add dense(features) before it." },
    variables(inputShape) {
      const shape = [inputShape.at(-1)!];
      return {
        ...(affine && {
          weight: { shape, initializer: ones(), role: "parameter" },
          bias: { shape, initializer: zeros(), role: "parameter" },
        }),
        runningMean: { shape, initializer: zeros(), role: "buffer" },
        runningVariance: { shape, initializer: ones(), role: "buffer" },
      };
    },
    apply({ weight, bias, runningMean, runningVariance }, x, context) {
      const scaled = (mean: FloatTensor, variance: FloatTensor): FloatTensor => {
        const normal = divide(subtract(x, mean), sqrt(add(variance, epsilon))) as FloatTensor;
        return affine ? (add(multiply(normal, weight!), bias!) as FloatTensor) : normal;
      };
      if (!context.training) return scaled(runningMean!, runningVariance!);
      const axis = x.shape.slice(0, -1).map((_, i) => i);
      const count = axis.reduce((product, i) => product * x.shape[i]!, 1);
      if (count < 2) {
        throw new ArgumentError({
          operation: call,
          received: `a training batch with ${count} value for each feature`,
          expected: "at least 2, of which a variance can be taken",
          fix: "Choose a batchSize that does not leave a last batch of 1 row.",
        });
      }
      const batchMean = mean(x, { axis }) as FloatTensor;
      const batchVariance = mean(square(subtract(x, batchMean)), { axis }) as FloatTensor;
      return {
        output: scaled(batchMean, batchVariance),
        buffers: {
          runningMean: moved(runningMean!, batchMean, momentum),
          runningVariance: moved(
            runningVariance!,
            multiply(batchVariance, count / (count - 1)) as FloatTensor,
            momentum,
          ),
        },
      };
    },
  });
}

type FloatTensor = Tensor<Shape, FloatDType>;

/** (1 − momentum) · running + momentum · batch. */
function moved(running: FloatTensor, batch: FloatTensor, momentum: number): FloatTensor {
  return add(multiply(running, 1 - momentum), multiply(batch, momentum)) as FloatTensor;
}
