/** The contract of a loss, and the check that a model's outputs and a dataset's classes suit it. */

import {
  ArgumentError,
  type FloatDType,
  type FormatShape,
  formatShape,
  type Shape,
  ShapeError,
  type Tensor,
} from "@nn/tensor";
import type { CallOf, Unfit } from "../layer.ts";
import type { Sequential } from "../sequential.ts";

/** Class numbers, one for each example. */
export type Labels = Tensor<readonly [number], "uint8"> | Tensor<readonly [number], "int32">;

/** A loss's rule for the compiler: computed from `this["outputs"]` and `this["classCount"]`; `fits` is true or an `Unfit`. */
export interface LossRule {
  readonly outputs: unknown;
  readonly classCount: unknown;
  readonly fits: unknown;
}

/** The rule at run time: nothing, or what is wrong with the outputs. */
export interface LossCheck<Rule extends LossRule = LossRule> {
  (outputShape: Shape, classCount: number): Unfit | undefined;
  /** Carries the rule for the compiler; never present. */
  readonly rule?: Rule;
}

/** A loss: pure data. `Call` is the text of the call that made it, as messages print it: `"crossEntropy()"`. */
export interface Loss<Call extends string = string, Rule extends LossRule = LossRule> {
  readonly call: Call;
  readonly check: LossCheck<Rule>;
  /** For a loss of logits: the function of @nn/tensor that makes probabilities of them, which the loss applies itself. */
  readonly logitsOf?: "sigmoid" | "softmax";
  /**
   * The loss, a scalar in the dtype of `outputs` (N, …).
   * @throws ShapeError unless outputs and labels suit each other. @throws ArgumentError for a label that is no class.
   */
  apply<D extends FloatDType>(outputs: Tensor<Shape, D>, labels: Labels): Tensor<[], D>;
}

/** How the losses of a batch become one number: their mean (default) or their sum. */
export interface ReductionOption {
  readonly reduction?: "mean" | "sum";
}

/**
 * `unknown` where loss `L` suits a model's outputs of shape `Out` and `K` classes, else the message that `checkLoss` throws:
 * intersect it with the type of an argument to make the compiler print it there.
 */
export type CheckLoss<L, Out extends Shape, K extends number> = number extends K | Out["length"]
  ? unknown
  : ApplyLossRule<LossRuleOf<L>, Out, K> extends infer Fits
    ? Fits extends Unfit
      ? `${CallOf<L>}: received outputs of shape ${FormatShape<Out>} for ${K} classes; expected ${Fits["expected"]}. ${Fits["fix"]}`
      : unknown
    : never;

type ApplyLossRule<Rule extends LossRule, Out, K> = (Rule & { readonly outputs: Out; readonly classCount: K })["fits"];

type LossRuleOf<L> = L extends { readonly check: { readonly rule?: infer Rule extends LossRule } } ? Rule : LossRule;

/**
 * Throws unless the loss suits the outputs of a model and that many classes.
 * @throws ShapeError with the text of `CheckLoss`, for outputs of another shape.
 * @throws ArgumentError when a loss of logits would get probabilities: those of a last `softmax()` or `sigmoid()`.
 */
export function checkLoss(
  loss: Loss,
  { outputShape, layers }: Pick<Sequential, "outputShape" | "layers">,
  classCount: number,
): void {
  const unfit = loss.check(outputShape, classCount);
  if (unfit !== undefined) {
    throw new ShapeError({
      operation: loss.call,
      received: `outputs of shape ${formatShape(outputShape)} for ${classCount} classes`,
      ...unfit,
    });
  }
  const last = layers.at(-1)?.layer;
  if (loss.logitsOf === undefined || !last?.probabilities) return;
  throw new ArgumentError({
    operation: loss.call,
    received: `the probabilities of a last ${last.call}`,
    expected: `logits, of which the loss takes the ${loss.logitsOf} itself`,
    fix: `Leave ${last.call} out: classify reads logits too, and ${loss.logitsOf} of @nn/tensor makes probabilities of what predict gives.`,
  });
}
