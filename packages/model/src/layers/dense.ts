/** The fully connected layer. */

import { add, matmul } from "@nn/tensor";
import { checkBoolean, checkInteger, checkMembers, checkOptions } from "@nn/tensor/arguments";
import { glorotUniform } from "../initializers/glorot-uniform.ts";
import type { Initializer } from "../initializers/initializer.ts";
import { zeros } from "../initializers/zeros.ts";
import type { Layer, ShapeRule, Unfit } from "../layer.ts";

export interface DenseOptions {
  /** Whether to add a learned number to each unit; default true. */
  readonly bias?: boolean;
  /** Default `glorotUniform()`. */
  readonly weightInitializer?: Initializer;
  /** Default `zeros()`. */
  readonly biasInitializer?: Initializer;
}

/** [features] → [Units]. */
export interface DenseRule<Units extends number> extends ShapeRule {
  readonly output: number extends this["input"]["length"]
    ? [Units]
    : this["input"] extends readonly [number]
      ? [Units]
      : Unfit<"shape [features]", "Add flatten() before it.">;
}

/**
 * `units` weighted sums of all features: y (N, units) = x (N, features) · weight (features, units) + bias (units).
 * @throws ArgumentError unless `units` is an integer of at least 1.
 * @example sequential([784], dense(256), sigmoid(), dense(10))
 */
export function dense<const Units extends number>(
  units: Units,
  options: DenseOptions = {},
): Layer<`dense(${Units})`, DenseRule<Units>> {
  checkInteger("dense", "units", units, 1);
  checkOptions("dense", options, { bias: true, weightInitializer: true, biasInitializer: true });
  const { bias = true, weightInitializer = glorotUniform(), biasInitializer = zeros() } = options;
  checkBoolean("dense", "bias", bias);
  for (const [name, initializer] of Object.entries({ weightInitializer, biasInitializer })) {
    checkMembers("dense", name, initializer, ["draw"], "an initializer such as glorotUniform()");
  }
  return {
    kind: "dense",
    call: `dense(${units})`,
    outputShape: (input) =>
      input.length === 1 ? [units] : { expected: "shape [features]", fix: "Add flatten() before it." },
    parameterShapes: ([features]) => ({ weight: [features!, units], ...(bias && { bias: [units] }) }),
    initialize(random, [features]) {
      const weight = weightInitializer.draw(random, [features!, units]);
      return bias ? { weight, bias: biasInitializer.draw(random, [units]) } : { weight };
    },
    apply({ weight, bias: offset }, x) {
      const y = matmul(x, weight!);
      return offset === undefined ? y : add(y, offset);
    },
  };
}
