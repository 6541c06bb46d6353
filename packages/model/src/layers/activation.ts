/** What the layers that apply a function to each element share. */

import type { FloatDType, Shape, Tensor } from "@nn/tensor";
import { type Layer, type SameShapeRule, withoutParameters } from "../layer.ts";

/** The layer `kind()`: `value` of its input, whatever the shape. */
export function activation<Kind extends string>(
  kind: Kind,
  value: (x: Tensor<Shape, FloatDType>) => Tensor<Shape, FloatDType>,
): Layer<`${Kind}()`, SameShapeRule> {
  return {
    kind,
    call: `${kind}()`,
    outputShape: (input) => input,
    ...withoutParameters,
    apply: (_parameters, x) => value(x),
  };
}
