/** Which products skip the zeros of their left factor, and the lists that they follow. */

import type { Group } from "../../graph/fuse.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import type { Lifetime } from "../../graph/plan.ts";
import { sizeOf } from "../../shape.ts";
import { copyBytes, entryBytes, type Nonzeros } from "./kernels/nonzeros.ts";
import { matrixOf } from "./kernels/operand.ts";
import { kernelOf, transposesLeft } from "./roles.ts";

/** Lists that a run makes of one matrix, for the products that follow them. */
export interface Listing extends Lifetime, Pick<Nonzeros, "along" | "matrix" | "copies"> {
  readonly left: Node;
  readonly products: Node[];
}

/** Elements of a left factor: fewer are multiplied before lists are made, and lists of more would not fit any cache. */
const leastElements = 4096;
const mostElements = 2 ** 22;
/** What the copies of all threads may take. */
const mostBytes = 2 ** 28;

/**
 * The lists for products whose left factor is data: what the caller passes in, or something computed from that element by
 * element. Such matrices may be mostly zeros, which a run then sees; what depends on weights hardly ever is.
 */
export function planLists({
  graph,
  order,
  groups,
  sourceOf,
  inPanels,
  threads,
}: {
  readonly graph: Graph;
  readonly order: readonly Node[];
  readonly groups: readonly Group[];
  readonly sourceOf: (node: Node) => Node;
  /** Whether a right factor is in panels when it is multiplied. */
  readonly inPanels: (factor: Node) => boolean;
  readonly threads: number;
}): Listing[] {
  const data = new Set<Node>();
  for (const node of order) {
    const given = node.kind === "operation" ? node.op!.name !== "matmul" : !graph.state.includes(node);
    if (given && node.inputs.every((input) => data.has(input))) data.add(node);
  }
  const listings = new Map<string, Listing>();
  groups.forEach(({ anchor }, index) => {
    if (anchor === undefined || kernelOf(anchor) !== "matmul") return;
    const [left, right] = anchor.inputs as [Node, Node];
    const size = sizeOf(left.shape);
    const transposed = transposesLeft(anchor);
    const copies = transposed ? threads : 1;
    if (!data.has(left) || !inPanels(right) || size < leastElements || size > mostElements) return;
    if (copies * entryBytes * size > mostBytes) return;
    const matrix = matrixOf(left.shape);
    const source = sourceOf(left);
    const first = groups.findIndex((group) => group.nodes.includes(source));
    const listingOf = (along: Listing["along"], left: Node, first: number): Listing => {
      const key = `${order.indexOf(source)} ${along} ${matrix.columns}`;
      const extent = { along, matrix, copies: along === "columns" ? copies : 1 };
      const bytes = extent.copies * copyBytes(extent);
      const listing = listings.get(key) ?? { left, ...extent, products: [], bytes, first };
      listings.set(key, { ...listing, last: index });
      return listings.get(key)!;
    };
    // Lists of columns are made from those of rows, behind the product that follows these: divided by panels, it has brought
    // every list to each thread.
    const ofRows = listingOf("rows", left, first);
    const [follower] = ofRows.products;
    const behind = follower === undefined ? first : groups.findIndex((group) => group.anchor === follower);
    const after = Math.max(first, Math.min(behind, index - 1));
    (transposed ? listingOf("columns", ofRows.left, after) : ofRows).products.push(anchor);
  });
  return [...listings.values()];
}
