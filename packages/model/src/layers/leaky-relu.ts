/** The leaky relu activation. */

import { greater, multiply, where } from "@nn/tensor";
import { checkFiniteNumber } from "@nn/tensor/arguments";
import { defineLayer } from "../contract/define-layer.ts";
import type { SameShapeRule } from "../contract/layer.ts";
import type { CallableLayer } from "../contract/node.ts";

/**
 * x where x > 0, else slope · x, element by element; `slope` defaults to 0.01, as in PyTorch (Keras: 0.3). Its derivative at
 * 0 is `slope`.
 * @throws ArgumentError unless `slope` is finite and at least 0.
 * Source: A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).
 * @example sequential([2], dense(16), leakyRelu(0.2), dense(2))
 */
export function leakyRelu<const Slope extends number = 0.01>(
  slope: Slope = 0.01 as Slope,
): CallableLayer<`leakyRelu(${Slope})`, SameShapeRule> {
  checkFiniteNumber("leakyRelu", "slope", slope, { atLeast: 0 });
  return defineLayer({
    kind: "leakyRelu",
    call: `leakyRelu(${slope})`,
    config: { slope },
    apply: (_variables, x) => where(greater(x, 0), x, multiply(x, slope)),
  });
}
