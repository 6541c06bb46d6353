/**
 * Where a gradient is zero whatever the values: the branch of a `where` that was not taken, what a slice cut off. There an
 * elementwise operation must pass on a zero, though its factor be infinite: the derivative of log at 0 times 0 is NaN. A
 * zero that the values give (that of `square` at 0) is not structural, and times infinity stays NaN.
 *
 * The mask ends at operations that mix elements: products of matrices, softmax.
 */

import { isFloat } from "../dtype.ts";
import { applyOp, traced } from "../op.ts";
import { equal, greater, less, lessEqual, notEqual } from "../ops/comparison.ts";
import { sum } from "../ops/sum.ts";
import { where } from "../ops/where.ts";
import { zerosLike } from "../ops/zeros-like.ts";
import { type Shape, sameShape } from "../shape.ts";
import { ones, Tensor } from "../tensor.ts";
import type { Node } from "./graph.ts";

/** In uint8 and of the shape of a gradient: 0 where that is a structural zero. */
type Mask = Tensor<Shape, "uint8">;

const masks = new WeakMap<Node, Mask | "none">();

/**
 * The mask of a traced gradient, undefined where nothing is known. Asked for gradients from the loss backwards, so that it
 * looks no further than the operations of one derivative.
 */
export function structuralMask(gradient: Tensor): Mask | undefined {
  return gradient.node && maskOf(gradient.node);
}

/** `gradient`, computed from another of the same shape by an elementwise operation, with the structural zeros of that one. */
export function withStructuralZeros(gradient: Tensor, mask: Mask): Tensor {
  return structuralMask(gradient) === undefined ? where(mask, gradient, zerosLike(gradient)) : gradient;
}

function maskOf(node: Node): Mask | undefined {
  const known = masks.get(node);
  if (known !== undefined) return known === "none" ? undefined : known;
  const mask = computeMask(node);
  masks.set(node, mask ?? "none");
  return mask;
}

function computeMask(node: Node): Mask | undefined {
  const [first, second, third] = node.inputs;
  switch (node.op?.name) {
    case "where": {
      const condition = tensorOf(first!) as Mask;
      if (isZero(third!)) return both(condition, maskOf(second!));
      if (isZero(second!)) return both(equal(condition, 0) as Mask, maskOf(third!));
      const [a, b] = [maskOf(second!), maskOf(third!)];
      return a === b ? a : undefined;
    }
    case "add":
      return sameShape(first!.shape, second!.shape) ? either(maskOf(first!), maskOf(second!)) : undefined;
    case "negative":
    case "identity":
      return maskOf(first!);
    case "cast":
      return isFloat(first!.dtype) ? maskOf(first!) : undefined;
    case "multiply":
    case "divide":
      return maskOfProduct(node, first!, second!);
    case "sum": {
      const mask = maskOf(first!);
      const { axes } = node.attributes as { readonly axes: readonly number[] };
      return mask && (greater(sum(mask, { axis: axes, keepDims: true }) as Tensor<Shape, "int32">, 0) as Mask);
    }
    case "reshape":
    case "broadcastTo":
    case "transpose":
    case "slice":
      return moved(node, maskOf(first!));
    case "pad":
      return moved(node, maskOf(first!) ?? traced(ones(first!.shape, { dtype: "uint8" }) as Mask));
    default:
      return undefined;
  }
}

/** Of a gradient times or divided by another value: a constant that makes no zero NaN, or a comparison that the gradient is counted by. */
function maskOfProduct(node: Node, first: Node, second: Node): Mask | undefined {
  if (!sameShape(first.shape, node.shape)) return undefined;
  if (node.op!.name === "multiply" && first.op?.name === "cast" && first.inputs[0]!.dtype === "uint8")
    return tensorOf(first.inputs[0]!) as Mask;
  const harmless = (factor: number): boolean =>
    Number.isFinite(factor) && (node.op!.name === "multiply" || factor !== 0);
  return second.kind === "constant" && second.data!.every(harmless) ? maskOf(first) : undefined;
}

/** The mask of elements moved as `node` moves them. */
function moved({ op, attributes }: Node, mask: Mask | undefined): Mask | undefined {
  return mask && (applyOp(op!, [mask], attributes) as Mask);
}

/** a and b; `b` undefined is 1 everywhere. */
function both(a: Mask, b: Mask | undefined): Mask {
  return b === undefined ? a : (less(equal(a, 0), truth(b)) as Mask);
}

/** a or b; undefined is 1 everywhere, as are a mask and its opposite together. */
function either(a: Mask | undefined, b: Mask | undefined): Mask | undefined {
  if (a === undefined || b === undefined || isOpposite(a, b) || isOpposite(b, a)) return undefined;
  return a.node === b.node ? a : (lessEqual(equal(a, 0), truth(b)) as Mask);
}

/** Whether `b` is `a = 0`. */
function isOpposite(a: Mask, b: Mask): boolean {
  const { op, inputs = [] } = b.node ?? {};
  return op?.name === "equal" && inputs[0] === a.node && isZero(inputs[1]!);
}

/** A mask as 0 and 1; a condition may hold other numbers. */
function truth(mask: Mask): Mask {
  const name = mask.node?.op?.name ?? "";
  return comparisons.has(name) ? mask : (notEqual(mask, 0) as Mask);
}

const comparisons = new Set(["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"]);

function isZero({ kind, data }: Node): boolean {
  return kind === "constant" && data!.every((value) => value === 0);
}

function tensorOf(node: Node): Tensor {
  return new Tensor(node.shape, node.dtype, { node });
}
