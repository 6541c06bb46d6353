/** What training leaves behind. */

import { type Network, network, type Parameters, type Sequential, weightsSha256 } from "@nn/model";
import type { FloatDType, Shape } from "@nn/tensor";
import type { EpochRecord } from "./events.ts";

/** A finished run. */
export interface Run<In extends Shape = Shape, Out extends Shape = Shape, D extends FloatDType = FloatDType> {
  /** One record for each epoch. */
  readonly history: readonly EpochRecord[];
  readonly epochs: number;
  readonly steps: number;
  readonly parameters: Parameters<D>;
  /** The model with the parameters: `run.network.predict(x)`. */
  readonly network: Network<In, Out, D>;
  /** Of the parameters as a safetensors file; equal runs have equal ones. */
  readonly weightsSha256: string;
}

export function createRun(model: Sequential, parameters: Parameters, history: readonly EpochRecord[]): Run {
  return {
    history,
    epochs: history.length,
    steps: history.at(-1)?.step ?? 0,
    parameters,
    network: network(model, parameters),
    weightsSha256: weightsSha256(parameters),
  };
}
