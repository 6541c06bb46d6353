/**
 * The reference backend: runs each operation's own loops, one node after another. Plain and slow on purpose; every other
 * backend is checked against it.
 */

import { allocate, type DataOf } from "../../dtype.ts";
import { type Graph, type Node, type TensorType, topologicalOrder } from "../../graph/graph.ts";
import type { ArrayView, Op } from "../../op.ts";
import { sizeOf } from "../../shape.ts";
import type { Backend, Program, StoredValue } from "../backend.ts";

/** The backend of plain loops in JavaScript, for float64 and float32 alike. */
export const reference: Backend = { name: "reference", store, compile };

class ReferenceValue implements StoredValue, ArrayView {
  readonly shape: TensorType["shape"];
  readonly dtype: TensorType["dtype"];
  readonly data: DataOf;

  constructor(type: TensorType, data: DataOf) {
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.data = data.slice();
  }

  read(): DataOf {
    return this.data.slice();
  }

  write(data: DataOf): void {
    this.data.set(data);
  }
}

function store(type: TensorType, data: DataOf): StoredValue {
  return new ReferenceValue(type, data);
}

interface Step {
  readonly op: Op;
  readonly attributes: unknown;
  readonly inputs: readonly ArrayView[];
  readonly output: ArrayView;
}

function compile(graph: Graph, state: readonly StoredValue[]): Program {
  const views = new Map<Node, ArrayView>();
  graph.state.forEach((node, i) => {
    views.set(node, state[i] as ReferenceValue);
  });
  const steps: Step[] = [];
  for (const node of topologicalOrder([...graph.inputs, ...graph.outputs, ...graph.nextState])) {
    if (views.has(node)) continue;
    const view = { shape: node.shape, dtype: node.dtype, data: node.data ?? allocate(node.dtype, sizeOf(node.shape)) };
    views.set(node, view);
    if (node.op === undefined) continue;
    const inputs = node.inputs.map((input) => views.get(input)!);
    steps.push({ op: node.op, attributes: node.attributes, inputs, output: view });
  }
  const inputs = graph.inputs.map((node) => views.get(node)!);
  const outputs = graph.outputs.map((node) => views.get(node)!.data);
  const nextState = graph.nextState.map((node) => views.get(node)!.data);

  return {
    run(values) {
      for (let i = 0; i < inputs.length; i++) inputs[i]!.data.set(values[i]!);
      for (const step of steps) step.op.run(step.inputs, step.output, step.attributes);
      for (let i = 0; i < nextState.length; i++) (state[i] as ReferenceValue).data.set(nextState[i]!);
      return outputs;
    },
  };
}
