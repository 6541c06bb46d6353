/**
 * Shapes, at run time and in types. Every rule stands here twice, side by side: once for values, once for the compiler.
 * A size of type `number` is unknown to the compiler and checked when the program runs.
 */

import { ArgumentError, ShapeError } from "./errors.ts";

/** Sizes along each axis, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** A shape that does not fit, carried through type computations with the text that a reader will see. */
export interface Mismatch<Message extends string = string> {
  readonly mismatch: Message;
}

/** `unknown` where `S` is a shape, else the message: intersect it with a parameter to make the compiler print the message. */
export type Valid<S> = S extends Mismatch<infer Message> ? Message : unknown;

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

/** Throws unless every size is an integer of at least 0 and the whole fits one typed array. */
export function checkShape(operation: string, shape: Shape): void {
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError({
        operation,
        received: `shape ${formatShape(shape)}`,
        expected: "sizes that are integers of at least 0",
      });
    }
  }
  if (sizeOf(shape) > 2 ** 32) {
    throw new ShapeError({ operation, received: `shape ${formatShape(shape)}`, expected: "at most 2^32 elements" });
  }
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

/** `axis` counted from 0; a negative one counts from the end. @throws ArgumentError outside −rank … rank − 1. */
export function resolveAxis(operation: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError({
      operation,
      received: `axis ${axis} for ${rank} ${rank === 1 ? "axis" : "axes"}`,
      expected: rank === 0 ? "no axis: a scalar has none" : `an integer from ${-rank} to ${rank - 1}`,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

// Broadcasting: axes are aligned at the end, and a size of 1 (or a missing axis) stretches to the other's.

/** The shape of an elementwise result of `A` and `B`, or a Mismatch. */
export type Broadcast<Name extends string, A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? Shape
  : BroadcastFromEnd<A, B> extends infer Result
    ? Result extends Shape
      ? Result
      : Mismatch<BroadcastMessage<Name, FormatShape<A>, FormatShape<B>>>
    : never;

type BroadcastMessage<
  Name extends string,
  A extends string,
  B extends string,
> = `${Name}: received shapes ${A} and ${B}; expected sizes that are equal or 1, aligned at the last axis.`;

type BroadcastFromEnd<A extends Shape, B extends Shape> = A extends readonly [
  ...infer AHead extends Shape,
  infer ALast extends number,
]
  ? B extends readonly [...infer BHead extends Shape, infer BLast extends number]
    ? BroadcastSize<ALast, BLast> extends infer Last extends number
      ? BroadcastFromEnd<AHead, BHead> extends infer Head extends Shape
        ? [...Head, Last]
        : never
      : never
    : A
  : B;

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
          : never;

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
