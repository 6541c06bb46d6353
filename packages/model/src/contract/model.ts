/** The contract of a model: what `fit`, `evaluate`, `summary`, `network` and saving take, whatever made it. */

import type { DType, FloatDType, Shape, Tensor } from "@nn/tensor";
import type { Config } from "./config.ts";
import type { Applied, Context, Layer, ShapeFunction, Unfit, VariableDeclarations, Variables } from "./layer.ts";

/** The shape of one input or output, or the shapes of several by name. */
export type Shapes = Shape | { readonly [name: string]: Shape };

/** A batch of tensors of shapes `S`: (N, …S), one or several by name. */
export type BatchOf<S extends Shapes, D extends DType> = S extends Shape
  ? Tensor<[number, ...S], D>
  : S extends { readonly [name: string]: Shape }
    ? { readonly [Name in keyof S]: Tensor<[number, ...S[Name]], D> }
    : never;

/** A batch as a model takes it. */
export type InputsOf<S extends Shapes> = S extends Shape
  ? Tensor<readonly [number, ...S], DType>
  : S extends { readonly [name: string]: Shape }
    ? { readonly [Name in keyof S]: Tensor<readonly [number, ...S[Name]], DType> }
    : never;

export interface InitializeOptions<D extends FloatDType = FloatDType> {
  readonly seed: number;
  readonly dtype?: D;
}

/** One place of a model: a layer applied to what earlier places gave. */
export interface Place {
  /** Unique in the model: kind and count, `"dense1"`. Its variables are `"dense1.weight"` … */
  readonly name: string;
  readonly layer: Layer | Merge | Model;
  /** Where its inputs come from: names of places, or `"input"` and, of several inputs, `"input.image"`. */
  readonly inputs: readonly string[];
  /** The shape of its first input. */
  readonly inputShape: Shapes;
  readonly outputShape: Shapes;
  /** By their names in the layer; none where the place shares those of another. */
  readonly variables: VariableDeclarations;
  /** The place whose variables it uses: the same layer called twice. */
  readonly sharedWith?: string;
}

/** A layer of several inputs and no variables: it joins branches. */
export interface Merge {
  readonly kind: string;
  readonly call: string;
  readonly config: Config;
  readonly probabilities?: boolean;
  infer(inputShapes: readonly Shape[]): Shape | Unfit;
  apply(inputs: readonly Tensor<Shape, FloatDType>[]): Tensor<Shape, FloatDType>;
}

/**
 * A pure function from inputs of shape `In` to outputs of shape `Out` (batch axis excluded), with the variables that it needs
 * declared. A model of one input is a layer too. It holds no values: `initialize` draws them, `apply` takes them.
 */
export interface Model<In extends Shapes = Shapes, Out extends Shapes = Shapes, Kind extends string = string> {
  /** What composed it: `"sequential"`, `"residual"`, `"parallel"` or `"model"`. */
  readonly kind: Kind;
  readonly call: `${Kind}(…)`;
  readonly config: Config;
  /** Its own input shape → its output shape. Of a model of several inputs: nothing fits. */
  readonly infer: ShapeFunction;
  readonly inputShape: In;
  readonly outputShape: Out;
  /** Its parts, in the order in which they are applied. */
  readonly places: readonly Place[];
  /** Whether the outputs are probabilities: those of the layer that gives them. */
  readonly probabilities: boolean;
  /** All variables by path, `"residual1.dense2.weight"`, in the order in which `initialize` draws them. */
  variables(): VariableDeclarations;
  /**
   * First values: drawn in the order of `variables()` from `RandomState(seed)` in float64, then rounded to `dtype` (default
   * `"float32"`). @throws ArgumentError unless `seed` is an integer, 0 … 2³² − 1. @throws DTypeError for another dtype.
   */
  initialize<D extends FloatDType = "float32">(options: InitializeOptions<D>): Variables<D>;
  /**
   * Outputs (N, …Out) of inputs (N, …In), in the dtype of the variables; inputs of another dtype are cast first. With
   * `{ training: true, key }` the next values of the buffers as well.
   * @throws ShapeError for inputs, variables or next buffers of another shape. @throws DTypeError for variables of mixed
   * dtypes. @throws ArgumentError when a variable is missing or left over, or a layer gives buffers that it did not declare.
   */
  apply<D extends FloatDType>(
    variables: Variables<D>,
    inputs: InputsOf<In>,
    context?: { readonly training: false },
  ): BatchOf<Out, D>;
  apply<D extends FloatDType>(
    variables: Variables<D>,
    inputs: InputsOf<In>,
    context: Extract<Context, { readonly training: true }>,
  ): Applied<BatchOf<Out, D>>;
  apply<D extends FloatDType>(
    variables: Variables<D>,
    inputs: InputsOf<In>,
    context: Context,
  ): BatchOf<Out, D> | Applied<BatchOf<Out, D>>;
}

/** Whether something is a model rather than a layer. */
export function isModel(value: unknown): value is Model {
  return (typeof value === "function" || typeof value === "object") && value !== null && "places" in value;
}

/** The shapes of a model's parts: itself where it is one, by name where there are several. */
export function namedShapes(shapes: Shapes): readonly (readonly [name: string | undefined, shape: Shape])[] {
  return Array.isArray(shapes)
    ? [[undefined, shapes as Shape]]
    : Object.entries(shapes as { readonly [name: string]: Shape });
}

/** `[28, 28, 1]`, or `{ image: [28, 28, 1], about: [4] }`. */
export function formatShapes(shapes: Shapes): string {
  const named = namedShapes(shapes).map(
    ([name, shape]) => `${name === undefined ? "" : `${name}: `}[${shape.join(", ")}]`,
  );
  return Array.isArray(shapes) ? named[0]! : `{ ${named.join(", ")} }`;
}
