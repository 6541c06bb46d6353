/** The contract of an initialiser: how a variable's first values are drawn. */

import type { RandomState, Shape, Tensor } from "@nn/tensor";
import type { Config } from "../contract/config.ts";

/** Pure data; the same seed gives the same numbers. */
export interface Initializer {
  /** The factory's name: `"glorotUniform"`. */
  readonly kind: string;
  /** The factory's arguments, defaults filled in. */
  readonly config: Config;
  /** The text of the call that made it: `"glorotUniform()"`. */
  readonly call: string;
  /** First values in float64, row-major; the model rounds them to its dtype afterwards. */
  draw(random: RandomState, shape: Shape): Tensor<Shape, "float64">;
}

/** How many inputs and outputs a weight of `shape` (…, in, out) connects; leading axes multiply both. */
export function fansOf(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: field * shape.at(-2)!, fanOut: field * shape.at(-1)! };
}
