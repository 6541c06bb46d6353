/** What the engine makes of a graph before it plans: the same values by fewer operations. */

import { allocate } from "../../dtype.ts";
import { type Node, topologicalOrder } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import { isMatrixTranspose } from "./roles.ts";

/**
 * The same graph, simpler: every aᵀ · b that a kernel can read in place becomes one node over a and b, and numbers that
 * depend on nothing are computed now.
 */
export function simplify(roots: readonly Node[]): Map<Node, Node> {
  const rewritten = new Map<Node, Node>();
  for (const node of topologicalOrder(roots)) {
    const inputs = node.inputs.map((input) => rewritten.get(input)!);
    const [a, b] = inputs;
    const absorbs =
      node.op?.name === "matmul" &&
      node.dtype === "float32" &&
      a!.op?.name === "transpose" &&
      isMatrixTranspose(a!) &&
      a!.shape[1] !== 0;
    const known = node.op !== undefined && inputs.every(isNumber) && sizeOf(node.shape) === 1;
    if (known) rewritten.set(node, computed(node, inputs));
    else if (absorbs) rewritten.set(node, { ...node, inputs: [a!.inputs[0]!, b!], attributes: { transposeA: true } });
    else rewritten.set(node, inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs });
  }
  return rewritten;
}

function isNumber(node: Node): boolean {
  return node.kind === "constant" && sizeOf(node.shape) === 1;
}

/** The value of an operation on constants, by the reference loops. */
function computed(node: Node, inputs: readonly Node[]): Node {
  const { shape, dtype } = node;
  const data = allocate(dtype, 1);
  const views = inputs.map((input) => ({ shape: input.shape, dtype: input.dtype, data: input.data! }));
  node.op!.run(views, { shape, dtype, data }, node.attributes);
  return { kind: "constant", shape, dtype, inputs: [], data };
}
