/** The one way to write a layer, for this package and for its users. */

import { ArgumentError, type ErrorFields, type Shape } from "@nn/tensor";
import { checkChoice, checkMembers, checkOptions, formatValue } from "@nn/tensor/arguments";
import type { Config } from "./config.ts";
import type { Layer, SameShapeRule, ShapeFunction, ShapeRule, Variable, VariableDeclarations } from "./layer.ts";
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
 * @throws ArgumentError for an unknown or missing part, and for a kind or variable name with other characters than letters, digits and `_`.
 * @example const double = () => defineLayer({ kind: "double", call: "double()", apply: (_, x) => multiply(x, 2) });
 */
export function defineLayer<const Call extends string, Rule extends ShapeRule = SameShapeRule>(
  definition: LayerDefinition<Call, Rule>,
): CallableLayer<Call, Rule> {
  checkOptions("defineLayer", definition, definitionNames);
  const { kind, call, config = {}, infer = (shape: Shape) => shape, probabilities, variables, apply } = definition;
  if (typeof call !== "string")
    throw new ArgumentError(notA("defineLayer", "call", call, 'a string such as "double()"'));
  checkName(call, "kind", kind);
  if (typeof apply !== "function") {
    throw new ArgumentError(notA(call, "apply", apply, "a function of variables, inputs and context"));
  }
  const layer: Layer<Call, Rule> = {
    kind,
    call,
    config,
    infer,
    ...(probabilities && { probabilities }),
    variables(inputShape) {
      const declared = variables?.(inputShape) ?? {};
      for (const [name, variable] of Object.entries(declared)) checkVariable(call, name, variable);
      return declared;
    },
    apply,
  };
  return callable(layer) as CallableLayer<Call, Rule>;
}

const definitionNames = {
  kind: true,
  call: true,
  config: true,
  infer: true,
  probabilities: true,
  variables: true,
  apply: true,
} as const;

function notA(operation: string, name: string, value: unknown, expected: string): ErrorFields {
  return { operation, received: `${name} ${formatValue(value)}`, expected };
}

/** Throws unless a layer's own declaration of a variable can be drawn and kept. */
function checkVariable(operation: string, name: string, declared: Variable): void {
  checkName(operation, "variable", name);
  const expected = "{ shape, initializer, role }";
  checkMembers(operation, `variable ${name}`, declared, ["shape", "initializer", "role"], expected);
  const { initializer, role } = declared;
  checkMembers(operation, `initializer of ${name}`, initializer, ["draw"], "an initializer such as zeros()");
  checkChoice(operation, `role of ${name}`, role, ["parameter", "buffer"]);
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
