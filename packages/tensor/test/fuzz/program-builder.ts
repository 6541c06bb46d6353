/** A random program in the making: its values as traced tensors, and views of them that fit one another. */

import { type DType, type Shape, sizeOf, type Tensor } from "../../src/index.ts";
import { placeholder } from "../../src/op.ts";
import type { Draws } from "./draws.ts";
import { leafValues } from "./leaf-values.ts";
import { type Argument, apply, type Call, type Leaf, Ref, renumbered } from "./program.ts";

/** How large the values of a program may become. */
export interface Extent {
  /** Of an axis: ranges of lengths, each with how often one is drawn from it. */
  readonly lengths: readonly (readonly [weight: number, range: readonly [least: number, most: number]])[];
  /** Elements of a value. */
  readonly mostElements: number;
}

export class ProgramBuilder {
  readonly draws: Draws;
  readonly leaves: Leaf[] = [];
  readonly calls: Call[] = [];
  /** Leaves and results of calls, in the order in which they were added. */
  readonly values: Tensor[] = [];
  /** What each value is: the leaf or call of that number. */
  readonly #places: { readonly of: "leaf" | "call"; readonly number: number }[] = [];
  readonly #extent: Extent;
  /** A program has few sizes, so that its values often fit. */
  readonly #sizes: readonly number[];

  constructor(draws: Draws, extent: Extent) {
    this.draws = draws;
    this.#extent = extent;
    this.#sizes = Array.from({ length: draws.integer(1, 3) }, () => this.#size());
  }

  /** Adds a leaf with values of its own. */
  leaf(role: Leaf["role"], dtype: DType, shape: Shape = this.shape()): number {
    const data = leafValues(this.draws, dtype, sizeOf(shape));
    this.#places.push({ of: "leaf", number: this.leaves.push({ role, shape, dtype, data }) - 1 });
    return this.values.push(placeholder({ shape, dtype })) - 1;
  }

  /** Adds a call and returns its value; undefined where it is not valid or too large. */
  call(name: string, ...args: readonly Argument[]): number | undefined {
    try {
      const value = apply({ name, args }, this.values);
      if (value.size > this.#extent.mostElements) return undefined;
      this.#places.push({ of: "call", number: this.calls.push({ name, args }) - 1 });
      return this.values.push(value) - 1;
    } catch {
      return undefined;
    }
  }

  /** The number of a value in the program: leaves first. */
  numberOf(index: number): number {
    const { of, number } = this.#places[index]!;
    return of === "leaf" ? number : this.leaves.length + number;
  }

  /** The values that are states. */
  states(): number[] {
    return this.#places.flatMap(({ of, number }, i) =>
      of === "leaf" && this.leaves[number]!.role === "state" ? [i] : [],
    );
  }

  /** The calls, with the values that they name under their numbers in the program. */
  numberedCalls(): Call[] {
    const numberOf = (index: number): number => this.numberOf(index);
    return this.calls.map(({ name, args }) => ({ name, args: args.map((each) => renumbered(each, numberOf)) }));
  }

  /** A value, recent ones more often. @throws unless there is one of the dtypes. */
  value(dtypes: readonly DType[] = ["float32", "float64", "int32", "uint8"]): number {
    const fitting = this.values.flatMap(({ dtype }, i) => (dtypes.includes(dtype) ? [i] : []));
    if (fitting.length === 0) return this.leaf("input", this.draws.pick(dtypes));
    return this.draws.pick(this.draws.chance(0.4) ? fitting.slice(-3) : fitting);
  }

