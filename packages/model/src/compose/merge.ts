/** Layers that join branches: sums, products, and features side by side. */

import {
  ArgumentError,
  add as addTensors,
  concat,
  type FloatDType,
  type FormatShape,
  formatShape,
  multiply as multiplyTensors,
  type Shape,
  ShapeError,
  sameShape,
  type Tensor,
} from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { Unfit } from "../contract/layer.ts";
import type { Merge } from "../contract/model.ts";
import { isNode, type ModelNode, nodesOf } from "../contract/node.ts";
import type { Add } from "../contract/size-of.ts";

/** How branches are joined. */
export type MergeKind = "add" | "multiply" | "concatenate";

type FloatTensor = Tensor<Shape, FloatDType>;

/** The merge of a kind. @throws ArgumentError for another kind. */
export function mergeOf(operation: string, kind: MergeKind): Merge {
  const merge = merges[kind];
  if (merge !== undefined && Object.hasOwn(merges, kind)) return merge;
  throw new ArgumentError({
    operation,
    received: `merge ${JSON.stringify(kind)}`,
    expected: Object.keys(merges)
      .map((name) => `"${name}"`)
      .join(", "),
  });
}

const merges: { readonly [Kind in MergeKind]: Merge } = {
  add: elementwise("add", (a, b) => addTensors(a, b) as FloatTensor),
  multiply: elementwise("multiply", (a, b) => multiplyTensors(a, b) as FloatTensor),
  concatenate: {
    kind: "concatenate",
    call: "concatenate()",
    config: {},
    infer([first, ...rest]) {
      const axis = first!.length - 1;
      if (
        axis < 0 ||
        !rest.every((shape) => shape.length === first!.length && sameShape(shape.with(axis, 0), first!.with(axis, 0)))
      ) {
        return { expected: "branches whose shapes differ in their last size only", fix: "Flatten them first." };
      }
      return first!.with(
        axis,
        rest.reduce((total, shape) => total + shape[axis]!, first![axis]!),
      );
    },
    apply: (xs) => concat(xs, { axis: -1 }) as FloatTensor,
  },
};

function elementwise(kind: MergeKind, join: (a: FloatTensor, b: FloatTensor) => FloatTensor): Merge {
  return {
    kind,
    call: `${kind}()`,
    config: {},
    infer: ([first, ...rest]) =>
      rest.every((shape) => sameShape(shape, first!))
        ? first!
        : { expected: "branches of one shape", fix: "Bring them to one shape, with dense for example." },
    apply: ([first, ...rest]) => rest.reduce((sum, x) => join(sum, x), first!),
  };
}

/** The shape that branches of `shapes` join to. @throws ShapeError when they do not fit each other. */
export function mergeShapes(operation: string, merge: Merge, shapes: readonly Shape[]): Shape {
  const output: Shape | Unfit = merge.infer(shapes);
  if (!("expected" in output)) return output;
  throw new ShapeError({ operation, received: `shapes ${shapes.map(formatShape).join(" and ")}`, ...output });
}

/** For the compiler: the shape of branches side by side. `Shape` where it does not know. */
export type ConcatenatedShapes<Shapes extends readonly unknown[]> = Shapes extends readonly [
  infer First extends Shape,
  ...infer Rest,
]
  ? Rest extends readonly []
    ? First
    : Rest extends readonly [infer Second extends Shape, ...infer More]
      ? First extends readonly [...infer Head extends Shape, infer A extends number]
        ? Second extends readonly [...infer _ extends Shape, infer B extends number]
          ? ConcatenatedShapes<[[...Head, Add<A, B>], ...More]>
          : Shape
        : Shape
      : Shape
  : Shape;

/** For the compiler: the shape that all branches have, or a message. */
type EqualShapes<Call extends string, First extends Shape, S extends Shape> = number extends
  | First["length"]
  | S["length"]
  ? unknown
  : First extends S
    ? unknown
    : `${Call}: received shapes ${FormatShape<First>} and ${FormatShape<S>}; expected branches of one shape. Bring them to one shape, with dense for example.`;

/** The nodes of branches side by side along the last axis. @throws ShapeError when other sizes differ. */
export function concatenate<const S extends readonly Shape[]>(
  ...nodes: { [I in keyof S]: ModelNode<S[I]> }
): ModelNode<ConcatenatedShapes<S>> {
  return mergeNodes("concatenate", nodes as readonly ModelNode[]) as never;
}

/** The sum of branches of one shape, element by element. @throws ShapeError when shapes differ. */
export function add<S extends Shape, T extends Shape>(
  first: ModelNode<S>,
  second: ModelNode<T> & EqualShapes<"add()", S, T>,
  ...more: ModelNode<S>[]
): ModelNode<S> {
  return mergeNodes("add", [first, second, ...more] as readonly ModelNode[]) as never;
}

/** The product of branches of one shape, element by element. @throws ShapeError when shapes differ. */
export function multiply<S extends Shape, T extends Shape>(
  first: ModelNode<S>,
  second: ModelNode<T> & EqualShapes<"multiply()", S, T>,
  ...more: ModelNode<S>[]
): ModelNode<S> {
  return mergeNodes("multiply", [first, second, ...more] as readonly ModelNode[]) as never;
}

function mergeNodes(kind: MergeKind, nodes: readonly ModelNode[]): unknown {
  const wrong: { readonly node: unknown } | undefined = nodes
    .map((node) => ({ node }))
    .find(({ node }) => !isNode(node));
  const operation = `${kind}()`;
  if (nodes.length < 2 || wrong !== undefined) {
    throw new ArgumentError({
      operation,
      received: wrong === undefined ? `${nodes.length} nodes` : formatValue(wrong.node),
      expected: "two nodes or more",
      ...(Array.isArray(nodes[0]) && { fix: `Spread the array: ${kind}(...nodes).` }),
    });
  }
  const merge = mergeOf(operation, kind);
  return nodesOf(
    merge,
    nodes,
    mergeShapes(
      operation,
      merge,
      nodes.map(({ shape }) => shape),
    ),
  );
}
