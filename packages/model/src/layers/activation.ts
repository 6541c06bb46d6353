/** What the layers that apply a function to each element share. */

import type { FloatDType, Shape, Tensor } from "@nn/tensor";
import { defineLayer } from "../contract/define-layer.ts";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";

/** The layer `kind()`: `value` of its input, whatever the shape. */
export function activation<Kind extends string>(
  kind: Kind,
  value: (x: Tensor<Shape, FloatDType>) => Tensor<Shape, FloatDType>,
  options: { readonly probabilities?: boolean } = {},
): CallableLayer<`${Kind}()`, SameShapeRule> {
  return defineLayer({ kind, call: `${kind}()`, ...options, apply: (_variables, x) => value(x) });
}
