/** Gradients that are together no longer than a bound. */

import {
  add,
  divide,
  type FloatDType,
  minimum,
  multiply,
  type Shape,
  sqrt,
  square,
  sum,
  type Tensor,
} from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { mapRecord, type Transform } from "./transform.ts";

/**
 * updates · min(maxNorm / (‖updates‖ + 1e-6), 1), the norm taken over all of them together, as PyTorch's clip_grad_norm_.
 * Every gradient is written to memory for it, which costs a step some of its speed.
 * @throws ArgumentError unless `maxNorm` is finite and above 0.
 * @example chain(clipByGlobalNorm(1), adam())
 */
export function clipByGlobalNorm(maxNorm: number): Transform {
  checkFiniteNumber("clipByGlobalNorm", "maxNorm", maxNorm, { above: 0 });
  return {
    kind: "clipByGlobalNorm",
    config: { maxNorm },
    initialize: () => ({}),
    update(updates, state) {
      // In the order of the names, so that the sum does not depend on how the record was built.
      const squares = Object.keys(updates)
        .sort()
        .map((name) => sum(square(updates[name]!)) as FloatTensor);
      if (squares.length === 0) return { updates, state };
      const norm = sqrt(squares.reduce((total, each) => add(total, each) as FloatTensor)) as FloatTensor;
      const factor = minimum(divide(maxNorm, add(norm, 1e-6)) as FloatTensor, 1) as FloatTensor;
      return { updates: mapRecord(updates, (name) => multiply(updates[name]!, factor) as FloatTensor), state };
    },
  };
}

type FloatTensor = Tensor<Shape, FloatDType>;
