/** Branches over one input, joined. */

import { ArgumentError, type Shape } from "@nn/tensor";
import { configOf } from "../contract/config.ts";
import type { AnyLayer, ApplyRule, RuleOf } from "../contract/layer.ts";
import { isModel, type Model, type Place } from "../contract/model.ts";
import type { CallableModel } from "../contract/node.ts";
import { composeModel } from "./compose-model.ts";
import { type ConcatenatedShapes, type MergeKind, mergeOf, mergeShapes } from "./merge.ts";
import { checkLayer, inferShape, PlaceNames, placeOf } from "./place-layers.ts";

/** The shapes that branches give for an input of shape `In`. */
type BranchShapes<In extends Shape, Branches extends readonly unknown[]> = {
  [I in keyof Branches]: ApplyRule<RuleOf<Branches[I]>, In> extends infer S extends Shape ? S : Shape;
};

/** The shape that `Kind` joins branches to. */
export type MergedShape<
  Kind extends MergeKind,
  In extends Shape,
  Branches extends readonly unknown[],
> = Kind extends "concatenate"
  ? ConcatenatedShapes<BranchShapes<In, Branches>>
  : BranchShapes<In, Branches> extends readonly [infer First extends Shape, ...unknown[]]
    ? First
    : Shape;

/**
 * A model that applies each branch to the same input and joins their outputs: `"add"` and `"multiply"` element by element,
 * `"concatenate"` along the last axis. The first branch is a model, which fixes the shape of the input.
 * @throws ShapeError when a branch does not take that shape or the outputs do not fit each other.
 * @example parallel("concatenate", sequential([8], dense(4)), dense(4)) // Model<[8], [8]>
 */
export function parallel<Kind extends MergeKind, In extends Shape, Out extends Shape, Rest extends readonly AnyLayer[]>(
  kind: Kind,
  first: Model<In, Out>,
  ...rest: Rest
): CallableModel<In, MergedShape<Kind, In, [Model<In, Out>, ...Rest]>, "parallel"> {
  checkSingleInput("parallel", first);
  for (const [i, branch] of rest.entries()) checkLayer(`parallel: branch ${i + 2}`, branch);
  return joined("parallel", kind, first as unknown as Model, rest, {
    merge: kind,
    branches: [first, ...rest].map((branch) => configOf(branch as AnyLayer)),
  }) as never;
}

/** What `parallel` and `residual` build: branches at places of their own, then the merge. */
export function joined(
  operation: string,
  kind: MergeKind,
  first: Model,
  rest: readonly unknown[],
  config: Model["config"],
): Model {
  const inputShape = checkSingleInput(operation, first);
  const names = new PlaceNames();
  const places: Place[] = [first, ...rest].map((branch, index) => {
    checkLayer(`${operation}: branch ${index + 1}`, branch);
    return placeOf(
      names.next(branch),
      branch,
      ["input"],
      inputShape,
      inferShape(`${operation}: branch ${index + 1}, ${branch.call}`, branch, inputShape),
    );
  });
  const merge = mergeOf(operation, kind);
  const shapes = places.map(({ outputShape }) => outputShape as Shape);
  const output = names.next(merge);
  places.push(
    placeOf(
      output,
      merge,
      places.map(({ name }) => name),
      shapes[0]!,
      mergeShapes(operation, merge, shapes),
    ),
  );
  return composeModel({ kind: operation, config, inputShape, places, output });
}

/** The shape of the first branch's input. @throws ArgumentError when the branch is no model of one input. */
export function checkSingleInput(operation: string, model: unknown): Shape {
  if (isModel(model) && Array.isArray(model.inputShape)) return model.inputShape as Shape;
  throw new ArgumentError({
    operation,
    received: isModel(model) ? "a model of several inputs" : "a first branch that is no model",
    expected: "a model of one input, whose shape all branches take",
    fix: "Wrap layers in sequential(inputShape, …).",
  });
}
