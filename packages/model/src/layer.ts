/**
 * The contract of a layer: pure data that knows how to make its parameters and how to apply them. Written with operations
 * only; no layer knows a backend, and none knows its neighbours. Shapes here exclude the batch axis, tensors include it.
 */

import type { FloatDType, RandomState, Shape, Tensor } from "@nn/tensor";

/**
 * A layer's shape rule for the compiler: a function from shape to shape, as an interface whose `output` is computed from
 * `this["input"]`. Where the input fits, `output` is a shape; where it does not, an `Unfit`.
 * @example interface DenseRule<Units extends number> extends ShapeRule {
 *   readonly output: this["input"] extends readonly [number] ? [Units] : Unfit<"shape [features]", "Add flatten() before it.">;
 * }
 */
export interface ShapeRule {
  readonly given: unknown;
  /** The input's shape: `given`, known to be one. */
  readonly input: this["given"] extends Shape ? this["given"] : never;
  readonly output: unknown;
}

/** What `Rule` makes of an input of shape `Input`. */
export type ApplyRule<Rule extends ShapeRule, Input extends Shape> = (Rule & { readonly given: Input })["output"];

/** The rule of a layer that keeps the shape of its input, whatever it is. */
export interface SameShapeRule extends ShapeRule {
  readonly output: this["input"];
}

/** What a layer says of an input that does not fit: `expected` as a phrase, `fix` as a sentence. */
export interface Unfit<Expected extends string = string, Fix extends string = string> {
  readonly expected: Expected;
  readonly fix: Fix;
}

/** The rule at run time: the shape of the output, or what is wrong with the input. */
export interface ShapeFunction<Rule extends ShapeRule = ShapeRule> {
  (inputShape: Shape): Shape | Unfit;
  /** Carries the rule for the compiler; never present. */
  readonly rule?: Rule;
}

/** Named parameters of a layer (`"weight"`) or of a model (`"dense1.weight"`). */
export type Parameters<D extends FloatDType = FloatDType> = { readonly [name: string]: Tensor<Shape, D> };

/** How a model is applied. Training draws random numbers as a function of (seed, step, layer, element) alone. */
export type Mode =
  | { readonly training: false }
  | {
      readonly training: true;
      readonly seed: Tensor<readonly [], "int32">;
      readonly step: Tensor<readonly [], "int32">;
    };

/** The mode as a layer gets it: `stream`, its position in the model, keeps its random numbers apart from its neighbours'. */
export type LayerMode = Mode & { readonly stream: number };

/** A layer. `Call` is the text of the call that made it, as messages and summaries print it: `"dense(10)"`. */
export interface Layer<Call extends string = string, Rule extends ShapeRule = ShapeRule> {
  /** The factory's name; parameters are named after it: the second `dense` of a model owns `dense2.weight`. */
  readonly kind: string;
  readonly call: Call;
  /** The shape rule: at run time a function, for the compiler `Rule`. */
  readonly outputShape: ShapeFunction<Rule>;
  /** Whether its outputs are probabilities; default: not. A model that ends with it has no logits. */
  readonly probabilities?: true;
  /** The shapes of the parameters, in the order in which `initialize` draws them. */
  parameterShapes(inputShape: Shape): { readonly [name: string]: Shape };
  /** Fresh parameters in float64, drawn from `random`; the model rounds them to its dtype. */
  initialize(random: RandomState, inputShape: Shape): Parameters<"float64">;
  /** y (N, …output) of x (N, …input). */
  apply(parameters: Parameters, x: Tensor<Shape, FloatDType>, mode: LayerMode): Tensor<Shape, FloatDType>;
}

/** The part of a layer that learns nothing. */
export const withoutParameters = {
  parameterShapes: (): { readonly [name: string]: Shape } => ({}),
  initialize: (): Parameters<"float64"> => ({}),
};

/** The call and rule of a layer type. */
export type CallOf<L> = L extends { readonly call: infer Call extends string } ? Call : string;
export type RuleOf<L> = L extends { readonly outputShape: { readonly rule?: infer Rule extends ShapeRule } }
  ? Rule
  : ShapeRule;
