/**
 * A chain of elementwise operations, emitted once for each vector of four lanes: inputs loaded, operations in locals. The
 * kernels that hold a chain load its inputs and store its outputs.
 */

import type { Fusion, Group } from "../../../graph/fuse.ts";
import type { Node } from "../../../graph/graph.ts";
import { sameShape, sizeOf } from "../../../shape.ts";
import type { V128 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { emitLanes, type Lanes } from "./lanes.ts";
import { type Place, uniformValue } from "./operand.ts";

/** What a chain needs to know of its surroundings. */
export interface ChainContext {
  readonly fusion: Fusion;
  readonly group: Group;
  readonly place: (node: Node) => Place;
  /** Whether V8 may pack two stores into one of 256 bits: it does where the higher address is stored first. */
  readonly packable: boolean;
}

export type Read = (input: Node) => Lanes;

/**
 * The lanes of any value that the chain reads, for one vector: those in `known`, operations computed in place, and inputs
 * as `read` loads them, each once. What the kernel computes is known by the node that computes it; what it loads by the
 * node that reads it, because under another shape the same memory stretches another way.
 */
export function chainLanes(
  f: FunctionBuilder,
  { fusion }: ChainContext,
  read: Read,
  known: Map<Node, Lanes>,
): (node: Node) => Lanes {
  const loaded = new Map<Node, Lanes>();
  const lanesOf = (node: Node): Lanes => {
    const source = fusion.sourceOf(node);
    const reader = sameShape(node.shape, source.shape) ? source : node;
    const found = known.get(source) ?? loaded.get(reader);
    if (found !== undefined) return found;
    if (fusion.isInlined(source)) {
      const lanes = emitLanes(f, source, source.inputs.map(lanesOf));
      known.set(source, lanes);
      return lanes;
    }
    const lanes = read(node);
    loaded.set(reader, lanes);
    return lanes;
  };
  return lanesOf;
}

/** Emits the chain for one vector; `known` holds values that are there already (an anchor's product). */
export function emitChain(f: FunctionBuilder, context: ChainContext, read: Read, known: Map<Node, Lanes>): void {
  const lanesOf = chainLanes(f, context, read, known);
  const { anchor, nodes } = context.group;
  for (const node of nodes) {
    if (node !== anchor) known.set(node, emitLanes(f, node, node.inputs.map(lanesOf)));
  }
}

/** Inputs that are the same for every vector, loaded once before the loops. */
export function readInvariant(f: FunctionBuilder, { place }: ChainContext): (input: Node) => Lanes | undefined {
  const loaded = new Map<Node, Lanes>();
  return (input) => {
    if (sizeOf(input.shape) !== 1 && uniformValue(input) === undefined) return undefined;
    const known = loaded.get(input);
    if (known !== undefined) return known;
    const lanes = { kind: kindOf(input), local: f.let(splat(input, place)) };
    loaded.set(input, lanes);
    return lanes;
  };
}

function splat(input: Node, place: (node: Node) => Place): V128 {
  const constant = uniformValue(input);
  if (constant !== undefined) return input.dtype === "float32" ? f32x4.const(constant) : i32x4.const(constant);
  const address = i32.const(place(input).address);
  return input.dtype === "uint8" ? i32x4.splat(i32.load8U(address)) : v128.load32Splat(address);
}

export function kindOf(node: Node): "f32" | "i32" {
  return node.dtype === "float32" ? "f32" : "i32";
}

/** Every input that the chain may read, through inlined operations. */
export function chainInputs({ fusion, group }: Pick<ChainContext, "fusion" | "group">): Node[] {
  const members = new Set<Node>(group.nodes);
  const walk = (node: Node): Node[] =>
    node.inputs.flatMap((input) => {
      const source = fusion.sourceOf(input);
      if (members.has(source)) return [];
      return fusion.isInlined(source) ? walk(source) : [input];
    });
  return [...new Set(group.nodes.filter((node) => node !== group.anchor).flatMap(walk))];
}

/** The order in which the vectors of one value are stored. */
export function storeOrder({ packable }: ChainContext, count: number): number[] {
  const ascending = Array.from({ length: count }, (_, i) => i);
  return packable ? ascending.reverse() : ascending;
}
