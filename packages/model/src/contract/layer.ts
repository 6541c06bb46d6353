/**
 * The contract of a layer: pure data that declares its variables and applies them. Written with operations only; no layer
 * knows a backend, and none knows its neighbours. Shapes here exclude the batch axis, tensors include it.
 */

import type { FloatDType, FormatShape, Shape, Tensor } from "@nn/tensor";
import type { Initializer } from "../initializers/initializer.ts";
import type { Config } from "./config.ts";
import type { RandomKey } from "./random-key.ts";

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
export type ApplyRule<Rule extends ShapeRule, Input> = (Rule & { readonly given: Input })["output"];

/** The rule of a layer that keeps the shape of its input, whatever it is. */
export interface SameShapeRule extends ShapeRule {
  readonly output: this["input"];
}

/** Why an input does not fit a layer: `expected` as a phrase, `fix` as a sentence. */
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

/** A tensor that a layer owns. The layer declares it; the caller of `apply` holds its values. */
export interface Variable {
  readonly shape: Shape;
  /** Draws the first values, in float64; the model rounds them to its dtype. */
  readonly initializer: Initializer;
  /** A parameter is trained; a buffer (running statistics, learned scaling) gets its next values from `apply`. */
  readonly role: "parameter" | "buffer";
  /** Whether a parameter keeps its values during training; default false. `fit` freezes others by name. */
  readonly frozen?: boolean;
}

/** The variables of a layer (`"weight"`) or of a model (`"dense1.weight"`), in the order in which they are drawn. */
export type VariableDeclarations = { readonly [name: string]: Variable };

/** Values of variables by name, parameters and buffers alike. */
export type Variables<D extends FloatDType = FloatDType> = { readonly [name: string]: Tensor<Shape, D> };

/** How a layer is applied. Random layers draw with `key`, which is there while training only. */
export type Context = { readonly training: false } | { readonly training: true; readonly key: RandomKey };

/** An output with the next values of the buffers that changed. */
export interface Applied<Output = Tensor<Shape, FloatDType>> {
  readonly output: Output;
  readonly buffers: Variables;
}

/** A layer. `Call` is the text of the call that made it, as messages and summaries print it: `"dense(10)"`. */
export interface Layer<Call extends string = string, Rule extends ShapeRule = ShapeRule> {
  /** The factory's name; variables are named after it: the second `dense` of a model owns `dense2.weight`. */
  readonly kind: string;
  readonly call: Call;
  /** The factory's arguments, defaults filled in: `layerFromConfig` makes an equal layer of it. */
  readonly config: Config;
  /** The shape rule: at run time a function, for the compiler `Rule`. */
  readonly infer: ShapeFunction<Rule>;
  /** Whether its outputs are probabilities; default: not. A model that ends with it has no logits. */
  readonly probabilities?: boolean;
  /** The variables for inputs of `inputShape`. Names hold letters, digits and `_`. */
  variables(inputShape: Shape): VariableDeclarations;
  /**
   * y (N, …output) of x (N, …input). While training, a layer with buffers gives their next values too: some or all of
   * them, each in the shape that it was declared with.
   */
  apply(variables: Variables, x: Tensor<Shape, FloatDType>, context: Context): Tensor<Shape, FloatDType> | Applied;
}

/** A layer or a model of one input, whose `apply` may ask for more than any tensor: what `sequential` and its like take. */
export interface AnyLayer {
  readonly kind: string;
  readonly call: string;
  readonly config: Config;
  readonly infer: ShapeFunction;
  readonly probabilities?: boolean;
  variables(inputShape: Shape): VariableDeclarations;
  apply(...given: never[]): unknown;
}

/** The rule of a model used as a layer: its input shape → its output shape. */
export interface ModelRule<In extends Shape, Out extends Shape> extends ShapeRule {
  readonly output: number extends In["length"] | this["input"]["length"]
    ? Out
    : this["input"] extends In
      ? Out
      : Unfit<`shape ${FormatShape<In>}, the input of the model`, "Make the model for the shape before it.">;
}

/** The call and rule of the type of a layer or of a model. */
export type CallOf<L> = L extends { readonly call: infer Call extends string } ? Call : string;
export type RuleOf<L> = L extends {
  readonly inputShape: infer In extends Shape;
  readonly outputShape: infer Out extends Shape;
}
  ? ModelRule<In, Out>
  : L extends { readonly infer: { readonly rule?: infer Rule extends ShapeRule } }
    ? Rule
    : ShapeRule;
