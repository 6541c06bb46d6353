/** Runs the command `train` on recipes that only count, for tests. */

import { datasetFromArrays } from "@nn/datasets";
import { fromArray } from "@nn/tensor";
import { lineReporter } from "../progress.ts";
import { byLoop } from "./by-loop.ts";
import { type Effects, main } from "./command.ts";
import { defineRecipe } from "./define-recipe.ts";
import type { ClassData, Reach, Recipe } from "./recipe.ts";
import { fakeData } from "./test-recipe.ts";

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
  readonly lines: string;
}

/** Counts to three, one step after another; of its two test rows it gets one right. */
export function counting(
  name: string,
  { failAt, reaches = {}, onStep }: { failAt?: number; reaches?: Reach; onStep?: (step: number) => void } = {},
): Recipe {
  const rows = (labels: readonly number[]): ClassData =>
    datasetFromArrays({ name: "numbers", inputs: labels.map((label) => [label]), labels, classNames: ["0", "1"] });
  return defineRecipe({
    name,
    description: `Counts to three as ${name}`,
    reaches,
    async data() {
      const train = rows([1, 1]);
      return { train, test: rows([0, 1]), sources: [train] };
    },
    model: () => ({ count: 0 }),
    training: (model) =>
      byLoop({
        operation: "count",
        config: { to: 3 },
        epochs: 3,
        stepsPerEpoch: 1,
        batchSize: 2,
        step() {
          const step = model.count + 1;
          if (step === failAt) throw new Error(`cannot count to ${step}`);
          model.count = step;
          onStep?.(step);
          return { loss: 1 / step, right: [1, 1] };
        },
        variables: () => ({ count: fromArray(Float64Array.of(model.count), [1]) }),
        restore({ count }) {
          model.count = count!.data[0]!;
        },
        probabilities: ({ size }) =>
          fromArray(
            Float64Array.from({ length: 2 * size }, (_, i) => i % 2),
            [size, 2],
          ),
      }),
    records: () => ({ curves: { stepsPerRecord: 1 } }),
    line: (event) => (event.type === "step" ? `${event.step}` : undefined),
    notes: () => "",
  });
}

/** Runs `train` with `args`; gives its exit code and what it printed. Rejects as it does. */
export async function train(
  args: readonly string[],
  recipes: readonly Recipe[] = [counting("one"), counting("two")],
  signal: AbortSignal = new AbortController().signal,
): Promise<Printed> {
  const out: string[] = [];
  const errors: string[] = [];
  const lines: string[] = [];
  const environment = { node: "0", v8: "0", platform: "test", arch: "test", cpu: "none", cores: 1 };
  const effects: Effects = {
    recipes,
    data: fakeData,
    environment: () => environment,
    out: (text) => void out.push(text),
    error: (text) => void errors.push(text),
    reporter: (_recipe, json) => lineReporter((line) => void (json ? errors : lines).push(`${line}\n`)),
    signal,
  };
  const code = await main(args, effects);
  return { code, out: out.join(""), errors: errors.join(""), lines: lines.join("") };
}
