/**
 * From a graph to groups in running order with a place for every value: which state is updated in place, which values are
 * in panels, where each lies.
 */

import { type Fusion, fuse, type Group } from "../../graph/fuse.ts";
import { type Graph, type Node, topologicalOrder } from "../../graph/graph.ts";
import { planMemory } from "../../graph/plan.ts";
import { sameShape } from "../../shape.ts";
import { type Layout, type Place, uniformValue } from "./kernels/operand.ts";
import { alignment, type EngineMemory } from "./memory.ts";
import { absorbTransposes, kernelOf, rolesOf } from "./roles.ts";
import { bytesIn, storedLayout, type WasmValue } from "./values.ts";

/** A value to be moved from one place to another, changing its layout where they differ. */
export interface Move {
  readonly type: Node;
  readonly from: Place;
  readonly to: Place;
}

export interface Schedule {
  readonly graph: Graph;
  readonly fusion: Fusion;
  readonly groups: readonly Group[];
  /** The memory of a value as fused loops and right-hand factors read it. */
  place(node: Node): Place;
  /** The memory of a value, row-major: a copy where it is kept in panels. */
  rows(node: Node): Place;
  /** Copies to make before the first group and after the last. */
  readonly movesBefore: readonly Move[];
  readonly movesAfter: readonly Move[];
  /** Constants that kernels read from memory. */
  readonly constants: readonly { readonly node: Node; readonly place: Place }[];
  /** A word that a kernel sets when it meets an input that it cannot take. */
  readonly statusAddress: number;
}

/** Schedules `graph` over the stored values of its state, in a block of `memory` that belongs to `owner`. */
export function schedule(original: Graph, state: readonly WasmValue[], memory: EngineMemory, owner: object): Schedule {
  const rewritten = absorbTransposes([
    ...original.inputs,
    ...original.state,
    ...original.outputs,
    ...original.nextState,
  ]);
  const renew = (nodes: readonly Node[]): Node[] => nodes.map((node) => rewritten.get(node)!);
  const graph: Graph = {
    inputs: renew(original.inputs),
    state: renew(original.state),
    outputs: renew(original.outputs),
    nextState: renew(original.nextState),
  };
  const results = [...graph.outputs, ...graph.nextState];
  const order = topologicalOrder([...graph.inputs, ...graph.state, ...results]);
  const roleOf = rolesOf(order);
  const fusion = fuse(order, results, roleOf);
  const { sourceOf } = fusion;

  // Who reads a value only as the row-major array that it is.
  const needsRows = new Set<Node>();
  for (const node of order) {
    const role = node.kind === "operation" ? roleOf(node) : undefined;
    const kernel = role === "kernel" || role === "anchor" ? kernelOf(node) : undefined;
    node.inputs.forEach((input, i) => {
      const inPanelsToo =
        role === "elementwise" || role === "inline" || kernel === "transpose" || (kernel === "matmul" && i === 1);
      if (role !== "alias" && (!inPanelsToo || !sameShape(input.shape, sourceOf(input).shape)))
        needsRows.add(sourceOf(input));
    });
  }

  const { groups, inPlace } = orderGroups(fusion, graph, state, needsRows);
  const layoutOf = (node: Node): Layout => {
    const target = inPlace.get(node);
    if (target !== undefined) return target.layout;
    // The transpose of a weight matrix is the right factor of another product.
    return node.op?.name === "transpose" && !needsRows.has(node) && storedLayout(node) === "panels" ? "panels" : "rows";
  };

  // Memory: inputs and constants keep theirs for good, what groups compute only while it is read.
  const places = new Map<Node, Place>();
  for (const [i, node] of graph.state.entries()) places.set(node, state[i]!);
  for (const [node, target] of inPlace) places.set(node, target);
  const planned: {
    readonly node: Node;
    readonly layout: Layout;
    readonly first: number;
    readonly last: number;
    readonly copy: boolean;
  }[] = [];
  const end = groups.length;
  const resultSources = new Set(results.map(sourceOf));
  for (const node of order) {
    const permanent = node.kind === "constant" ? !isImmediate(node, order, roleOf) : graph.inputs.includes(node);
    if (permanent) planned.push({ node, layout: "rows", first: -1, last: end, copy: false });
  }
  groups.forEach((group, index) => {
    for (const node of group.outputs) {
      if (inPlace.has(node)) continue;
      const readers = groups.flatMap((other, i) => (other.inputs.includes(node) ? [i] : []));
      planned.push({
        node,
        layout: layoutOf(node),
        first: index,
        last: resultSources.has(node) ? end : Math.max(index, ...readers),
        copy: false,
      });
    }
  });
  // Old state that outlives its update, and matrices in panels that somebody reads in rows, are copied first.
  const kept = new Set(
    results
      .map(sourceOf)
      .filter((source, i) => graph.state.includes(source) && source !== graph.state[i - graph.outputs.length]),
  );
  for (const node of new Set([...kept, ...needsRows])) {
    if (kept.has(node) || places.get(node)?.layout === "panels")
      planned.push({ node, layout: "rows", first: -1, last: end, copy: true });
  }
  const plan = planMemory(
    planned.map(({ node, layout, first, last }) => ({ bytes: bytesIn(layout, node), first, last })),
  );
  const block = memory.allocate(plan.bytes + alignment, owner);
  const copies = new Map<Node, Place>();
  planned.forEach(({ node, layout, copy }, i) => {
    (copy ? copies : places).set(node, { address: block.address + alignment + plan.offsets[i]!, layout });
  });

  const place = (node: Node): Place => places.get(sourceOf(node))!;
  const rows = (node: Node): Place => copies.get(sourceOf(node)) ?? place(node);
  return {
    graph,
    fusion,
    groups,
    place,
    rows,
    movesBefore: [...copies].map(([type, to]) => ({ type, from: place(type), to })),
    movesAfter: graph.nextState.flatMap((node, i) => {
      const source = sourceOf(node);
      return inPlace.has(source) || source === graph.state[i] ? [] : [{ type: node, from: rows(node), to: state[i]! }];
    }),
    constants: order.flatMap((node) =>
      node.kind === "constant" && places.has(node) ? [{ node, place: places.get(node)! }] : [],
    ),
    statusAddress: block.address,
  };
}

