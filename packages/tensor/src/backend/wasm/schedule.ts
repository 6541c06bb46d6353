/**
 * From a graph to groups in running order with a place for every value: which state is updated in place, which values are
 * in panels, where each lies.
 */

import { ArgumentError } from "../../errors.ts";
import { type Fusion, fuse, type Group } from "../../graph/fuse.ts";
import { type Graph, type Node, topologicalOrder } from "../../graph/graph.ts";
import { type Lifetime, planMemory } from "../../graph/plan.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "../../shape.ts";
import { panelColumns } from "./kernels/gemm.ts";
import type { Nonzeros } from "./kernels/nonzeros.ts";
import { type Layout, type Place, uniformValue } from "./kernels/operand.ts";
import { hasShortRows, shortRowsScratch } from "./kernels/short-rows.ts";
import { planLists } from "./listings.ts";
import { alignment, type Block, type EngineMemory } from "./memory.ts";
import { kernelOf, mayFollow, readsAnyLayout, rolesOf } from "./roles.ts";
import { isFused, orderGroups } from "./running-order.ts";
import { simplify } from "./simplify.ts";
import { bytesIn, storedLayout, type WasmValue } from "./values.ts";

/** A value to be moved from one place to another, changing its layout where they differ. */
export interface Move {
  readonly type: Node;
  readonly from: Place;
  readonly to: Place;
  /** The group behind which it is moved; −1 for before the first. */
  readonly after: number;
}

export interface Schedule {
  readonly graph: Graph;
  readonly fusion: Fusion;
  readonly groups: readonly Group[];
  /** The memory of a value as fused loops read it. */
  place(node: Node): Place;
  /** The memory of a value, row-major: a copy where it is kept in panels. */
  rows(node: Node): Place;
  /** The memory of a right factor: a copy in panels where it is kept in rows and worth it. */
  factor(node: Node): Place;
  readonly moves: readonly Move[];
  /** The lists that a product follows to skip the zeros of its left factor. */
  nonzeros(product: Node): Nonzeros | undefined;
  /** Lists to be made, each behind a group; −1 for before the first. */
  readonly listings: readonly { readonly nonzeros: Nonzeros; readonly after: number }[];
  /** Memory that the kernel of a group uses while it runs. */
  scratch(group: Group): number;
  /** Constants that kernels read from memory. */
  readonly constants: readonly { readonly node: Node; readonly place: Place }[];
  /** A word that a kernel sets when it meets an input that it cannot take. */
  readonly statusAddress: number;
  /** The memory of all this but the state. */
  readonly block: Block;
}

