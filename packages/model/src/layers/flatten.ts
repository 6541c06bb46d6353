/** All axes but the batch's, joined into one. */

import { reshape, sizeOf } from "@nn/tensor";
import { type Layer, type ShapeRule, withoutParameters } from "../layer.ts";
import type { SizeOf } from "../size-of.ts";

/** [a, b, …] → [a · b · …]. */
export interface FlattenRule extends ShapeRule {
  readonly output: [SizeOf<this["input"]>];
}

/** Inputs (N, a, b, …) as rows (N, a · b · …), row-major. */
export function flatten(): Layer<"flatten()", FlattenRule> {
  return {
    kind: "flatten",
    call: "flatten()",
    outputShape: (input) => [sizeOf(input)],
    ...withoutParameters,
    apply: (_parameters, x) => reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]),
  };
}
