/** The one way to write a layer, for this package and for its users. */

import { ArgumentError, type Shape } from "@nn/tensor";
import type { Config } from "./config.ts";
import type { Layer, SameShapeRule, ShapeFunction, ShapeRule, VariableDeclarations } from "./layer.ts";
import { type CallableLayer, callable } from "./node.ts";

/** The parts of a layer that its author writes. */
export interface LayerDefinition<Call extends string, Rule extends ShapeRule> {
  readonly kind: string;
  readonly call: Call;
  /** Default: no arguments. */
  readonly config?: Config;
  /** Default: the output has the shape of the input. */
  readonly infer?: ShapeFunction<Rule>;
  readonly probabilities?: boolean;
  /** Default: none. */
  variables?(inputShape: Shape): VariableDeclarations;
  readonly apply: Layer["apply"];
}

/**
 * A layer of a definition: plain data that can also be called with a node of a functional model.
 * @throws ArgumentError for a kind or variable name with other characters than letters, digits and `_`.
 * @example const double = () => defineLayer({ kind: "double", call: "double()", apply: (_, x) => multiply(x, 2) });
 */
export function defineLayer<const Call extends string, Rule extends ShapeRule = SameShapeRule>(
  definition: LayerDefinition<Call, Rule>,
): CallableLayer<Call, Rule> {
  const { kind, call, config = {}, infer = (shape: Shape) => shape, probabilities, variables, apply } = definition;
  checkName(call, "kind", kind);
  const layer: Layer<Call, Rule> = {
    kind,
    call,
    config,
    infer,
    ...(probabilities && { probabilities }),
    variables(inputShape) {
      const declared = variables?.(inputShape) ?? {};
      for (const name of Object.keys(declared)) checkName(call, "variable", name);
      return declared;
    },
    apply,
  };
  return callable(layer) as CallableLayer<Call, Rule>;
}

/** A dot would read as a path. */
function checkName(operation: string, what: string, name: unknown): void {
  if (typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
  throw new ArgumentError({
    operation,
    received: `${what} ${JSON.stringify(name)}`,
    expected: "letters, digits and _, not a digit first",
  });
}
