/** What the engine has kernels for, and how each operation takes part in fusion. */

import type { Role } from "../../graph/fuse.ts";
import { type Node, usersOf } from "../../graph/graph.ts";
import { sumMayOverflow } from "../../ops/sum.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import { laneRole } from "./kernels/lanes.ts";
import { stretchOf, uniformValue } from "./kernels/operand.ts";
import { readsPanels, reductionOf } from "./kernels/reduce.ts";
import { hasShortRows, mayFollowRows, sumsRows } from "./kernels/short-rows.ts";

/** The kernel of a node that is not elementwise; undefined where the reference loops must serve. */
export type KernelName =
  | "matmul"
  | "sum"
  | "max"
  | "min"
  | "softmax"
  | "logSoftmax"
  | "argmax"
  | "oneHot"
  | "transpose"
  | "uniform"
  | "cast"
  | "concat"
  | "slice"
  | "pad";

export function kernelOf(node: Node): KernelName | undefined {
  const name = node.op!.name;
  const [input] = node.inputs;
  switch (name) {
    case "matmul":
      return node.dtype === "float32" && node.inputs[1]!.shape[0] !== 0 ? name : undefined;
    case "sum":
    case "max":
    case "min":
      return reductionOf(node) === undefined ? undefined : name;
    case "uniform":
    case "concat":
    case "slice":
    case "pad":
      return name;
    case "cast":
      return input!.dtype === "float64" && node.dtype === "float32" ? name : undefined;
    case "softmax":
    case "logSoftmax":
      return input!.dtype === "float32" ? name : undefined;
    case "argmax": {
      const { axis } = node.attributes as { readonly axis: number };
      return input!.dtype === "float32" && axis === input!.shape.length - 1 ? name : undefined;
    }
    case "oneHot":
      return node.dtype === "float32" ? name : undefined;
    case "transpose":
      return node.dtype === "float32" && isMatrixTranspose(node) ? name : undefined;
    default:
      return undefined;
  }
}

/** Whether a product multiplies by the transpose of its left factor, as `simplify` has it. */
export function transposesLeft(product: Node): boolean {
  return (product.attributes as { readonly transposeA?: boolean } | undefined)?.transposeA === true;
}

/** Whether a run may end at a node: one that refuses some values, labels outside the classes or sums outside int32. */
export function mayFail(node: Node): boolean {
  const [input] = node.inputs;
  if (node.op!.name === "sum") return sumMayOverflow(sizeOf(input!.shape) / Math.max(1, sizeOf(node.shape)), input!);
  return node.op!.name === "oneHot";
}

const costly = new Set(["exp", "log", "tanh", "sigmoid"]);

/**
 * Whether an operation becomes part of an anchor's loop. A costly operation is not fused into a matmul whose last vector is
 * mostly idle (5 columns use 5 of 8 lanes).
 */
export function mayFollow(node: Node, anchor: Node, reads: boolean, role: Role): boolean {
  if (hasShortRows(anchor)) return mayFollowRows(node, anchor, role);
  if (!reads || role === "rows" || !sameShape(node.shape, anchor.shape)) return false;
  const columns = anchor.shape.at(-1)!;
  return !costly.has(node.op!.name) || columns >= 16 || columns % 4 === 0;
}

/** Whether a node is a reduction whose kernel reads its input in any layout. */
export function readsAnyLayout(node: Node): boolean {
  const reduction = reductionOf(node);
  return reduction !== undefined && readsPanels(reduction, node.inputs[0]!.shape);
}

/** Whether a node exchanges the axes of a matrix. */
export function isMatrixTranspose(node: Node): boolean {
  const { axes } = node.attributes as { readonly axes: readonly number[] };
  return axes.length === 2 && axes[0] === 1;
}

/** The role of every operation of `order`. */
export function rolesOf(order: readonly Node[]): (node: Node) => Role {
  const roles = new Map<Node, Role>();
  const users = usersOf(order);
  // Users first: whether a comparison can live in registers depends on them.
  for (const node of [...order].reverse()) {
    if (node.kind === "operation") roles.set(node, roleOf(node, users.get(node) ?? [], roles));
  }
  return (node) => roles.get(node) ?? "kernel";
}

function roleOf(node: Node, users: readonly Node[], roles: ReadonlyMap<Node, Role>): Role {
  const { name } = node.op!;
  if (name === "identity" || name === "reshape") return "alias";
  const stretches = node.inputs.every(
    (input) => uniformValue(input) !== undefined || stretchOf(input.shape, node.shape) !== undefined,
  );
  const lanes = stretches ? laneRole(node) : undefined;
  if (lanes !== undefined) {
    const inRegisters = users.every((user) => {
      const role = roles.get(user);
      return (role === "elementwise" || role === "inline") && sameShape(user.shape, node.shape);
    });
    if (lanes === "elementwise") return lanes;
    return inRegisters && users.length > 0 ? "inline" : "elementwise";
  }
  const kernel = kernelOf(node);
  if (kernel === undefined) return "kernel";
  if (kernel === "matmul" || hasShortRows(node)) return "anchor";
  return sumsRows(node) ? "rows" : "kernel";
}