/** Schedules `graph` for `threads` over the stored values of its state, which must be in memory, in a block of `memory`. */
export function schedule(
  original: Graph,
  state: readonly WasmValue[],
  memory: EngineMemory,
  { threads }: { readonly threads: number },
): Schedule {
  const graph = simplify(original);
  const results = [...graph.outputs, ...graph.nextState];
  const order = topologicalOrder([...graph.inputs, ...graph.state, ...results]);
  for (const { shape, dtype } of order) if (dtype === "uint8" && sizeOf(shape) >= mostBytes) throw tooLarge(shape);
  const roleOf = rolesOf(order);
  const fusion = fuse(order, results, roleOf, (node, anchor, reads) => mayFollow(node, anchor, reads, roleOf(node)));
  const { sourceOf } = fusion;

  const readers = readersOf(order, results, roleOf, sourceOf);
  const { groups, inPlace } = orderGroups(fusion, graph, state, readers.inRows);

  const layoutOf = (node: Node): Layout => {
    const target = inPlace.get(node);
    if (target !== undefined) return target.layout;
    const writesPanels =
      isTransposed(node) || groups.some((group) => group.nodes.includes(node) && isFused(group, node));
    const wanted = readers.asFactor.has(node) && !readers.inRows.has(node) && storedLayout(node) === "panels";
    return wanted && writesPanels ? "panels" : "rows";
  };

  // Memory: inputs and constants keep theirs for good, what groups compute only while it is read.
  const end = groups.length;
  const places = new Map<Node, Place>();
  for (const [i, node] of graph.state.entries()) places.set(node, state[i]!);
  for (const [node, target] of inPlace) places.set(node, target);
  const rowCopies = new Map<Node, Place>();
  const panelCopies = new Map<Node, Place>();
  const planned: Planned[] = [];
  const resultSources = new Set(results.map(sourceOf));
  for (const node of order) {
    const isStored = (): boolean => resultSources.has(node) || !isImmediate(node, order, roleOf);
    const permanent = node.kind === "constant" ? isStored() : graph.inputs.includes(node);
    if (permanent) planned.push({ node, layout: "rows", first: -1, last: end, keep: places });
  }
  groups.forEach((group, index) => {
    for (const node of group.outputs) {
      if (inPlace.has(node)) continue;
      const last = resultSources.has(node) ? end : lastReader(groups, node, index);
      planned.push({ node, layout: layoutOf(node), first: index, last, keep: places });
    }
  });
  // Old state that outlives its update, and matrices in panels that somebody reads in rows, are copied first.
  const kept = new Set(
    results
      .map(sourceOf)
      .filter((source, i) => graph.state.includes(source) && source !== graph.state[i - graph.outputs.length]),
  );
  for (const node of new Set([...kept, ...readers.inRows])) {
    const copied = kept.has(node) || places.get(node)?.layout === "panels";
    if (copied) planned.push({ node, layout: "rows", first: -1, last: end, keep: rowCopies });
  }
  const layouts = new Map(planned.filter(({ keep }) => keep === places).map(({ node, layout }) => [node, layout]));
  const packed = new Set<Node>();
  for (const { anchor } of groups) {
    if (anchor === undefined || kernelOf(anchor) !== "matmul") continue;
    const factor = anchor.inputs[1]!;
    const source = sourceOf(factor);
    if (layouts.get(source) !== "rows" || packed.has(factor) || !isWorthPacking(anchor)) continue;
    packed.add(factor);
    const first = groups.findIndex((group) => group.nodes.includes(source));
    planned.push({ node: factor, layout: "panels", first, last: lastReader(groups, source, first), keep: panelCopies });
  }
  const inPanels = (factor: Node): boolean => {
    const source = sourceOf(factor);
    const layout = layouts.get(source) ?? places.get(source)?.layout;
    return packed.has(factor) || (layout === "panels" && sameShape(factor.shape, source.shape));
  };
  const lists = planLists({ graph, order, groups, sourceOf, inPanels, threads });
  const scratch = groups.flatMap((group, index) => {
    const wanted = group.anchor !== undefined && hasShortRows(group.anchor);
    return wanted ? [{ group, bytes: shortRowsScratch({ group, fusion }), first: index, last: index }] : [];
  });
  const plan = planMemory([
    ...planned.map(({ node, layout, first, last }) => lifetime(bytesIn(layout, node), { first, last }, end)),
    ...lists,
    ...scratch,
  ]);
  const block = memory.allocate(plan.bytes + alignment);
  const addressAt = (i: number): number => block.address + alignment + plan.offsets[i]!;
  planned.forEach(({ node, layout, keep }, i) => {
    keep.set(node, { address: addressAt(i), layout });
  });

  const rows = (node: Node): Place => rowCopies.get(sourceOf(node)) ?? places.get(sourceOf(node))!;
  // Under another shape a value in panels is read in its row-major copy.
  const place = (node: Node): Place =>
    sameShape(node.shape, sourceOf(node).shape) ? places.get(sourceOf(node))! : rows(node);
  const listings = lists.map(({ left, along, matrix, copies, products, first }, i) => {
    const ofRows = lists.findIndex((other) => other.left === left && other.along === "rows");
    const source = along === "rows" ? rows(left).address : addressAt(planned.length + ofRows);
    return {
      nonzeros: { along, matrix, copies, source, address: addressAt(planned.length + i) },
      products,
      after: first,
    };
  });
  const copies = planned.flatMap(({ node, first, keep }) =>
    keep === places ? [] : [{ type: node, from: place(node), to: keep.get(node)!, after: first }],
  );
  const lateMoves = graph.nextState.flatMap((node, i) => {
    const source = sourceOf(node);
    const moved = inPlace.get(source) !== state[i] && source !== graph.state[i];
    return moved ? [{ type: node, from: rows(node), to: state[i]!, after: end - 1 }] : [];
  });
  return {
    graph,
    fusion,
    groups,
    place,
    rows,
    factor: (node) => panelCopies.get(node) ?? place(node),
    moves: [...copies, ...lateMoves],
    nonzeros: (product) => listings.find(({ products }) => products.includes(product))?.nonzeros,
    listings,
    scratch: (group) => addressAt(planned.length + lists.length + scratch.findIndex((each) => each.group === group)),
    constants: order.flatMap((node) =>
      node.kind === "constant" && places.has(node) ? [{ node, place: places.get(node)! }] : [],
    ),
    statusAddress: block.address,
    block,
  };
}

