/** What the engine makes of a graph before it plans: the same values by fewer operations. */

import { allocate } from "../../dtype.ts";
import { type Graph, type Node, topologicalOrder } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import { isMatrixTranspose } from "./roles.ts";

/**
 * The same graph, simpler: every aᵀ · b that a kernel can read in place becomes one node over a and b, and what
 * depends on nothing is computed now.
 */
export function simplify(graph: Graph): Graph {
  const rewritten = new Map<Node, Node>();
  for (const node of topologicalOrder([...graph.inputs, ...graph.state, ...graph.outputs, ...graph.nextState])) {
    const inputs = node.inputs.map((input) => rewritten.get(input)!);
    const [a, b] = inputs;
    const absorbs =
      node.op?.name === "matmul" &&
      node.dtype === "float32" &&
      a!.op?.name === "transpose" &&
      isMatrixTranspose(a!) &&
      a!.shape[1] !== 0;
    if (isKnown(node, inputs)) rewritten.set(node, computed(node, inputs));
    else if (absorbs) rewritten.set(node, { ...node, inputs: [a!.inputs[0]!, b!], attributes: { transposeA: true } });
    else rewritten.set(node, inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs });
  }
  const renew = (nodes: readonly Node[]): Node[] => nodes.map((node) => rewritten.get(node)!);
  return {
    inputs: renew(graph.inputs),
    state: renew(graph.state),
    outputs: renew(graph.outputs),
    nextState: renew(graph.nextState),
  };
}

/** The largest constant that is made here. */
const mostElements = 2 ** 16;

/** Whether a node is a number that depends on nothing, or a constant in another shape: derivatives are full of both. */
function isKnown(node: Node, inputs: readonly Node[]): boolean {
  if (node.op === undefined || inputs.length === 0 || inputs.some(({ kind }) => kind !== "constant")) return false;
  if (node.op.name === "broadcastTo" || node.op.name === "reshape") return sizeOf(node.shape) <= mostElements;
  return sizeOf(node.shape) === 1 && inputs.every(({ shape }) => sizeOf(shape) === 1);
}

/** The value of an operation on constants, by the reference loops. */
function computed(node: Node, inputs: readonly Node[]): Node {
  const { shape, dtype } = node;
  const data = allocate(dtype, sizeOf(shape));
  const views = inputs.map((input) => ({ shape: input.shape, dtype: input.dtype, data: input.data! }));
  node.op!.run(views, { shape, dtype, data }, node.attributes);
  return { kind: "constant", shape, dtype, inputs: [], data };
}
