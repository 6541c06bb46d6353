/** What a run does before and behind every step: recognises its arguments without making anything, and makes its results. */

import type { DataOf, DType } from "../dtype.ts";
import { type Shape, sameShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import type { Tree } from "./tree.ts";

/** The structure, shapes and dtypes of a tree. */
export type Form =
  | { readonly kind: "leaf"; readonly shape: Shape; readonly dtype: DType }
  | { readonly kind: "array"; readonly items: readonly Form[] }
  /** Names are sorted: the order of `leavesOf`. */
  | { readonly kind: "record"; readonly names: readonly string[]; readonly items: readonly Form[] };

/** The form of a tree that `leavesOf` accepts. */
export function formOf(tree: Tree): Form {
  if (tree instanceof Tensor) return { kind: "leaf", shape: tree.shape, dtype: tree.dtype };
  if (Array.isArray(tree)) return { kind: "array", items: (tree as readonly Tree[]).map(formOf) };
  const record = tree as { readonly [name: string]: Tree };
  const names = Object.keys(record).sort();
  return { kind: "record", names, items: names.map((name) => formOf(record[name]!)) };
}

/**
 * A function that makes trees like `tree` around values in the order of `leavesOf`, each tensor with a copy of its own:
 * what a run does behind every step.
 */
export function builderOf<T extends Tree>(tree: T): (values: readonly DataOf[]) => T {
  return build(tree, { index: 0 }) as (values: readonly DataOf[]) => T;
}

/** `next` counts leaves by their places: one tensor may stand at several, with other values later. */
function build(tree: Tree, next: { index: number }): (values: readonly DataOf[]) => Tree {
  if (tree instanceof Tensor) {
    const { shape, dtype } = tree;
    const index = next.index++;
    return (values) => new Tensor(shape, dtype, { data: values[index]!.slice() });
  }
  if (Array.isArray(tree)) {
    const items = (tree as readonly Tree[]).map((item) => build(item, next));
    return (values) => items.map((item) => item(values));
  }
  const record = tree as { readonly [name: string]: Tree };
  const names = Object.keys(record);
  const makers = new Map([...names].sort().map((name) => [name, build(record[name]!, next)]));
  const fields = names.map((name) => ({ name, make: makers.get(name)! }));
  return (values) => {
    const made: { [name: string]: Tree } = {};
    for (const { name, make } of fields) made[name] = make(values);
    return made;
  };
}

/**
 * Whether `tree` has the form `form` and holds values throughout. Then they stand in `values`, in the order of `leavesOf`;
 * else what stands there is of no use.
 */
export function matchForm(form: Form, tree: Tree, values: DataOf[]): boolean {
  values.length = 0;
  return match(form, tree, values);
}

function match(form: Form, tree: Tree, values: DataOf[]): boolean {
  if (form.kind === "leaf") {
    if (!(tree instanceof Tensor) || tree.dtype !== form.dtype || tree.node !== undefined) return false;
    if (!sameShape(tree.shape, form.shape)) return false;
    values.push(tree.data);
    return true;
  }
  const { items } = form;
  if (form.kind === "array") {
    if (!Array.isArray(tree) || tree.length !== items.length) return false;
    for (let i = 0; i < items.length; i++) if (!match(items[i]!, tree[i], values)) return false;
    return true;
  }
  if (tree instanceof Tensor || Array.isArray(tree) || typeof tree !== "object" || tree === null) return false;
  let count = 0;
  for (const name in tree) if (Object.hasOwn(tree, name)) count++;
  if (count !== items.length) return false;
  for (let i = 0; i < items.length; i++) {
    const name = form.names[i]!;
    if (!Object.hasOwn(tree, name)) return false;
    if (!match(items[i]!, (tree as { readonly [name: string]: Tree })[name]!, values)) return false;
  }
  return true;
}
