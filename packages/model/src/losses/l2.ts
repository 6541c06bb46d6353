/** A penalty on large weights. */

import { add, type FloatDType, multiply, square, sum, type Tensor, zeros } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import type { Parameters } from "../layer.ts";

/** A penalty that `fit` adds to the loss. */
export interface Regularizer {
  readonly call: string;
  /** A scalar in the dtype of the parameters. */
  penalty<D extends FloatDType>(parameters: Parameters<D>): Tensor<[], D>;
}

/**
 * strength / 2 · Σ w² over all weights: parameters of two axes or more; biases go free. Its gradient is strength · w.
 * @throws ArgumentError unless `strength` is finite and at least 0.
 */
export function l2(strength: number): Regularizer {
  checkFiniteNumber("l2", "strength", strength, { atLeast: 0 });
  return {
    call: `l2(${strength})`,
    penalty<D extends FloatDType>(parameters: Parameters<D>) {
      // In the order of the names, so that the sum does not depend on how the record was built.
      const weights = Object.keys(parameters)
        .sort()
        .flatMap((name) => (parameters[name]!.shape.length >= 2 ? [parameters[name]!] : []));
      const dtype = weights[0]?.dtype ?? Object.values(parameters)[0]?.dtype;
      const total = weights.reduce<Tensor<[], D>>(
        (total, weight) => add(total, sum(square(weight)) as Tensor<[], D>),
        zeros([], { ...(dtype && { dtype }) }) as Tensor<[], D>,
      );
      return multiply(total, strength / 2);
    },
  };
}
