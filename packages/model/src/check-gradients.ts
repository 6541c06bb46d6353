/** A check of layers and losses: their traced derivatives against central differences of the loss. */

import { cast, fromArray, type Shape, type Tensor, valueAndGrad } from "@nn/tensor";
import { checkFiniteNumber, checkMembers, checkOptions } from "@nn/tensor/arguments";
import { splitVariables } from "./contract/check-variables.ts";
import type { Applied, Context, Variables } from "./contract/layer.ts";
import type { InputsOf, Model, Shapes } from "./contract/model.ts";
import type { Loss } from "./losses/loss.ts";

export interface GradientCheckInput<In extends Shapes> {
  /** Where to check; taken in float64 whatever their dtype. */
  readonly variables: Variables;
  /** A few examples (N, …In). */
  readonly inputs: InputsOf<In>;
  readonly targets: Tensor;
  /** Default `{ training: false }`. */
  readonly context?: Context;
  /** Step of the differences, relative to max(1, |w|); default 1e-5. */
  readonly epsilon?: number;
}

/**
 * For each parameter the largest relative error of its gradient, |traced − numeric| / max(1, |traced|, |numeric|), the
 * numeric one being (L(w + h) − L(w − h)) / 2h for each element. Around 1e-9 is right; above 1e-5 is wrong, or the loss
 * has a kink (relu at 0) within the step. Buffers stay as they are. Costs two evaluations of the loss for each element, in
 * float64.
 * @throws what `model.apply` and `loss.apply` throw.
 * @example checkGradients(model, crossEntropy(), { variables, inputs, targets }) // { "dense1.bias": 3.1e-11, … }
 */
export function checkGradients<In extends Shapes, Out extends Shapes>(
  model: Model<In, Out>,
  loss: Loss,
  input: GradientCheckInput<In>,
): { readonly [name: string]: number } {
  const operation = "checkGradients";
  checkMembers(operation, "model", model, ["inputShape", "places", "apply"], "a model, made by sequential for example");
  checkMembers(operation, "loss", loss, ["check", "apply"], "a loss such as crossEntropy()");
  checkOptions(operation, input, { variables: true, inputs: true, targets: true, context: true, epsilon: true });
  const { variables, inputs, targets, context = { training: false }, epsilon = 1e-5 } = input;
  checkMembers(operation, "variables", variables, [], "the variables of the model, by name");
  checkFiniteNumber(operation, "epsilon", epsilon, { above: 0 });
  const float64 = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, cast(value, "float64")]));
  const { parameters: at, buffers } = splitVariables(model as unknown as Model, float64);
  const lossOf = (parameters: Variables<"float64">): Tensor<[], "float64"> => {
    const applied = model.apply({ ...parameters, ...buffers }, inputs, context);
    const outputs = context.training ? (applied as Applied).output : applied;
    return loss.apply(outputs as Tensor<Shape, "float64">, targets);
  };
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
