/** The order in which groups run, and which of them write a new state over the old one. */

import type { Fusion, Group } from "../../graph/fuse.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { sameShape } from "../../shape.ts";
import { hasShortRows } from "./kernels/short-rows.ts";
import { kernelOf, mayFail } from "./roles.ts";
import type { WasmValue } from "./values.ts";

/**
 * Puts the groups that replace state behind all others, and those that read nothing but state before them: what these
 * write is there when threads next meet. Tells which of the former may write over the old value: those whose old value
 * nobody reads after them.
 */
export function orderGroups(
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
  const early = new Set<Group>();
  const given = new Set<Node>(graph.state);
  for (const group of fusion.groups) {
    const ready = group.inputs.every((node) => node.kind === "constant" || given.has(node));
    if (late.has(group) || !ready) continue;
    early.add(group);
    for (const node of group.outputs) given.add(node);
  }
  const between = fusion.groups.filter((group) => !late.has(group) && !early.has(group));
  const groups = [...early, ...between, ...late];
  const inPlace = new Map<Node, WasmValue>();
  for (const [node, i] of candidates) {
    const old = graph.state[i]!;
    const writer = groups.findIndex((group) => group.nodes.includes(node));
    const readLater = groups.some((group, at) => at > writer && group.inputs.includes(old));
    const readByProduct = groups[writer]!.anchor?.inputs.some((input) => fusion.sourceOf(input) === old) ?? false;
    // A run that fails leaves the state as it was.
    const mayFailLater = groups.some(({ anchor }, at) => at > writer && anchor !== undefined && mayFail(anchor));
    if (!readLater && !readByProduct && !mayFailLater) inPlace.set(node, state[i]!);
  }
  return { groups, inPlace };
}

/** Whether a value is stored by a fused loop, which writes any layout. */
export function isFused(group: Group, node: Node): boolean {
  return group.anchor !== node || kernelOf(node) === "matmul" || hasShortRows(node);
}
