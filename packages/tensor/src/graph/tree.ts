/** Nested records and arrays of tensors: what traced functions take and give. */

import { ArgumentError, describe } from "../errors.ts";
import { Tensor } from "../tensor.ts";

/** A tensor, or an array or record of trees. (To the compiler a record is a type alias or literal; an interface is none.) */
export type Tree = Tensor | readonly Tree[] | { readonly [name: string]: Tree };

/** The tensors of a tree, in an order that its keys fix (records by sorted key). */
export function leavesOf(operation: string, tree: Tree): Tensor[] {
  const leaves: Tensor[] = [];
  mapTree(operation, tree, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  return leaves;
}

/**
 * A tree of the same form with each tensor replaced, in the order of `leavesOf`.
 * @throws ArgumentError where there is something other than a tensor, array or record.
 */
export function mapTree<T extends Tree>(operation: string, tree: T, replace: (leaf: Tensor) => Tensor): T {
  const visit = (value: Tree): Tree => {
    if (value instanceof Tensor) return replace(value);
    if (isArray(value)) return value.map(visit);
    const record = checkRecord(operation, value);
    const visited = new Map(
      Object.keys(record)
        .sort()
        .map((name) => [name, visit(record[name]!)]),
    );
    return Object.fromEntries(Object.keys(record).map((name) => [name, visited.get(name)!]));
  };
  return visit(tree) as T;
}

/** What makes two trees the same to a compiled program: form, shapes and dtypes. */
export function signatureOf(operation: string, tree: Tree): string {
  const visit = (value: Tree): string => {
    if (value instanceof Tensor) return `${value.dtype}[${value.shape.join(", ")}]`;
    if (isArray(value)) return `(${value.map(visit).join("; ")})`;
    const record = checkRecord(operation, value);
    const fields = Object.keys(record)
      .sort()
      .map((name) => `${JSON.stringify(name)}: ${visit(record[name]!)}`);
    return `{${fields.join("; ")}}`;
  };
  return visit(tree);
}

function isArray(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function checkRecord(operation: string, value: unknown): { readonly [name: string]: Tree } {
  if (Object.prototype.toString.call(value) === "[object Object]") return value as { readonly [name: string]: Tree };
  throw new ArgumentError({
    operation,
    received: describe(value),
    expected: "tensors, or arrays and records of tensors",
    ...(typeof value === "number" && { fix: `Wrap the number: tensor(${value}).` }),
  });
}
