/** Runs the command `train` on recipes that only count, for tests. */

import { tensor } from "@nn/tensor";
import { type Effects, main } from "./main.ts";
import { lineReporter } from "./progress.ts";
import type { Reach, Recipe } from "./recipe.ts";
import { fakeData } from "./test-context.ts";
import { turn } from "./turn.ts";

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
  readonly lines: string;
}

/** Counts to three. */
export function counting(
  name: string,
  { failAt, reaches = {}, onStep }: { failAt?: number; reaches?: Reach; onStep?: (step: number) => void } = {},
): Recipe {
  return {
    name,
    description: `Counts to three as ${name}`,
    reaches,
    async run({ startLog, print, elapsedMs, signal }) {
      const log = startLog({ config: { to: 3 }, datasets: [{ name: "numbers", fingerprint: "sha256:0" }] });
      for (let step = 1; step <= 3; step++) {
        if (step === failAt) throw new Error(`cannot count to ${step}`);
        log.scalar({ step, epoch: 0, elapsedMs: elapsedMs(), split: "train", name: "loss", value: 1 / step });
        print(`${step}`);
        onStep?.(step);
        await turn(signal);
      }
      const parameters = { weight: tensor([1, 2, 3], { dtype: "float64" }) };
      const figures = { finalLoss: 1 / 3, trainAccuracy: 1, testAccuracy: 0.5 };
      return { parameters, steps: 3, epochs: 1, samples: 6, trainingMs: 2, ...figures };
    },
  };
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
