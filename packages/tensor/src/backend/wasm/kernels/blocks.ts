/** Kernels that move blocks of memory and compute nothing: concat, slice and its derivative, for every dtype. */

import { bytesPerElement } from "../../../dtype.ts";
import type { Node } from "../../../graph/graph.ts";
import { sizeOf, stridesOf } from "../../../shape.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32, memoryCopy, memoryFill } from "../assembler/scalar.ts";

/** The number of independent parts of `concat`: what lies before its axis. */
export function concatItems(node: Node): number {
  const { axis } = node.attributes as { readonly axis: number };
  return sizeOf(node.shape.slice(0, axis));
}

/** Body of a function (first, end) over the items of `concat`. */
export function emitConcat(f: FunctionBuilder, node: Node, from: readonly number[], to: number): void {
  const [item, end] = [f.parameter(0), f.parameter(1)];
  const items = concatItems(node);
  const bytesOf = ({ shape, dtype }: Node): number =>
    items === 0 ? 0 : (sizeOf(shape) / items) * bytesPerElement[dtype];
  f.for(item, end.get, 1, () => {
    const target = i32.mul(item.get, i32.const(bytesOf(node)));
    let offset = to;
    node.inputs.forEach((input, i) => {
      const source = i32.add(i32.mul(item.get, i32.const(bytesOf(input))), i32.const(from[i]!));
      f.add(memoryCopy(i32.add(target, i32.const(offset)), source, i32.const(bytesOf(input))));
      offset += bytesOf(input);
    });
  });
}

/** The blocks of a part of an array that lie in one piece in both. */
interface Pieces {
  /** How many along each of the axes before the last that is cut. */
  readonly counts: readonly number[];
  /** From one to the next along each of these axes in the whole array. */
  readonly strides: readonly number[];
  /** Where the first lies in the whole array, and how long each is, in bytes. */
  readonly offset: number;
  readonly length: number;
}

function piecesOf(part: Node, whole: Node, starts: readonly number[]): Pieces {
  const bytes = bytesPerElement[part.dtype];
  const strides = stridesOf(whole.shape).map((stride) => stride * bytes);
  const cut = Math.max(
    0,
    whole.shape.findLastIndex((length, axis) => length !== part.shape[axis]),
  );
  return {
    counts: part.shape.slice(0, cut),
    strides: strides.slice(0, cut),
    offset: starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0),
    length: sizeOf(part.shape.slice(cut)) * bytes,
  };
}

/** `part` and `whole` of `slice` and of its derivative `pad`. */
function ends(node: Node): { readonly part: Node; readonly whole: Node } {
  const [input] = node.inputs;
  return node.op!.name === "slice" ? { part: node, whole: input! } : { part: input!, whole: node };
}

/** The number of independent parts: blocks for a slice; the zeros around one are written at once. */
export function sliceItems(node: Node): number {
  const { part, whole } = ends(node);
  return node.op!.name === "slice" ? sizeOf(piecesOf(part, whole, startsOf(node)).counts) : 1;
}

function startsOf(node: Node): readonly number[] {
  return (node.attributes as { readonly starts: readonly number[] }).starts;
}

/** Body of a function (first, end) over the items of `slice`, or the one item of its derivative. */
export function emitSlice(f: FunctionBuilder, node: Node, from: number, to: number): void {
  const { part, whole } = ends(node);
  const { counts, strides, offset, length } = piecesOf(part, whole, startsOf(node));
  const cuts = node.op!.name === "slice";
  const item = cuts ? f.parameter(0) : f.local("i32");
  if (!cuts)
    f.add(memoryFill(i32.const(to), i32.const(0), i32.const(sizeOf(node.shape) * bytesPerElement[node.dtype])));
  f.for(item, cuts ? f.parameter(1).get : i32.const(sizeOf(counts)), 1, () => {
    const rest = f.let(item.get);
    const inWhole = f.let(i32.const(offset + (cuts ? from : to)));
    for (let axis = counts.length - 1; axis >= 0; axis--) {
      const index = i32.remU(rest.get, i32.const(counts[axis]!));
      f.add(inWhole.set(i32.add(inWhole.get, i32.mul(index, i32.const(strides[axis]!)))));
      f.add(rest.set(i32.divU(rest.get, i32.const(counts[axis]!))));
    }
    const inPart = i32.add(i32.mul(item.get, i32.const(length)), i32.const(cuts ? to : from));
    const [target, source] = cuts ? [inPart, inWhole.get] : [inWhole.get, inPart];
    f.add(memoryCopy(target, source, i32.const(length)));
  });
}
