/**
 * Shapes, at run time and in types. Every rule stands here twice, side by side: once for values, once for the compiler.
 * A size of type `number` is unknown to the compiler and checked when the program runs.
 */

import { ArgumentError, describe, type ErrorText, type Mismatch, ShapeError } from "./errors.ts";

/** Sizes along each axis, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** `S` where it is a shape, else any shape. */
export type ShapeOr<S> = S extends Shape ? S : Shape;

/** `[64, 784]` as text; an unknown size prints as `number`. */
export type FormatShape<S extends Shape> = `[${JoinSizes<S>}]`;

type JoinSizes<S extends Shape> = S extends readonly []
  ? ""
  : S extends readonly [infer Head extends number, ...infer Tail extends Shape]
    ? Tail extends readonly []
      ? `${Head}`
      : `${Head}, ${JoinSizes<Tail>}`
    : "...";

/** `[64, 784]` as text. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The number of elements. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** The most elements that a tensor may hold: 2³¹ − 1, so that an int32 can name each of them. */
const maxSize = 0x7fffffff;

/** Throws unless `shape` is an array of integers of at least 0 and a tensor may hold so many elements. */
export function checkShape(operation: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ArgumentError({ operation, received: `shape ${describe(shape)}`, expected: "an array of sizes" });
  }
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError({
        operation,
        received: `shape [${Array.from(shape, describe).join(", ")}]`,
        expected: "sizes that are integers of at least 0",
      });
    }
  }
  checkSize(operation, shape);
}

/** Throws when `shape` has more elements than a tensor may hold. */
export function checkSize(operation: string, shape: Shape): void {
  if (sizeOf(shape) <= maxSize) return;
  throw new ShapeError({
    operation,
    received: `shape ${formatShape(shape)} of ${sizeOf(shape)} elements`,
    expected: `at most ${maxSize} elements`,
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The members of the union `Axes` that `S` does not have. */
export type AbsentAxis<S extends Shape, Axes extends number> = Axes extends number
  ? AxisPosition<S, Axes> extends false
    ? Axes
    : never
  : never;

/** Each of `Axes` counted from 0, as the key of `S` that it is; `false` for one that `S` does not have. */
export type AxisPosition<S extends Shape, Axes extends number> = Axes extends number
  ? `${Axes}` extends keyof S
    ? `${Axes}`
    : `${Axes}` extends `-${infer FromEnd extends number}`
      ? PositionFromEnd<S, FromEnd>
      : false
  : never;

type PositionFromEnd<S extends Shape, N extends number, Count extends unknown[] = [unknown]> = S extends readonly [
  ...infer Head extends Shape,
  number,
]
  ? Count["length"] extends N
    ? `${Head["length"]}`
    : PositionFromEnd<Head, N, [...Count, unknown]>
  : false;

/** What `resolveAxis` says to an axis that `S` does not have. */
export type AxisText<Operation extends string, S extends Shape, Axis extends number> = ErrorText<
  Operation,
  `axis ${Axis} for shape ${FormatShape<S>}`,
  S extends readonly [number, ...infer Others extends Shape]
    ? `an integer from -${S["length"]} to ${Others["length"]}`
    : "no axis: a scalar has none"
>;

/** `axis` counted from 0; a negative one counts from the end. @throws ArgumentError outside −rank … rank − 1. */
export function resolveAxis(operation: string, axis: number, shape: Shape): number {
  const rank = shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError({
      operation,
      received: `axis ${describe(axis)} for shape ${formatShape(shape)}`,
      expected: rank === 0 ? "no axis: a scalar has none" : `an integer from ${-rank} to ${rank - 1}`,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

// Broadcasting: axes are aligned at the end, and a size of 1 (or a missing axis) stretches to the other's.

/** The shape of an elementwise result of `A` and `B`, or a Mismatch. */
export type Broadcast<Name extends string, A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? Shape
  : BroadcastFromEnd<A, B> extends infer Result extends Shape
    ? Result
    : Mismatch<
        ErrorText<
          Name,
          `shapes ${FormatShape<A>} and ${FormatShape<B>}`,
          "sizes that are equal or 1, aligned at the last axis"
        >
      >;

// `false` where two sizes do not fit.
type BroadcastFromEnd<A extends Shape, B extends Shape, Done extends Shape = []> = A extends readonly [
  ...infer AHead extends Shape,
  infer ALast extends number,
]
  ? B extends readonly [...infer BHead extends Shape, infer BLast extends number]
    ? BroadcastSize<ALast, BLast> extends infer Last extends number
      ? BroadcastFromEnd<AHead, BHead, [Last, ...Done]>
      : false
    : [...A, ...Done]
  : [...B, ...Done];

type BroadcastSize<A extends number, B extends number> = A extends 1
  ? B
  : B extends 1
    ? A
    : number extends A
      ? B
      : number extends B
        ? A
        : A extends B
          ? A
          : false;

/** The shape of an elementwise result. @throws ShapeError unless aligned sizes are equal or 1. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let fromEnd = 1; fromEnd <= rank; fromEnd++) {
    const sizeA = a[a.length - fromEnd] ?? 1;
    const sizeB = b[b.length - fromEnd] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError({
        operation,
        received: `shapes ${formatShape(a)} and ${formatShape(b)}`,
        expected: "sizes that are equal or 1, aligned at the last axis",
      });
    }
    result[rank - fromEnd] = sizeA === 1 ? sizeB : sizeA;
  }
  return result;
}
