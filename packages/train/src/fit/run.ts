/** The result of training. */

import { type Model, type Network, network, type Shapes, type Variables, weightsSha256 } from "@nn/model";
import type { FloatDType } from "@nn/tensor";
import type { Metrics } from "../metrics/metric.ts";
import type { EpochRecord } from "./events.ts";

/** A finished run. */
export interface Run<
  In extends Shapes = Shapes,
  Out extends Shapes = Shapes,
  D extends FloatDType = FloatDType,
  M = Metrics,
> {
  /** One record for each whole epoch. */
  readonly history: readonly EpochRecord<M>[];
  /** Whole epochs. */
  readonly epochs: number;
  readonly steps: number;
  /** Parameters and buffers. */
  readonly variables: Variables<D>;
  /** Their moving average; undefined where none was asked for. */
  readonly average: Variables<D> | undefined;
  /** The model with the variables: `run.network.predict(x)`. */
  readonly network: Network<In, Out, D>;
  /** Of the variables as a safetensors file; equal runs have equal ones. */
  readonly weightsSha256: string;
  /** Why the run ended before its last epoch; undefined where it did not. */
  readonly stopped: string | undefined;
}

export function createRun(
  model: Model,
  result: {
    readonly variables: Variables;
    readonly average: Variables | undefined;
    readonly history: readonly EpochRecord[];
    readonly steps: number;
    readonly stopped: string | undefined;
  },
): Run {
  const { variables, average, history, steps, stopped } = result;
  return {
    history,
    epochs: history.length,
    steps,
    variables,
    average,
    network: network(model, variables),
    weightsSha256: weightsSha256(variables),
    stopped,
  };
}
