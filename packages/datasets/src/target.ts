/**
 * What a row of data should give. The types are those of @nn/model, declared here again: datasets depend on tensors alone,
 * and training takes them by their structure.
 */

import { ArgumentError, type FloatDType, formatShape, type Shape, sizeOf, type Tensor } from "@nn/tensor";
import { checkMembers, formatValue } from "@nn/tensor/arguments";
import { plural } from "./plural.ts";

/** One of K classes a row: integers (N), 0 … K − 1, uint8, or int32 above 256 classes. */
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
  /** The flags' names, in the order of the last axis. */
  readonly names?: readonly string[];
}

export type Target = ClassesTarget | ValuesTarget | FlagsTarget;

/** The targets of a batch, or of all rows, as tensors. */
export type TargetTensor<T extends Target = Target> = T extends ClassesTarget
  ? Tensor<readonly [number], "uint8"> | Tensor<readonly [number], "int32">
  : T extends ValuesTarget<infer S>
    ? Tensor<readonly [number, ...S], FloatDType>
    : T extends FlagsTarget<infer K>
      ? Tensor<readonly [number, K], "uint8">
      : never;

/** The target that `T` is, without what else its type says, such as the names one by one. */
export type PlainTarget<T extends Target> =
  T extends ClassesTarget<infer K>
    ? ClassesTarget<K>
    : T extends ValuesTarget<infer S>
      ? ValuesTarget<S>
      : T extends FlagsTarget<infer K>
        ? FlagsTarget<K>
        : never;

/** The shape of one row's target: [], the values' shape, or [K]. */
export function targetShape(target: Target): Shape {
  return target.kind === "classes" ? [] : target.kind === "values" ? target.shape : [target.count];
}

/** How many numbers the target of one row has. */
export function targetWidth(target: Target): number {
  return sizeOf(targetShape(target));
}

/** `10 classes`, `values of shape [1]`, `3 flags`. */
export function formatTarget(target: Target): string {
  if (target.kind === "classes") return plural(target.count, "class");
  return target.kind === "values" ? `values of shape ${formatShape(target.shape)}` : plural(target.count, "flag");
}

/** Whether both are of one kind and size; names are not compared. */
export function isSameTarget(a: Target, b: Target): boolean {
  return a.kind === b.kind && formatTarget(a) === formatTarget(b);
}

/** Throws unless `data` is a dataset: for programs that no compiler checked. */
export function checkDataset(operation: string, data: unknown): void {
  checkMembers(operation, "data", data, ["size", "inputShape", "target"], "a dataset");
  checkTarget(operation, (data as { readonly target: unknown }).target);
}

/** Throws unless `target` is one: for programs that no compiler checked. */
export function checkTarget(operation: string, target: unknown): asserts target is Target {
  const kind = (target as { readonly kind?: unknown } | null | undefined)?.kind;
  if (kind === "classes" || kind === "values" || kind === "flags") return;
  throw new ArgumentError({
    operation,
    received: kind === undefined ? `the target ${formatValue(target)}` : `a target of kind ${formatValue(kind)}`,
    expected: 'a target of kind "classes", "values" or "flags"',
  });
}

/** Throws unless rows of `data` are of classes. `fix` says what to call for other targets. */
export function checkClasses(
  operation: string,
  data: { readonly name: string; readonly target: Target },
  fix?: string,
): asserts data is { readonly name: string; readonly target: ClassesTarget } {
  if (data.target.kind === "classes") return;
  throw new ArgumentError({
    operation,
    received: `${data.name} with ${formatTarget(data.target)}`,
    expected: "a dataset whose targets are classes",
    ...(fix !== undefined && { fix }),
  });
}
