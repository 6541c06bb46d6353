/**
 * The contract of a loss: a loss for each row, from outputs and targets. How rows become one number (weights, mean or sum)
 * is the same for every loss, and is here.
 */

import {
  ArgumentError,
  add,
  cast,
  divide,
  type FloatDType,
  type FormatShape,
  formatShape,
  greater,
  multiply,
  type Shape,
  ShapeError,
  sum,
  type Tensor,
  where,
  zerosLike,
} from "@nn/tensor";
import { checkChoice, checkIsTensor, checkMembers, formatValue } from "@nn/tensor/arguments";
import type { Config } from "../contract/config.ts";
import type { CallOf, Unfit } from "../contract/layer.ts";
import { formatShapes, type Model } from "../contract/model.ts";
import {
  type ClassesTarget,
  type FormatTarget,
  formatTarget,
  type Target,
  type TargetTensor,
  targetShape,
} from "../contract/target.ts";

/** Class numbers, one for each example. */
export type Labels = TargetTensor<ClassesTarget>;

/** A loss's rule for the compiler: computed from `this["outputs"]` and `this["target"]`; `fits` is true or an `Unfit`. */
export interface LossRule {
  readonly outputs: unknown;
  readonly target: unknown;
  readonly fits: unknown;
}

/** The rule of a loss that takes anything. */
export interface AnyTargetRule extends LossRule {
  readonly fits: true;
}

/** The rule at run time: nothing, or what is wrong with the outputs or the target. */
export interface LossCheck<Rule extends LossRule = LossRule> {
  (outputShape: Shape, target: Target): Unfit | undefined;
  /** Carries the rule for the compiler; never present. */
  readonly rule?: Rule;
}

/** How the losses of rows become one number. */
export type Reduction = "mean" | "sum";

/** The option that every loss takes. */
export interface ReductionOption {
  /** The mean over the rows (default) or their sum. Weighted rows: Σ w·loss / Σ w, or Σ w·loss. */
  readonly reduction?: Reduction;
}

type FloatTensor<D extends FloatDType = FloatDType> = Tensor<Shape, D>;

/** A loss: pure data. `Call` is the text of the call that made it, as messages print it: `"crossEntropy()"`. */
export interface Loss<Call extends string = string, Rule extends LossRule = LossRule> {
  readonly kind: string;
  readonly call: Call;
  readonly config: Config;
  readonly reduction: Reduction;
  readonly check: LossCheck<Rule>;
  /** For a loss of logits: the function of @nn/tensor that makes probabilities of them, which the loss applies itself. */
  readonly logitsOf?: "sigmoid" | "softmax";
  /**
   * The loss of each row (N) in the dtype of `outputs` (N, …). A row's loss depends on that row alone.
   * @throws ShapeError unless outputs and targets suit each other. @throws ArgumentError for a label that is no class.
   */
  perRow<D extends FloatDType>(outputs: FloatTensor<D>, targets: Tensor): Tensor<[number], D>;
  /**
   * The rows' losses as one number, a scalar in the dtype of `outputs`. `weights` (N), at least 0 and not all 0, in
   * either float dtype, default to 1 each. @throws as `perRow`, and ShapeError for weights of another shape.
   */
  apply<D extends FloatDType>(
    outputs: FloatTensor<D>,
    targets: Tensor,
    weights?: Tensor<readonly [number], FloatDType>,
  ): Tensor<[], D>;
}

/** The parts of a loss that its author writes. */
export interface LossDefinition<Call extends string, Rule extends LossRule> {
  readonly kind: string;
  readonly call: Call;
  /** Default: no arguments. */
  readonly config?: Config;
  /** Default `"mean"`. */
  readonly reduction?: Reduction;
  /** Default: any outputs and targets; `perRow` fails by itself. */
  readonly check?: LossCheck<Rule>;
  readonly logitsOf?: "sigmoid" | "softmax";
  perRow(outputs: FloatTensor, targets: Tensor): Tensor;
}

