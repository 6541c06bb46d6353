/** What reductions share: which axes go, what shape stays, and where each element lands. */

import type { DType, FloatDType, FloatOnly } from "../dtype.ts";
import { ArgumentError, checkBoolean, describe, type Mismatch, type Valid } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { type AbsentAxis, type AxisPosition, type AxisText, resolveAxis, type Shape, type ShapeOr } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Which axes a reduction works along. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end. Default: all. */
  readonly axis?: number | readonly number[];
  /** Keep reduced axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** The shape that reducing `S` with `Options` leaves, a Mismatch for an axis that is not there. */
export type Reduced<Name extends string, S extends Shape, Options> = "axis" extends keyof Options
  ? Options extends { readonly axis: infer Axis extends number | readonly number[] }
    ? ReducedAlong<Name, S, Axis extends readonly number[] ? Axis[number] : Axis, Keep<Options>>
    : Shape
  : boolean extends Keep<Options>
    ? Shape
    : Keep<Options> extends true
      ? { -readonly [Axis in keyof S]: 1 }
      : [];

type Keep<Options> = "keepDims" extends keyof Options
  ? Options extends { readonly keepDims: infer K extends boolean }
    ? K
    : boolean
  : false;

type ReducedAlong<Name extends string, S extends Shape, Axes extends number, Kept extends boolean> = number extends
  | S["length"]
  | Axes
  ? Shape
  : boolean extends Kept
    ? Shape
    : [AbsentAxis<S, Axes>] extends [never]
      ? WithoutAxes<S, AxisPosition<S, Axes>, Kept>
      : Mismatch<AxisText<Name, S, AbsentAxis<S, Axes>>>;

type WithoutAxes<
  S extends Shape,
  Positions,
  Kept extends boolean,
  Done extends Shape = [],
  Count extends unknown[] = [],
> = S extends readonly [infer Head extends number, ...infer Tail extends Shape]
  ? WithoutAxes<
      Tail,
      Positions,
      Kept,
      `${Count["length"]}` extends Positions ? (Kept extends true ? [...Done, 1] : Done) : [...Done, Head],
      [...Count, unknown]
    >
  : Done;

/** A reduction as users call it. */
export type ReductionFunction<Name extends string> = <
  S extends Shape,
  D extends DType,
  const Options extends ReductionOptions = Record<never, never>,
>(
  x: Tensor<S, D>,
  options?: Options & Valid<Reduced<Name, S, Options>>,
) => Tensor<ShapeOr<Reduced<Name, S, Options>>, D>;

/** A reduction of floats only. */
export interface FloatReductionFunction<Name extends string> {
  <S extends Shape, D extends FloatDType, const Options extends ReductionOptions = Record<never, never>>(
    x: Tensor<S, D>,
    options?: Options & Valid<Reduced<Name, S, Options>>,
  ): Tensor<ShapeOr<Reduced<Name, S, Options>>, D>;
  <S extends Shape, D extends DType, const Options extends ReductionOptions = Record<never, never>>(
    x: Tensor<S, D> & Valid<FloatOnly<Name, D>>,
    options?: Options & Valid<Reduced<Name, S, Options>>,
  ): Tensor<ShapeOr<Reduced<Name, S, Options>>, D>;
}

/** The axes of `options`, counted from 0, ascending. @throws ArgumentError for an axis out of range or named twice. */
export function reductionAxes(operation: string, shape: Shape, options: ReductionOptions): number[] {
  checkOptions(operation, options, { axis: true, keepDims: true });
  const { axis, keepDims = false } = options;
  checkBoolean(operation, "keepDims", keepDims);
  if (axis === undefined) return shape.map((_, index) => index);
  if (typeof axis !== "number" && !Array.isArray(axis)) {
    throw new ArgumentError({
      operation,
      received: `axis ${describe(axis)}`,
      expected: "an integer or an array of them",
    });
  }
  const axes = (typeof axis === "number" ? [axis] : axis).map((each) => resolveAxis(operation, each, shape));
  if (new Set(axes).size !== axes.length) {
    throw new ArgumentError({ operation, received: `axes [${axes.join(", ")}]`, expected: "each axis once" });
  }
  return axes.sort((a, b) => a - b);
}

/** `shape` with `axes` reduced to size 1. */
export function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

/** `shape` without `axes`. */
export function droppedShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}
