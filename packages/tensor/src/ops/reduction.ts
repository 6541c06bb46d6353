/** What reductions share: which axes go, what shape stays, and where each element lands. */

import type { DType } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import { resolveAxis, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Which axes a reduction works along. */
export interface ReductionOptions {
  /** One axis or several, negative ones counted from the end. Default: all. */
  readonly axis?: number | readonly number[];
  /** Keep reduced axes with size 1. Default false. */
  readonly keepDims?: boolean;
}

/** The shape that a reduction with `Options` leaves of `S`, as far as one literal axis tells. */
export type Reduced<S extends Shape, Options> = Options extends { readonly axis: infer Axis }
  ? Axis extends number
    ? number extends S["length"] | Axis
      ? Shape
      : ReduceAxis<S, AxisKey<S, Axis>, Options extends { readonly keepDims: true } ? true : false>
    : Shape
  : Options extends { readonly keepDims: true }
    ? { -readonly [Axis in keyof S]: 1 }
    : [];

type AxisKey<S extends Shape, Axis extends number> = `${Axis}` extends `-${infer FromEnd extends number}`
  ? `${Subtract<S["length"], FromEnd>}`
  : `${Axis}`;

type Subtract<A extends number, B extends number> = Units<A> extends [...Units<B>, ...infer Rest] ? Rest["length"] : -1;
type Units<N extends number, Found extends unknown[] = []> = Found["length"] extends N
  ? Found
  : Units<N, [...Found, unknown]>;

type ReduceAxis<
  S extends Shape,
  Key extends string,
  Keep extends boolean,
  Done extends unknown[] = [],
> = S extends readonly [infer Head extends number, ...infer Tail extends Shape]
  ? `${Done["length"]}` extends Key
    ? Keep extends true
      ? [1, ...Tail]
      : [...Tail]
    : [Head, ...ReduceAxis<Tail, Key, Keep, [...Done, unknown]>]
  : [];

/** A reduction as users call it. */
export type ReductionFunction = <
  S extends Shape,
  D extends DType,
  const Options extends ReductionOptions = Record<never, never>,
>(
  x: Tensor<S, D>,
  options?: Options,
) => Tensor<Reduced<S, Options>, D>;

/** The axes of `options`, counted from 0, ascending. @throws ArgumentError for an axis out of range or named twice. */
export function reductionAxes(operation: string, rank: number, options: ReductionOptions): number[] {
  const { axis } = options;
  if (axis === undefined) return Array.from({ length: rank }, (_, index) => index);
  const axes = (typeof axis === "number" ? [axis] : axis).map((each) => resolveAxis(operation, each, rank));
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