  /** A value of `dtype` of which `shape` can be had by repeating axes, or that is stretched by `shape`; mostly `self`. */
  partner(self: number, dtype: DType = this.values[self]!.dtype): number | undefined {
    const { draws } = this;
    const other = draws.chance(0.4) ? self : this.value();
    const source = this.values[other]!.dtype === dtype ? other : this.call("cast", new Ref(other), dtype);
    return source === undefined ? undefined : this.fitted(this.#turned(source), this.values[self]!.shape);
  }

  /** A view of a value that broadcasts with `shape`. */
  fitted(index: number, shape: Shape): number | undefined {
    const value = this.values[index]!;
    const candidates = viewsBeside(value.shape, shape).filter((view) => this.#broadcasts(view, shape));
    if (candidates.length > 0) return this.call("reshape", new Ref(index), [...this.draws.pick(candidates)]);
    return this.call("sum", new Ref(index), { axis: this.draws.integer(0, value.shape.length - 1), keepDims: true });
  }

  /** A view of a value with exactly `shape`, as far as its size allows. */
  shaped(index: number, shape: Shape): number | undefined {
    const { shape: from } = this.values[index]!;
    if (String(from) === String(shape)) return index;
    if (sizeOf(from) === sizeOf(shape)) return this.call("reshape", new Ref(index), [...shape]);
    return this.call("broadcastTo", new Ref(index), [...shape]);
  }

  /** A random shape of at most four axes. */
  shape(): Shape {
    const { draws } = this;
    const shape: number[] = [];
    const rank = draws.weighted([
      [1, 0],
      [4, 1],
      [6, 2],
      [2, 3],
      [1, 4],
    ]);
    while (shape.length < rank) {
      const size = draws.chance(0.15) ? 1 : draws.pick(this.#sizes);
      shape.push(sizeOf([...shape, size]) > this.#extent.mostElements ? draws.integer(1, 2) : size);
    }
    return sizeOf(shape) > this.#extent.mostElements ? [draws.pick(this.#sizes)] : shape;
  }

  /** A random shape of `size` elements. */
  shapeOf(size: number): Shape {
    const { draws } = this;
    const shape: number[] = [];
    let rest = size;
    while (shape.length < 3 && draws.chance(0.6)) {
      const divisors = size === 0 ? [0, 1, 3] : divisorsOf(rest);
      shape.push(draws.pick(divisors));
      rest = size === 0 ? 0 : rest / shape.at(-1)!;
    }
    return draws.shuffled([...shape, rest]);
  }

  #size(): number {
    return this.draws.integer(...this.draws.weighted(this.#extent.lengths));
  }

  #broadcasts(a: Shape, b: Shape): boolean {
    const rank = Math.max(a.length, b.length);
    let size = 1;
    for (let axis = 1; axis <= rank; axis++) {
      const [left, right] = [a.at(-axis) ?? 1, b.at(-axis) ?? 1];
      if (left !== right && left !== 1 && right !== 1) return false;
      size *= left === 1 ? right : left;
    }
    return size <= this.#extent.mostElements;
  }

  /** The value, now and then with its axes in another order. */
  #turned(index: number): number {
    return this.draws.chance(0.15) ? (this.call("transpose", new Ref(index)) ?? index) : index;
  }
}

/** Shapes with as many elements as `from` that may stretch along `shape`, or be stretched by it. */
function viewsBeside(from: Shape, shape: Shape): Shape[] {
  const size = sizeOf(from);
  const along = shape.flatMap((length, axis) => {
    const alone = shape.map((_, i) => (i === axis ? size : 1));
    return length === size || length === 1 ? [alone, alone.slice(axis)] : [];
  });
  // All axes but one, and all but the first few.
  const partly = shape.flatMap((_, axis) => [shape.with(axis, 1), shape.slice(axis)]);
  const fitting = [shape, shape.toReversed(), ...partly].filter((view) => sizeOf(view) === size);
  return [from, [size], [size, 1], [1, size], [...shape.slice(0, -1), size, 1], ...along, ...fitting].filter(
    (view) => sizeOf(view) === size && view.length <= 4,
  );
}

/** The divisors of a positive number. */
export function divisorsOf(size: number): number[] {
  return Array.from({ length: size }, (_, i) => i + 1).filter((divisor) => size % divisor === 0);
}
