/** Nested records and arrays of tensors: what traced functions take and give. */

import { ArgumentError } from "../errors.ts";
import { Tensor } from "../tensor.ts";

/** A tensor, or an array or record of trees. */
export type Tree = Tensor<any, any> | readonly Tree[] | { readonly [name: string]: Tree };

/** The tensors of a tree, in an order that its keys fix (records by sorted key). */
export function leavesOf(operation: string, tree: Tree): Tensor[] {
  const leaves: Tensor[] = [];
  mapTree(operation, tree, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  return leaves;
}

/** A tree of the same form with each tensor replaced. @throws ArgumentError where there is something other than a tensor, array or record. */
export function mapTree<T extends Tree>(operation: string, tree: T, replace: (leaf: Tensor) => Tensor): T {
  const visit = (value: Tree): Tree => {
    if (value instanceof Tensor) return replace(value);
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value === "object" && value !== null) {
      const record = value as { readonly [name: string]: Tree };
      const visited = new Map(
        Object.keys(record)
          .sort()
          .map((name) => [name, visit(record[name]!)]),
      );
      return Object.fromEntries(Object.keys(record).map((name) => [name, visited.get(name)!]));
    }
    throw new ArgumentError({
      operation,
      received: String(value),
      expected: "tensors, or arrays and records of tensors",
    });
  };
  return visit(tree) as T;
}

/** What makes two trees the same to a compiled program: form, shapes and dtypes. */
export function signatureOf(operation: string, tree: Tree): string {
  const visit = (value: Tree): string => {
    if (value instanceof Tensor) return `${value.dtype}[${value.shape.join(",")}]`;
    if (Array.isArray(value)) return `(${value.map(visit).join(";")})`;
    if (typeof value === "object" && value !== null) {
      const record = value as { readonly [name: string]: Tree };
      return `{${Object.keys(record)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${visit(record[name]!)}`)
        .join(";")}}`;
    }
    throw new ArgumentError({
      operation,
      received: String(value),
      expected: "tensors, or arrays and records of tensors",
    });
  };
  return visit(tree);
}
