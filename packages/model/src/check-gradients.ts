/** A check for those who write layers and losses: derivatives found by tracing beside differences of the loss itself. */

import { cast, type DType, fromArray, type Shape, type Tensor, valueAndGrad } from "@nn/tensor";
import { checkFiniteNumber, checkMembers, checkOptions } from "@nn/tensor/arguments";
import type { Mode, Parameters } from "./layer.ts";
import type { Labels, Loss } from "./losses/loss.ts";
import type { Sequential } from "./sequential.ts";

export interface GradientCheckInput<In extends Shape> {
  /** Where to check; taken in float64 whatever their dtype. */
  readonly parameters: Parameters;
  /** A few examples (N, …In). */
  readonly inputs: Tensor<readonly [number, ...In], DType>;
  readonly labels: Labels;
  /** Default `{ training: false }`. */
  readonly mode?: Mode;
  /** Step of the differences, relative to max(1, |w|); default 1e-5. */
  readonly epsilon?: number;
}

/**
 * For each parameter the largest relative error of its gradient, |traced − numeric| / max(1, |traced|, |numeric|), the
 * numeric one being (L(w + h) − L(w − h)) / 2h for each element. Around 1e-9 is right; above 1e-5 is wrong, or the loss
 * has a kink (relu at 0) within the step. Costs two evaluations of the loss for each element, in float64.
 * @throws what `model.apply` and `loss.apply` throw.
 * @example checkGradients(model, crossEntropy(), { parameters, inputs, labels }) // { "dense1.bias": 3.1e-11, … }
 */
export function checkGradients<In extends Shape, Out extends Shape>(
  model: Sequential<In, Out>,
  loss: Loss,
  input: GradientCheckInput<In>,
): { readonly [name: string]: number } {
  const operation = "checkGradients";
  checkMembers(operation, "model", model, ["inputShape", "layers", "apply"], "a model made by sequential");
  checkMembers(operation, "loss", loss, ["check", "apply"], "a loss such as crossEntropy()");
  checkOptions(operation, input, { parameters: true, inputs: true, labels: true, mode: true, epsilon: true });
  const { parameters, inputs, labels, mode, epsilon = 1e-5 } = input;
  checkMembers(operation, "parameters", parameters, [], "the parameters of the model, by name");
  checkFiniteNumber(operation, "epsilon", epsilon, { above: 0 });
  const lossOf = (at: Parameters<"float64">): Tensor<[], "float64"> =>
    loss.apply(model.apply(at, inputs, mode) as Tensor<Shape, "float64">, labels);
  const at = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, cast(value, "float64")]));
  const { gradient } = valueAndGrad(lossOf)(at);

  const worstOf = (name: string): number => {
    const { data, shape } = at[name]!;
    const lossWith = (element: number, value: number): number => {
      const changed = fromArray(data.with(element, value), shape);
      return lossOf({ ...at, [name]: changed }).item();
    };
    let worst = 0;
    data.forEach((value, element) => {
      const step = epsilon * Math.max(1, Math.abs(value));
      const [above, below] = [value + step, value - step];
      const numeric = (lossWith(element, above) - lossWith(element, below)) / (above - below);
      const traced = gradient[name]!.data[element]!;
      const error = Math.abs(traced - numeric) / Math.max(1, Math.abs(traced), Math.abs(numeric));
      if (!(error <= worst)) worst = error; // NaN too, and nothing is above it
    });
    return worst;
  };
  return Object.fromEntries(Object.keys(at).map((name) => [name, worstOf(name)]));
}