/** Kernels count four bytes for each element, in 32 bits. */
const mostBytes = 2 ** 30;

function tooLarge(shape: Shape): ArgumentError {
  return new ArgumentError({
    operation: "wasm",
    received: `a value of shape ${formatShape(shape)} in uint8`,
    expected: `fewer than ${mostBytes} elements`,
    fix: "Use smaller batches, or the reference backend.",
  });
}

/** A value that gets memory: `keep` notes where. */
interface Planned {
  readonly node: Node;
  readonly layout: Layout;
  readonly first: number;
  readonly last: number;
  readonly keep: Map<Node, Place>;
}

/** Values so small keep their memory for a whole run: giving it to others saves little and makes threads wait for them. */
const neverSharedBytes = 16 * 1024;

function lifetime(bytes: number, { first, last }: Pick<Planned, "first" | "last">, end: number): Lifetime {
  return bytes <= neverSharedBytes ? { bytes, first: -1, last: end } : { bytes, first, last };
}

function lastReader(groups: readonly Group[], node: Node, atLeast: number): number {
  return Math.max(atLeast, ...groups.flatMap((group, i) => (group.inputs.includes(node) ? [i] : [])));
}

/** Whether the right factor of a product is read often enough to be put into panels first. */
function isWorthPacking(product: Node): boolean {
  const [m, n] = product.shape as readonly [number, number];
  return m >= 16 && n > panelColumns;
}

/**
 * Values that somebody reads as row-major arrays only, be it the caller, who gets them under another shape, and values
 * that are the right factor of a product.
 */
function readersOf(
  order: readonly Node[],
  results: readonly Node[],
  roleOf: (node: Node) => string,
  sourceOf: (node: Node) => Node,
): { readonly inRows: ReadonlySet<Node>; readonly asFactor: ReadonlySet<Node> } {
  const inRows = new Set(results.filter((node) => !sameShape(node.shape, sourceOf(node).shape)).map(sourceOf));
  const asFactor = new Set<Node>();
  for (const node of order) {
    const role = node.kind === "operation" ? roleOf(node) : undefined;
    if (role === "alias" || role === undefined) continue;
    const kernel = role === "kernel" || role === "anchor" || role === "rows" ? kernelOf(node) : undefined;
    node.inputs.forEach((input, i) => {
      const source = sourceOf(input);
      const isFactor = kernel === "matmul" && i === 1;
      if (isFactor) asFactor.add(source);
      const anyLayout =
        role === "elementwise" || role === "inline" || kernel === "transpose" || isFactor || readsAnyLayout(node);
      if (!anyLayout || !sameShape(input.shape, source.shape)) inRows.add(source);
    });
  }
  return { inRows, asFactor };
}

/** Whether a constant is written into the code of every kernel that reads it. */
function isImmediate(node: Node, order: readonly Node[], roleOf: (node: Node) => string): boolean {
  if (uniformValue(node) === undefined) return false;
  const readers = order.filter((user) => user.inputs.includes(node));
  return readers.length > 0 && readers.every((user) => ["elementwise", "inline"].includes(roleOf(user)));
}

/** Whether a kernel of the engine exchanges the axes of a matrix, writing any layout. */
function isTransposed(node: Node): boolean {
  return node.kind === "operation" && kernelOf(node) === "transpose";
}