/** Whether a constant is written into the code of every kernel that reads it. */
function isImmediate(node: Node, order: readonly Node[], roleOf: (node: Node) => string): boolean {
  if (uniformValue(node) === undefined) return false;
  const readers = order.filter((user) => user.inputs.includes(node));
  return readers.length > 0 && readers.every((user) => ["elementwise", "inline"].includes(roleOf(user)));
}

/**
 * Puts the groups that replace state behind all others, and tells which of them may write over the old value: those whose
 * old value nobody reads after them.
 */
function orderGroups(
  fusion: Fusion,
  graph: Graph,
  state: readonly WasmValue[],
  needsRows: ReadonlySet<Node>,
): { readonly groups: Group[]; readonly inPlace: Map<Node, WasmValue> } {
  const candidates = new Map<Node, number>();
  graph.nextState.forEach((node, i) => {
    const source = fusion.sourceOf(node);
    if (source.kind !== "operation" || !sameShape(source.shape, node.shape)) return;
    const producer = fusion.groups.find((group) => group.nodes.includes(source));
    const fits =
      producer !== undefined && isFused(producer, source) && (state[i]!.layout === "rows" || !needsRows.has(source));
    if (fits && !candidates.has(source)) candidates.set(source, i);
  });
  const late = new Set<Group>();
  const lateValues = new Set<Node>();
  for (const group of fusion.groups) {
    if (!group.outputs.some((node) => candidates.has(node)) && !group.inputs.some((node) => lateValues.has(node)))
      continue;
    late.add(group);
    for (const node of group.outputs) lateValues.add(node);
  }
  const groups = [...fusion.groups.filter((group) => !late.has(group)), ...late];
  const inPlace = new Map<Node, WasmValue>();
  for (const [node, i] of candidates) {
    const old = graph.state[i]!;
    const writer = groups.findIndex((group) => group.nodes.includes(node));
    const readLater = groups.some((group, at) => at > writer && group.inputs.includes(old));
    const readByProduct = groups[writer]!.anchor?.inputs.some((input) => fusion.sourceOf(input) === old) ?? false;
    if (!readLater && !readByProduct) inPlace.set(node, state[i]!);
  }
  return { groups, inPlace };
}

/** Whether a value is stored by a fused loop or a product's epilogue, which write any layout. */
function isFused(group: Group, node: Node): boolean {
  return group.anchor === undefined || group.anchor !== node || kernelOf(node) === "matmul";
}