/**
 * A loss of a definition: the one way to write a loss.
 * @throws ArgumentError for another reduction than "mean" and "sum".
 * @example const absolute = () => defineLoss({ kind: "absolute", call: "absolute()",
 *   perRow: (outputs, targets) => sum(abs(subtract(outputs, cast(targets, outputs.dtype))), { axis: 1 }) });
 */
export function defineLoss<const Call extends string, Rule extends LossRule = AnyTargetRule>(
  definition: LossDefinition<Call, Rule>,
): Loss<Call, Rule> {
  checkMembers("defineLoss", "definition", definition, ["kind", "call", "perRow"], "{ kind, call, perRow }");
  if (typeof definition.perRow !== "function") {
    throw new ArgumentError({
      operation: definition.call,
      received: `perRow ${formatValue(definition.perRow)}`,
      expected: "a function of outputs and targets",
    });
  }
  const { kind, call, config = {}, reduction = "mean", check = () => undefined, logitsOf } = definition;
  checkChoice(call, "reduction", reduction, ["mean", "sum"]);
  const perRow = <D extends FloatDType>(outputs: FloatTensor<D>, targets: Tensor): Tensor<[number], D> => {
    checkIsTensor(call, "outputs", outputs);
    checkIsTensor(call, "targets", targets);
    const losses = definition.perRow(outputs, targets);
    checkIsTensor(call, "losses", losses);
    const rows = outputs.shape[0]!;
    if (losses.shape.length === 1 && losses.shape[0] === rows) return losses as unknown as Tensor<[number], D>;
    throw new ShapeError({
      operation: call,
      received: `losses of shape ${formatShape(losses.shape)} for ${rows} rows`,
      expected: `[${rows}], a loss for each row`,
      fix: "Reduce all axes but the first.",
    });
  };
  return {
    kind,
    call,
    config,
    reduction,
    check,
    ...(logitsOf && { logitsOf }),
    perRow,
    apply<D extends FloatDType>(
      outputs: FloatTensor<D>,
      targets: Tensor,
      weights?: Tensor<readonly [number], FloatDType>,
    ) {
      return reduceRows(call, perRow(outputs, targets), reduction, weights);
    },
  };
}

/** Σ w·loss / Σ w, or Σ w·loss; without weights the mean or sum. */
function reduceRows<D extends FloatDType>(
  operation: string,
  losses: Tensor<[number], D>,
  reduction: Reduction,
  weights: Tensor<readonly [number], FloatDType> | undefined,
): Tensor<[], D> {
  const [rows] = losses.shape;
  if (weights === undefined) {
    const total = sum(losses as FloatTensor<D>) as Tensor<[], D>;
    return reduction === "sum" ? total : divide(total, rows);
  }
  if (weights.shape.length !== 1 || weights.shape[0] !== rows) {
    throw new ShapeError({
      operation,
      received: `weights of shape ${formatShape(weights.shape)}`,
      expected: `[${rows}], one a row`,
    });
  }
  const own = cast(weights, losses.dtype) as FloatTensor;
  // A row without weight counts for nothing, whatever its loss is, and a batch of such rows has loss 0: 0 · NaN and 0 / 0 are NaN.
  const counts = greater(own, 0) as Tensor<Shape, "uint8">;
  const total = sum(where(counts, multiply(losses as FloatTensor, own) as FloatTensor, zerosLike(own))) as FloatTensor;
  if (reduction === "sum") return total as unknown as Tensor<[], D>;
  const weight = sum(own) as FloatTensor;
  const divisor = where(greater(weight, 0) as Tensor<Shape, "uint8">, weight, add(zerosLike(weight), 1) as FloatTensor);
  return divide(total, divisor as FloatTensor) as unknown as Tensor<[], D>;
}

/**
 * `unknown` where loss `L` suits outputs of shape `Out` and targets `T`, else the message that `checkLoss` throws:
 * intersect it with the type of an argument to make the compiler print it there.
 */
