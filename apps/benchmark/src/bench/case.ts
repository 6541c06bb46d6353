/** What is measured: a problem of known size, and how to tell whether it was solved. */

import { fromArray, RandomState, type Shape, type Tensor } from "@nn/tensor";
import type { RecipeData } from "../train/recipe.ts";
import type { ParameterName } from "./problem-file.ts";
import type { Problem } from "./protocol.ts";

export interface Case {
  readonly name: string;
  readonly description: string;
  /** What its figures are in: units a second. */
  readonly unit: string;
  /** Units in one iteration. */
  readonly unitsPerIteration: number;
  /** The most by which a value may differ from the reference's. */
  readonly tolerance: number;
  /** The problem without its file, and the values that go there. */
  problem(data: RecipeData): Promise<{ readonly problem: ProblemWithoutFile; readonly values: Values }>;
}

type WithoutFile<P> = P extends Problem ? Omit<P, "file"> : never;
type ProblemWithoutFile = WithoutFile<Problem>;
type Values = { readonly [name: string]: Tensor };

/** First parameters of a network with one hidden layer, by name: normal, with variance 2 / inputs; biases 0. */
export function firstParameters(
  features: number,
  hidden: number,
  classes: number,
): { readonly [name in ParameterName]: Tensor } {
  const random = new RandomState(0);
  return {
    weight1: normal(random, [features, hidden], Math.sqrt(2 / features)),
    bias1: fromArray(new Float32Array(hidden), [hidden]),
    weight2: normal(random, [hidden, classes], Math.sqrt(2 / hidden)),
    bias2: fromArray(new Float32Array(classes), [classes]),
  };
}

export function normal(random: RandomState, shape: Shape, deviation: number): Tensor {
  return fromArray(Float32Array.from(random.normal({ scale: deviation, size: shape }).data), shape);
}
