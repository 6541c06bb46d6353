/** Learning rates that change, and the errors of optimisers that only a run can see. */

import { crossEntropy, dense, sequential, tanh } from "@nn/model";
import { describe, expect, test } from "vitest";
import { reduceOnPlateau } from "../control/reduce-on-plateau.ts";
import { adam, adamW } from "../optimizers/adam.ts";
import { chain } from "../optimizers/chain.ts";
import { clipByGlobalNorm } from "../optimizers/clip-by-global-norm.ts";
import { groups } from "../optimizers/groups.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { Optimizer } from "../optimizers/transform.ts";
import { cosine } from "../schedules/cosine.ts";
import type { Moment } from "../schedules/schedule.ts";
import { countingBackend } from "../test-backend.ts";
import { halfCircles } from "../test-data.ts";
import { fit } from "./fit.ts";

const model = sequential([2], dense(4), tanh(), dense(2));
const data = halfCircles(20);
const options = { loss: crossEntropy(), epochs: 3, batchSize: 8, seed: 1 };

describe("a changed rate compiles nothing again", () => {
  const plateau = reduceOnPlateau({ monitor: "train.loss", patience: 1, minDelta: 1e6 });
  test.each<[name: string, optimizer: Optimizer, control: readonly (typeof plateau)[]]>([
    ["constant", sgd(), []],
    ["a function", sgd({ learningRate: ({ step }) => 0.1 / (step + 1) }), []],
    ["cosine", adamW({ learningRate: cosine({ peak: 0.1, warmup: 3 }) }), []],
    ["two groups", groups({ "dense1.*": adam({ learningRate: cosine({ peak: 0.1 }) }), "*": sgd() }), []],
    ["a plateau", sgd({ learningRate: 0.1 }), [plateau]],
  ])("%s", async (_, optimizer, control) => {
    const backend = countingBackend();
    await fit(model, data, { ...options, optimizer, control, backend });
    // Batches of 8 and of 4 rows.
    expect(backend.compiled).toHaveLength(2);
  });
});

test("schedules get the moment before each step, scaled rates reach the step", async () => {
  const moments: Moment[] = [];
  const optimizer = sgd({
    learningRate(moment) {
      moments.push(moment);
      return 0.1;
    },
  });
  await fit(model, data, { ...options, epochs: 2, optimizer });
  expect(moments).toEqual(
    [0, 1, 2, 3, 4, 5].map((step) => ({
      step,
      epoch: Math.floor(step / 3),
      totalSteps: 6,
      stepsPerEpoch: 3,
      learningRateScale: 1,
    })),
  );
});

test("a schedule of a constant gives the weights of the constant", async () => {
  const shaOf = async (optimizer: Optimizer) => (await fit(model, data, { ...options, optimizer })).weightsSha256;
  expect(await shaOf(sgd({ learningRate: () => 0.3 }))).toBe(await shaOf(sgd({ learningRate: 0.3 })));
  expect(await shaOf(chain(sgd({ learningRate: 0.3 })))).toBe(await shaOf(sgd({ learningRate: 0.3 })));
  // A bound that no gradient reaches.
  expect(await shaOf(chain(clipByGlobalNorm(1e6), sgd()))).toBe(await shaOf(sgd()));
  expect(await shaOf(groups({ "*": adam() }))).toBe(await shaOf(adam()));
});

test.each<[name: string, optimizer: () => Optimizer, error: object]>([
  [
    "NaN",
    () => sgd({ learningRate: ({ step }) => (step === 4 ? Number.NaN : 0.1) }),
    { operation: "sgd: at step 5", received: "learningRate NaN", expected: "a finite number of at least 0" },
  ],
  [
    "a negative rate",
    () => adamW({ learningRate: ({ epoch }) => 0.1 - epoch }),
    { operation: "adamW: at step 4", received: "learningRate -0.9" },
  ],
  [
    "a negative rate in a group",
    () => groups({ "*.bias": adam({ learningRate: ({ step }) => -step }), "*": sgd() }),
    { operation: "adam: at step 2", received: "learningRate -1" },
  ],
  [
    "a pattern that matches nothing",
    () => groups({ "dense3.*": sgd(), "*": adam() }),
    {
      operation: "groups",
      received: 'pattern "dense3.*", which matches nothing',
      expected: "a pattern that matches some of dense1.weight, dense1.bias, dense2.weight, dense2.bias",
    },
  ],
  [
    "a pattern after one that takes all",
    () => groups({ "*": sgd(), "dense1.*": adam() }),
    {
      operation: "groups",
      received: 'pattern "dense1.*", which matches nothing',
      expected: "no pattern, as no name is left",
    },
  ],
  [
    "parameters without a pattern",
    () => groups({ "dense1.*": sgd() }),
    { operation: "groups", received: "no pattern for dense2.weight, dense2.bias", fix: 'End with the pattern "*".' },
  ],
  [
    "a pattern with a dot for any character",
    () => groups({ dense1xweight: sgd(), "*": sgd() }),
    { operation: "groups" },
  ],
])("%s is a clear error", async (_, optimizer, error) => {
  await expect(fit(model, data, { ...options, optimizer: optimizer() })).rejects.toMatchObject({
    name: "ArgumentError",
    ...error,
  });
});

test.each<[call: string, act: () => unknown, received: string]>([
  ["adam", () => adam({ learningRate: -1 }), "learningRate -1"],
  ["adam", () => adam({ beta1: 1 }), "beta1 1"],
  ["adam", () => adam({ beta2: Number.NaN }), "beta2 NaN"],
  ["adam", () => adam({ epsilon: -1e-8 }), "epsilon -1e-8"],
  ["adam", () => adam({ epsilonAt: "inside" as never }), 'epsilonAt "inside"'],
  ["adam", () => adam({ weightDecay: -0.1 }), "weightDecay -0.1"],
  ["adamW", () => adamW({ weightDecay: Number.POSITIVE_INFINITY }), "weightDecay Infinity"],
  ["adamW", () => adamW({ decay: "weights" as never }), 'decay "weights"'],
  ["adamW", () => adamW({ lr: 1 } as never), 'the unknown option "lr"'],
  ["clipByGlobalNorm", () => clipByGlobalNorm(0), "maxNorm 0"],
  ["chain", () => chain(sgd as never), "argument 1 the function sgd"],
  ["chain", () => chain([sgd()] as never), "argument 1 an array"],
  ["adam", () => adam({ learningRate: 1n as never }), "learningRate 1n of type bigint"],
  ["adam", () => adam({ learningRate: { rate: 1n } as never }), "learningRate a value of class Object"],
  ["groups", () => groups({}), "no groups"],
  ["groups", () => groups({ "*": sgd as never }), 'optimizer of "*" the function sgd'],
])("%s refuses what is out of range: %#", (operation, act, received) => {
  expect(act).toThrow(
    expect.objectContaining({ name: "ArgumentError", operation, received: expect.stringContaining(received) }),
  );
});
