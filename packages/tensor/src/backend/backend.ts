/**
 * The contract of a backend: it turns a graph into a program. A backend owns its memory; nothing outside knows where a
 * value lies.
 */

import type { DataOf } from "../dtype.ts";
import type { Graph, TensorType } from "../graph/graph.ts";

/** A value that outlives a run: parameters, optimiser state. Shared by all programs that were compiled over it. */
export interface StoredValue extends TensorType {
  /** A copy of the values. */
  read(): DataOf;
  /** Replaces the values; `data` must have the value's dtype and size. */
  write(data: DataOf): void;
}

/** A graph made ready to run: every buffer is in place before the first run, and a run allocates none. */
export interface Program {
  /**
   * Runs the graph on `inputs` (in the graph's order; dtypes and sizes must fit) and returns the outputs' buffers, which
   * are good until the backend runs, compiles or stores anything. State is updated when all outputs are computed.
   */
  run(inputs: readonly DataOf[]): readonly DataOf[];
  /** Gives the program's memory back to the backend. It takes some again when it is run. Optional: a garbage collector does too. */
  release?(): void;
}

/** Somewhere that graphs can run. */
export interface Backend {
  readonly name: string;
  /** `"strict"` (default): the same bits on every machine; `"fast"`: the same to rounding. */
  readonly mode?: "strict" | "fast";
  /** Takes a copy of `data` into the backend. */
  store(type: TensorType, data: DataOf): StoredValue;
  /** `state[i]` holds the values of `graph.state[i]`, of the same shape and dtype. */
  compile(graph: Graph, state: readonly StoredValue[]): Program;
}
