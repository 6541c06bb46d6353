/**
 * Fusion: which operations run together as one kernel, so that values between them never reach memory. Elementwise
 * operations join the group that computes their latest input, if it has their shape: a chain of their kind, or a matrix
 * product whose epilogue they become.
 */

import { sameShape, sizeOf } from "../shape.ts";
import { type Node, usersOf } from "./graph.ts";

/** How a backend sees an operation. */
export type Role =
  /** Computed element by element from inputs of its own shape or stretched to it. */
  | "elementwise"
  /** As elementwise, and recomputed by every group that reads it. */
  | "inline"
  /** A kernel of its own that other operations may follow in the same loop. */
  | "anchor"
  /** A sum over each row: a kernel of its own, or part of the loop of an anchor that goes row by row. */
  | "rows"
  /** A kernel of its own. */
  | "kernel"
  /** Another name for its input's memory. */
  | "alias";

/** Operations that run as one kernel. */
export interface Group {
  /** The operation that is not elementwise, if there is one; it comes first. */
  readonly anchor: Node | undefined;
  /** The operations in order, without those computed in place (`Fusion.isInlined`). */
  readonly nodes: readonly Node[];
  /** Values read from memory. */
  readonly inputs: readonly Node[];
  /** Values that others read and that are therefore written to memory. */
  readonly outputs: readonly Node[];
}

/** The groups of a graph in an order in which they can run. */
export interface Fusion {
  readonly groups: readonly Group[];
  /** Whether an elementwise value never stands in memory: each group that reads it computes it. */
  isInlined(node: Node): boolean;
  /** The node whose memory holds the value of `node`. */
  sourceOf(node: Node): Node;
}

/** The longest chain that is computed in place: following one recurses once an operation. */
const deepestInlined = 100;

/**
 * Groups the operations of `order` (inputs before users); `results` must stand in memory at the end. `mayFollow` tells
 * whether an operation, elementwise or of rows, may become part of an anchor's loop; `reads` whether it needs a result of
 * that loop, else it could be computed before it.
 */
export function fuse(
  order: readonly Node[],
  results: readonly Node[],
  roleOf: (node: Node) => Role,
  mayFollow: (node: Node, anchor: Node, reads: boolean) => boolean,
): Fusion {
  const sourceOf = (node: Node): Node =>
    node.kind === "operation" && roleOf(node) === "alias" ? sourceOf(node.inputs[0]!) : node;
  const users = usersOf(order);
  const resultSources = new Set(results.map(sourceOf));
  const isElementwise = (node: Node): boolean =>
    node.kind === "operation" && ["elementwise", "inline"].includes(roleOf(node));

  /** How many operations deep each value is that is computed in place. */
  const inlined = new Map<Node, number>();
  for (const node of order) {
    if (!isElementwise(node) || resultSources.has(node)) continue;
    const readers = users.get(node) ?? [];
    const depth = 1 + Math.max(0, ...node.inputs.map((input) => inlined.get(input) ?? 0));
    const cheap =
      roleOf(node) === "inline" ||
      (readers.length === 1 &&
        depth <= deepestInlined &&
        node.inputs.every((input) => input.kind !== "operation" || inlined.has(input)));
    if (cheap && readers.every((user) => isElementwise(user) && sameShape(user.shape, node.shape)))
      inlined.set(node, depth);
  }

  /** What a group that computes `node` reads, through inlined values. */
  const readsOf = (node: Node): Node[] =>
    node.inputs.flatMap((input) => {
      const source = sourceOf(input);
      return inlined.has(source) ? readsOf(source) : [source];
    });

  const drafts: { readonly anchor: Node | undefined; readonly open: boolean; readonly nodes: Node[] }[] = [];
  const draftOf = new Map<Node, number>();
  /** Whether a node reads a value of a loop under another shape than it has there: it may stretch another way. */
  const readsReshaped = (node: Node, members: readonly Node[]): boolean =>
    node.inputs.some((input) => {
      const source = sourceOf(input);
      if (inlined.has(source)) return readsReshaped(source, members);
      return members.includes(source) && !sameShape(input.shape, source.shape);
    });

  /** The loop that an operation joins: that of its latest input if it can, else one that runs later. */
  const draftFor = (node: Node): number | undefined => {
    const latest = Math.max(-1, ...readsOf(node).map((input) => draftOf.get(input) ?? -1));
    const fits = (index: number): boolean => {
      const { anchor, open, nodes } = drafts[index]!;
      if (!open) return false;
      if (anchor !== undefined) return mayFollow(node, anchor, index === latest) && !readsReshaped(node, nodes);
      return index === latest && isElementwise(node) && sameShape(nodes[0]!.shape, node.shape);
    };
    const later = drafts.map((_, index) => index).filter((index) => index > latest);
    return [...(latest >= 0 ? [latest] : []), ...later].find(fits);
  };
  for (const node of order) {
    if (node.kind !== "operation" || roleOf(node) === "alias" || inlined.has(node)) continue;
    const joins = isElementwise(node) || roleOf(node) === "rows";
    const index = joins && sizeOf(node.shape) > 0 ? draftFor(node) : undefined;
    if (index !== undefined) {
      drafts[index]!.nodes.push(node);
      draftOf.set(node, index);
      continue;
    }
    const anchor = isElementwise(node) ? undefined : node;
    drafts.push({ anchor, open: anchor === undefined || roleOf(node) === "anchor", nodes: [node] });
    draftOf.set(node, drafts.length - 1);
  }

  const readers = new Map<Node, Set<number>>();
  drafts.forEach((draft, index) => {
    for (const input of draft.nodes.flatMap(readsOf)) readers.set(input, (readers.get(input) ?? new Set()).add(index));
  });
  const groups = drafts.map(({ anchor, nodes }, index): Group => {
    const members = new Set(nodes);
    return {
      anchor,
      nodes,
      inputs: [...new Set(nodes.flatMap(readsOf))].filter((input) => !members.has(input)),
      outputs: nodes.filter(
        (node) => resultSources.has(node) || [...(readers.get(node) ?? [])].some((reader) => reader !== index),
      ),
    };
  });
  return { groups, isInlined: (node) => inlined.has(node), sourceOf };
}
