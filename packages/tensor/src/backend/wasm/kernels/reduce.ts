/**
 * Sums, largest and smallest elements along axes that are neighbours. Each follows the reference loops element by element,
 * so that its bits are the same. A sum of int32 counts how often it leaves the range, upwards less downwards; the exact sum
 * fits if 0 is left, as in `ops/sum.ts`.
 */

import type { Node } from "../../../graph/graph.ts";
import { type Shape, sizeOf } from "../../../shape.ts";
import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { f32, i32, select } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { type Cut, matrixOf, type Place, stridesIn } from "./operand.ts";
import { storeLanes } from "./part-vectors.ts";

/** An array as the reduction sees it: (outer, reduced, inner). */
export interface Reduction {
  readonly name: "sum" | "max" | "min";
  readonly dtype: "float32" | "int32" | "uint8";
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
}

/** The reduction that a node is, if there is a kernel for it: its axes are neighbours, but for axes of size 1. */
export function reductionOf(node: Node): Reduction | undefined {
  const name = node.op?.name;
  if (name !== "sum" && name !== "max" && name !== "min") return undefined;
  const { shape, dtype } = node.inputs[0]!;
  if (dtype === "float64" || (dtype === "uint8" && name !== "sum")) return undefined;
  const { axes } = node.attributes as { readonly axes: readonly number[] };
  const long = axes.filter((axis) => shape[axis] !== 1);
  const [first = shape.length, last = shape.length - 1] = [long[0], long.at(-1)];
  const between = shape.slice(first, last + 1);
  if (between.filter((length) => length !== 1).length !== long.length) return undefined;
  const reduction: Reduction = {
    name,
    dtype,
    outer: sizeOf(shape.slice(0, first)),
    reduced: sizeOf(between),
    inner: sizeOf(shape.slice(last + 1)),
  };
  return dtype === "uint8" && reduction.inner > 1 ? undefined : reduction;
}

/** Whether the kernel reads a matrix in any layout: it sums the columns of one. */
export function readsPanels({ name, dtype, outer, inner }: Reduction, shape: Shape): boolean {
  return name === "sum" && dtype === "float32" && outer === 1 && inner > 1 && matrixOf(shape).columns === inner;
}

/** The number of independent parts: outputs, or groups of four neighbouring ones. */
export function reductionItems({ outer, inner }: Reduction): number {
  return inner === 1 ? outer : outer * Math.ceil(inner / 4);
}

/** What an item reads of an input of `shape`: a row or four columns of it, where it is a matrix for the reduction too. */
export function reductionCut({ outer, reduced, inner }: Reduction, shape: Shape): Cut | undefined {
  const { rows, columns } = matrixOf(shape);
  if (inner === 1 && rows === outer && columns === reduced) return { shape, axis: "rows", size: 1 };
  return outer === 1 && columns === inner ? { shape, axis: "columns", size: 4 } : undefined;
}

interface ReductionPlaces {
  readonly from: Place;
  readonly to: Place;
  /** Where `failed` is written when a sum leaves int32; undefined where none can. */
  readonly status: { readonly address: number; readonly failed: number } | undefined;
}

/** Body of a function (first, end) over the items of a reduction. */
export function emitReduction(f: FunctionBuilder, reduction: Reduction, input: Node, places: ReductionPlaces): void {
  if (reduction.inner === 1) emitRows(f, reduction, places);
  else emitColumns(f, reduction, input, places);
}

/** Writes the status where `wraps` is not 0. */
function failUnlessZero(f: FunctionBuilder, wraps: I32, status: NonNullable<ReductionPlaces["status"]>): void {
  f.if(wraps, () => f.add(i32.store(i32.const(status.address), i32.const(status.failed))));
}

