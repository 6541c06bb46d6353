/** The values of a problem, written by the command and read by its contenders. */

import { readFileSync } from "node:fs";
import { loadSafetensors } from "@nn/model";
import type { Tensor } from "@nn/tensor";
import type { ProductProblem, TrainingProblem } from "./protocol.ts";

interface Batch {
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

export interface TrainingValues {
  readonly batches: readonly Batch[];
  readonly batchSize: number;
  readonly features: number;
  readonly hidden: number;
  readonly classes: number;
  readonly parameters: { readonly [name in ParameterName]: Float32Array };
}

export const parameterNames = ["weight1", "bias1", "weight2", "bias2"] as const;
export type ParameterName = (typeof parameterNames)[number];

export function readTraining({ file }: Pick<TrainingProblem, "file">): TrainingValues {
  const { inputs, labels, ...parameters } = loadSafetensors(readFileSync(file)).parameters as Record<string, Tensor>;
  const [count, batchSize, features] = inputs!.shape as [number, number, number];
  const batches = Array.from({ length: count }, (_, i) => ({
    inputs: (inputs!.data as Float32Array).slice(i * batchSize * features, (i + 1) * batchSize * features),
    labels: (labels!.data as Uint8Array).slice(i * batchSize, (i + 1) * batchSize),
  }));
  const [hidden, classes] = parameters.weight2!.shape as [number, number];
  const values = Object.fromEntries(parameterNames.map((name) => [name, parameters[name]!.data as Float32Array]));
  return { batches, batchSize, features, hidden, classes, parameters: values as TrainingValues["parameters"] };
}

export interface ProductValues {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

export function readProduct({ file }: Pick<ProductProblem, "file">): ProductValues {
  const { a, b } = loadSafetensors(readFileSync(file)).parameters;
  const [m, k] = a!.shape as [number, number];
  return { a: a!.data as Float32Array, b: b!.data as Float32Array, m, k, n: b!.shape[1]! };
}

/** Labels (N) as rows of zeros with a one (N, K). */
export function oneHotRows(labels: Uint8Array, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    rows[row * classes + label] = 1;
  });
  return rows;
}