export type CheckLoss<L, Out, T> = Out extends Shape
  ? number extends Out["length"]
    ? unknown
    : IsOpen<T> extends true
      ? unknown
      : ApplyLossRule<LossRuleOf<L>, Out, T> extends infer Fits
        ? Fits extends Unfit
          ? `${CallOf<L>}: received outputs of shape ${FormatShape<Out>} for ${FormatTarget<T>}; expected ${Fits["expected"]}. ${Fits["fix"]}`
          : unknown
        : never
  : unknown;

/** Whether the compiler does not know the target: its kind, its number of classes or its shape. */
type IsOpen<T> = [Target] extends [T]
  ? true
  : T extends { readonly count: infer K }
    ? number extends K
      ? true
      : false
    : T extends { readonly shape: infer S extends Shape }
      ? number extends S["length"]
        ? true
        : false
      : false;

type ApplyLossRule<Rule extends LossRule, Out, T> = (Rule & { readonly outputs: Out; readonly target: T })["fits"];

type LossRuleOf<L> = L extends { readonly check: { readonly rule?: infer Rule extends LossRule } } ? Rule : LossRule;

/** Throws unless a loss or a metric suits the outputs of a model and a target. @throws ShapeError with the text of `CheckLoss`. */
export function checkFits(
  { call, check }: { readonly call: string; readonly check: LossCheck },
  { outputShape }: Pick<Model, "outputShape">,
  target: Target,
): void {
  const unfit = check(outputShape as Shape, target);
  if (unfit === undefined) return;
  const received = `outputs of shape ${formatShapes(outputShape)} for ${formatTarget(target)}`;
  throw new ShapeError({ operation: call, received, ...unfit });
}

/**
 * Throws unless the loss suits the outputs of a model and a target.
 * @throws ShapeError with the text of `CheckLoss`, for outputs of another shape or another kind of target.
 * @throws ArgumentError when a loss of logits would get probabilities: those of a last `softmax()` or `sigmoid()`.
 */
export function checkLoss(
  loss: Loss,
  model: Pick<Model, "outputShape" | "probabilities" | "places">,
  target: Target,
): void {
  if (Array.isArray(model.outputShape)) checkFits(loss, model, target);
  if (loss.logitsOf === undefined || !model.probabilities) return;
  const last = model.places.at(-1)!.layer;
  throw new ArgumentError({
    operation: loss.call,
    received: `the probabilities of a last ${last.call}`,
    expected: `logits, of which the loss takes the ${loss.logitsOf} itself`,
    fix: `Leave ${last.call} out: classify reads logits too, and ${loss.logitsOf} of @nn/tensor makes probabilities of what predict gives.`,
  });
}

/** Throws unless `outputs` (N, …outputShape) and `targets` are batches of one size, N at least 1, that suit each other. */
export function checkBatch(
  call: string,
  outputs: Tensor,
  targets: TargetTensor | Tensor,
  outputShape: Shape,
  target: Target,
): void {
  const rows = outputs.shape[0];
  const wanted = [rows, ...targetShape(target)];
  const fits =
    rows !== undefined &&
    rows > 0 &&
    matches(outputs.shape, [rows, ...outputShape]) &&
    matches(targets.shape, wanted as Shape);
  if (fits) return;
  const noun = target.kind === "classes" ? "labels" : "targets";
  throw new ShapeError({
    operation: call,
    received: `outputs of shape ${formatShape(outputs.shape)} and ${noun} of shape ${formatShape(targets.shape)}`,
    expected: `outputs ${formatShape(["N", ...outputShape] as never)} and ${noun} ${formatShape(["N", ...targetShape(target)] as never)}, N at least 1`,
  });
}

function matches(shape: Shape, wanted: Shape): boolean {
  return shape.length === wanted.length && shape.every((size, axis) => size === wanted[axis]);
}
