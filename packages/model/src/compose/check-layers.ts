/** For the compiler: the layers' shape rules folded over the input shape. The same fold at run time is in `sequential.ts`. */

import type { FormatShape, Shape } from "@nn/tensor";
import type { ApplyRule, CallOf, RuleOf, Unfit } from "../contract/layer.ts";

/**
 * For each layer `unknown`, or at the first that does not fit its message: intersected with the argument, the message is
 * what the compiler prints there.
 */
export type CheckLayers<
  S,
  Layers extends readonly unknown[],
  Done extends readonly unknown[] = [],
> = Layers extends readonly [infer Head, ...infer Tail]
  ? S extends Shape
    ? ApplyRule<RuleOf<Head>, S> extends infer Next
      ? CheckLayers<
          Next,
          Tail,
          [...Done, Next extends Unfit ? UnfitMessage<Position<Done>, CallOf<Head>, S, Next> : unknown]
        >
      : never
    : Done
  : number extends Layers["length"]
    ? unknown[]
    : Done;

type Position<Done extends readonly unknown[]> = [...Done, unknown]["length"] & number;

/** What `ShapeError` says at run time, letter for letter. */
export type UnfitMessage<
  Place extends number,
  Call extends string,
  Input extends Shape,
  What extends Unfit,
> = `sequential: layer ${Place}, ${Call}: received an input of shape ${FormatShape<Input>}; expected ${What["expected"]}. ${What["fix"]}`;

/** The shape after the last layer; `Shape` where the compiler does not know the layers or one does not fit. */
export type OutputShape<S, Layers extends readonly unknown[]> = S extends Shape
  ? Layers extends readonly []
    ? S
    : Layers extends readonly [infer Head, ...infer Tail]
      ? OutputShape<ApplyRule<RuleOf<Head>, S>, Tail>
      : Shape
  : Shape;
