/** What a row of data should give. Datasets, losses and metrics carry it in their types. */

import {
  ArgumentError,
  checkInteger,
  type FloatDType,
  type FormatShape,
  formatShape,
  type Shape,
  type Tensor,
} from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";

/** One of K classes a row: integers (N), 0 … K − 1, uint8 or int32. */
export interface ClassesTarget<K extends number = number> {
  readonly kind: "classes";
  readonly count: K;
  /** The classes' names, in the order of their numbers. */
  readonly names?: readonly string[];
}

/** Numbers a row: floats (N, …shape). */
export interface ValuesTarget<S extends Shape = Shape> {
  readonly kind: "values";
  readonly shape: S;
}

/** K yes-or-no answers a row, any number of them yes: uint8 (N, K) of 0 and 1. */
export interface FlagsTarget<K extends number = number> {
  readonly kind: "flags";
  readonly count: K;
  readonly names?: readonly string[];
}

export type Target = ClassesTarget | ValuesTarget | FlagsTarget;

/** One of `count` classes a row. @throws ArgumentError unless `count` is an integer of at least 1. */
export function classes<const K extends number>(count: K): ClassesTarget<K> {
  checkInteger("classes", "count", count, 1);
  return { kind: "classes", count };
}

/** Numbers of `shape` a row; default [1], one number. @throws ArgumentError unless every size is an integer of at least 1. */
export function values(): ValuesTarget<[1]>;
export function values<const S extends Shape>(shape: readonly [...S]): ValuesTarget<S>;
export function values(shape: Shape = [1]): ValuesTarget {
  for (const size of shape) checkInteger("values", "a size of shape", size, 1);
  return { kind: "values", shape };
}

/** `count` yes-or-no answers a row. @throws ArgumentError unless `count` is an integer of at least 1. */
export function flags<const K extends number>(count: K): FlagsTarget<K> {
  checkInteger("flags", "count", count, 1);
  return { kind: "flags", count };
}

/** The targets of a batch, as tensors. */
export type TargetTensor<T extends Target = Target> = T extends ClassesTarget
  ? Tensor<readonly [number], "uint8"> | Tensor<readonly [number], "int32">
  : T extends ValuesTarget<infer S>
    ? Tensor<readonly [number, ...S], FloatDType>
    : T extends FlagsTarget<infer K>
      ? Tensor<readonly [number, K], "uint8">
      : never;

/** `10 classes`, `values of shape [1]`, `3 flags`: as messages print a target, at both times. */
export type FormatTarget<T> =
  T extends ClassesTarget<infer K>
    ? `${K} classes`
    : T extends ValuesTarget<infer S>
      ? `values of shape ${FormatShape<S>}`
      : T extends FlagsTarget<infer K>
        ? `${K} flags`
        : string;

/** See `FormatTarget`. */
export function formatTarget(target: Target): string {
  switch (target.kind) {
    case "classes":
      return `${target.count} classes`;
    case "values":
      return `values of shape ${formatShape(target.shape)}`;
    case "flags":
      return `${target.count} flags`;
  }
}

/** The shape of one row's target: [], the values' shape, or [K]. */
export function targetShape(target: Target): Shape {
  return target.kind === "classes" ? [] : target.kind === "values" ? target.shape : [target.count];
}

/** Throws unless `target` is one: for programs that no compiler checked. */
export function checkTarget(operation: string, target: unknown): asserts target is Target {
  const kind = (target as { readonly kind?: unknown } | undefined)?.kind;
  if (kind === "classes" || kind === "flags") {
    checkInteger(operation, "count of the target", (target as ClassesTarget).count, 1);
    return;
  }
  if (kind === "values") {
    const { shape } = target as ValuesTarget;
    if (!Array.isArray(shape)) {
      throw new ArgumentError({
        operation,
        received: `shape of the target ${formatValue(shape)}`,
        expected: "an array with the sizes of one row, without the batch",
      });
    }
    for (const size of shape as Shape) checkInteger(operation, "a size of the target", size, 1);
    return;
  }
  throw new ArgumentError({
    operation,
    received: kind === undefined ? "data without a target" : `a target of kind ${JSON.stringify(kind)}`,
    expected: "classes(K), values(shape) or flags(K)",
  });
}
