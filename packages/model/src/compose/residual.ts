/** A body with a way around it. */

import type { Shape } from "@nn/tensor";
import { configOf } from "../contract/config.ts";
import { defineLayer } from "../contract/define-layer.ts";
import type { AnyLayer } from "../contract/layer.ts";
import type { Model } from "../contract/model.ts";
import type { CallableModel } from "../contract/node.ts";
import { checkSingleInput, joined } from "./parallel.ts";
import { checkLayer } from "./place-layers.ts";

/**
 * body(x) + x, or body(x) + shortcut(x) where the body changes the shape.
 * @throws ShapeError when the two shapes differ.
 * @example residual(sequential([64], dense(64), relu(), dense(64))) // Model<[64], [64]>
 */
export function residual<In extends Shape, Out extends Shape>(
  body: Model<In, Out>,
  shortcut?: AnyLayer,
): CallableModel<In, Out, "residual"> {
  const around = shortcut ?? identity();
  checkSingleInput("residual", body);
  if (shortcut !== undefined) checkLayer("residual: branch 2", shortcut);
  const config = { body: configOf(body), shortcut: shortcut === undefined ? null : configOf(shortcut) };
  return joined("residual", "add", body as unknown as Model, [around], config) as never;
}

/** x as it is. */
function identity(): AnyLayer {
  return defineLayer({ kind: "identity", call: "identity()", apply: (_variables, x) => x });
}