// One output after another, element by element.
function emitRows(
  f: FunctionBuilder,
  { name, dtype, reduced }: Reduction,
  { from, to, status }: ReductionPlaces,
): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const bytes = dtype === "uint8" ? 1 : 4;
  const [address, stop] = [f.local("i32"), f.local("i32")];
  const loop = (step: () => void): void => {
    f.while(i32.ltU(address.get, stop.get), () => {
      step();
      f.add(address.set(i32.add(address.get, i32.const(bytes))));
    });
  };
  const target = i32.mul(row.get, i32.const(4));
  f.for(row, end.get, 1, () => {
    f.add(address.set(i32.mul(row.get, i32.const(bytes * reduced))));
    f.add(stop.set(i32.add(address.get, i32.const(bytes * reduced))));
    if (dtype === "float32") {
      const element = f32.load(address.get, from.address);
      const result = f.let(name === "sum" ? f32.const(0) : element);
      const combined = { sum: f32.add, max: f32.max, min: f32.min }[name](result.get, element);
      loop(() => f.add(result.set(combined)));
      f.add(f32.store(target, result.get, to.address));
    } else {
      const element = dtype === "uint8" ? i32.load8U(address.get, from.address) : i32.load(address.get, from.address);
      const result = f.let(name === "sum" ? i32.const(0) : element);
      const value = f.local("i32");
      const wraps = status && f.let(i32.const(0));
      loop(() => {
        f.add(value.set(element));
        if (wraps !== undefined) {
          // All ones where both have the sign that their sum does not have; times the direction, 1 or −1.
          const total = i32.add(result.get, value.get);
          const wrapped = i32.and(i32.xor(result.get, total), i32.xor(value.get, total));
          const direction = i32.or(i32.shrS(value.get, i32.const(31)), i32.const(1));
          f.add(wraps.set(i32.add(wraps.get, i32.and(i32.shrS(wrapped, i32.const(31)), direction))));
        }
        f.add(result.set(combineIntegers(name, result, value)));
      });
      if (status !== undefined) failUnlessZero(f, wraps!.get, status);
      f.add(i32.store(target, result.get, to.address));
    }
  });
}

function combineIntegers(name: Reduction["name"], a: Local<"i32">, b: Local<"i32">): I32 {
  if (name === "sum") return i32.add(a.get, b.get);
  return select(a.get, b.get, name === "max" ? i32.gtS(a.get, b.get) : i32.ltS(a.get, b.get));
}

// Four neighbouring outputs at a time; the last group of a row may have fewer.
function emitColumns(
  f: FunctionBuilder,
  reduction: Reduction,
  input: Node,
  { from, to, status }: ReductionPlaces,
): void {
  const { name, dtype, outer, reduced, inner } = reduction;
  const [item, end] = [f.parameter(0), f.parameter(1)];
  const groups = Math.ceil(inner / 4);
  const panels = from.layout === "panels";
  const { panelBytes, rowBytes } = panels
    ? stridesIn("panels", matrixOf(input.shape))
    : { panelBytes: 64, rowBytes: 4 * inner };
  const combine: (a: V128, b: V128) => V128 =
    dtype === "float32"
      ? { sum: f32x4.add, max: f32x4.max, min: f32x4.min }[name]
      : { sum: i32x4.add, max: i32x4.maxS, min: i32x4.minS }[name];
  const [address, stop, result] = [f.local("i32"), f.local("i32"), f.local("v128")];
  f.for(item, end.get, 1, () => {
    const block: I32 = outer === 1 ? i32.const(0) : i32.divU(item.get, i32.const(groups));
    const group: I32 = outer === 1 ? item.get : i32.remU(item.get, i32.const(groups));
    const within = i32.add(
      i32.mul(i32.shrU(group, i32.const(2)), i32.const(panelBytes)),
      i32.shl(i32.and(group, i32.const(3)), i32.const(4)),
    );
    f.add(address.set(i32.add(i32.mul(block, i32.const(reduced * rowBytes)), within)));
    f.add(stop.set(i32.add(address.get, i32.const(reduced * rowBytes))));
    const element = v128.load(address.get, from.address);
    f.add(result.set(name === "sum" ? f32x4.const(0) : element));
    const wraps = status && f.let(i32x4.const(0));
    f.while(i32.ltU(address.get, stop.get), () => {
      if (wraps !== undefined) {
        const total = i32x4.add(result.get, element);
        const wrapped = v128.and(v128.xor(result.get, total), v128.xor(element, total));
        const direction = v128.or(i32x4.shrS(element, i32.const(31)), i32x4.const(1));
        f.add(wraps.set(i32x4.add(wraps.get, v128.and(i32x4.shrS(wrapped, i32.const(31)), direction))));
      }
      f.add(result.set(combine(result.get, element)));
      f.add(address.set(i32.add(address.get, i32.const(rowBytes))));
    });
    if (status !== undefined) {
      // Lanes after the last column hold what is not summed.
      const lanes =
        inner % 4 === 0
          ? i32.const(15)
          : select(i32.const(15), i32.const(2 ** (inner % 4) - 1), i32.ltU(group, i32.const(groups - 1)));
      const nonzero = i32x4.bitmask(v128.not(i32x4.eq(wraps!.get, i32x4.const(0))));
      failUnlessZero(f, i32.and(nonzero, lanes), status);
    }
    const target = f.let(i32.add(i32.mul(block, i32.const(4 * inner)), i32.shl(group, i32.const(4))));
    if (inner % 4 === 0) f.add(v128.store(target.get, result.get, to.address));
    else {
      f.if(
        i32.ltU(group, i32.const(groups - 1)),
        () => f.add(v128.store(target.get, result.get, to.address)),
        () => storeLanes(f, target.get, result.get, inner % 4, to.address),
      );
    }
  });
}
