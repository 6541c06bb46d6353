/** All axes but the batch's, joined into one. */

import { reshape, sizeOf } from "@nn/tensor";
import { defineLayer } from "../contract/define-layer.ts";
import type { ShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";
import type { SizeOf } from "../contract/size-of.ts";

/** [a, b, …] → [a · b · …]. */
export interface FlattenRule extends ShapeRule {
  readonly output: [SizeOf<this["input"]>];
}

/** Inputs (N, a, b, …) as rows (N, a · b · …), row-major. */
export function flatten(): CallableLayer<"flatten()", FlattenRule> {
  return defineLayer({
    kind: "flatten",
    call: "flatten()",
    infer: (input) => [sizeOf(input)],
    apply: (_variables, x) => reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]),
  });
}
