/**
 * The graph that tracing leaves: nodes that name an operation, its inputs and its result's type. Nodes point backwards
 * only, so a graph is whatever its outputs reach; what nothing reaches is gone.
 */

import type { DataOf, DType } from "../dtype.ts";
import type { Op } from "../op.ts";
import type { Shape } from "../shape.ts";

/** Shape and dtype of a value. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** One value of a graph: a placeholder, a constant, or the result of an operation. */
export interface Node extends TensorType {
  readonly kind: "placeholder" | "constant" | "operation";
  readonly op?: Op;
  readonly attributes?: unknown;
  readonly inputs: readonly Node[];
  /** The values of a constant. */
  readonly data?: DataOf;
}

/**
 * A function over tensors. `state[i]` is replaced by the value of `nextState[i]` at the end of each run, when every output
 * is computed. No output is a state's node, and a next state is one only in its own place, where nothing changes.
 */
export interface Graph {
  readonly inputs: readonly Node[];
  readonly state: readonly Node[];
  readonly outputs: readonly Node[];
  readonly nextState: readonly Node[];
}

/** The nodes of `order` that read each node, one for each time. */
export function usersOf(order: readonly Node[]): ReadonlyMap<Node, readonly Node[]> {
  const users = new Map<Node, Node[]>();
  for (const node of order) {
    for (const input of node.inputs) {
      const known = users.get(input);
      if (known === undefined) users.set(input, [node]);
      else known.push(node);
    }
  }
  return users;
}

/** Every node that `roots` reach, inputs before users, in an order that depends on the graph alone. */
export function topologicalOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: a long chain of operations must not overflow the call stack.
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
  }
  return order;
}
