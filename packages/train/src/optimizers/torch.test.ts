/** Optimisers beside PyTorch's: 20 steps with given gradients, so that only the rule is tested. */

import { cast, fromArray, type Shape, type Tensor } from "@nn/tensor";
import { expectAllClose, ulpDistance } from "@nn/testing";
import { describe, expect, test } from "vitest";
import golden from "../../goldens/optimizers.json" with { type: "json" };
import { cosine } from "../schedules/cosine.ts";
import { adam, adamW } from "./adam.ts";
import { chain } from "./chain.ts";
import { clipByGlobalNorm } from "./clip-by-global-norm.ts";
import { groups } from "./groups.ts";
import { sgd } from "./sgd.ts";
import { takeStep } from "./test-step.ts";
import type { Optimizer, TensorRecord } from "./transform.ts";

const optimizers: { readonly [Name in keyof typeof golden.cases]: Optimizer } = {
  sgd: sgd({ learningRate: 0.01 }),
  momentum: sgd({ learningRate: 0.005, momentum: 0.9 }),
  nesterov: sgd({ learningRate: 0.005, momentum: 0.9, nesterov: true }),
  adam: adam({ learningRate: 0.01 }),
  "adam, other moments": adam({ learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 }),
  "adam, weightDecay": adam({ learningRate: 0.01, weightDecay: 0.1 }),
  adamW: adamW({ learningRate: 0.01, weightDecay: 0.1, decay: "all" }),
  cosine: adamW({ learningRate: cosine({ peak: 0.02, warmup: 5, end: 0.002 }), weightDecay: 0.1, decay: "all" }),
  clipByGlobalNorm: chain(clipByGlobalNorm(1.5), sgd({ learningRate: 0.02, momentum: 0.9 })),
  groups: groups({
    "dense1.*": sgd({ learningRate: 0.005, momentum: 0.9 }),
    "*": sgd({ learningRate: 0.02, momentum: 0.5, nesterov: true }),
  }),
  "groups, decay": groups({
    "*.bias": adamW({ learningRate: 0.01, weightDecay: 0 }),
    "*": adamW({ learningRate: 0.01, weightDecay: 0.2, decay: "all" }),
  }),
};

type Values = { readonly [name: string]: readonly number[] };

function record(values: Values, dtype: "float32" | "float64"): TensorRecord {
  const shapes: { readonly [name: string]: Shape } = golden.shapes;
  return Object.fromEntries(
    Object.entries(values).map(([name, each]) => [
      name,
      cast(fromArray(Float64Array.from(each), shapes[name]!) as Tensor<Shape, "float64">, dtype),
    ]),
  );
}

describe.each(Object.entries(optimizers))("%s", (name, optimizer) => {
  test.each(["float64", "float32"] as const)("%s", (dtype) => {
    const expected: { readonly [step: string]: Values } = golden.cases[name as keyof typeof golden.cases][dtype];
    let parameters = record(golden.initial, dtype);
    let state = optimizer.initialize(parameters);
    const totalSteps = golden.gradients.length;
    golden.gradients.forEach((gradients, step) => {
      ({ parameters, state } = takeStep(optimizer, record(gradients, dtype), state, parameters, { step, totalSteps }));
      const kept = expected[step + 1];
      if (kept === undefined) return;
      for (const [each, value] of Object.entries(record(kept, dtype))) {
        const actual = parameters[each]!;
        if (dtype === "float64") {
          expectAllClose(actual, value, { rtol: 1e-12 });
          continue;
        }
        const worst = Math.max(...actual.data.map((own, i) => ulpDistance(own, value.data[i]!, dtype)));
        expect(worst).toBeLessThanOrEqual(2);
      }
    });
  });
});
