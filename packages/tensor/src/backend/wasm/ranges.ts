/**
 * The memory that kernels touch, and which part of it each thread does: two kernels can run side by side where no thread
 * writes in one what another thread touches in the other.
 */

import { bytesPerElement } from "../../dtype.ts";
import type { Group } from "../../graph/fuse.ts";
import type { Node, TensorType } from "../../graph/graph.ts";
import { sameShape, sizeOf } from "../../shape.ts";
import { chainInputs } from "./kernels/chain.ts";
import { panelColumns } from "./kernels/gemm.ts";
import { copyBytes, copyOfShare, type Nonzeros } from "./kernels/nonzeros.ts";
import { type Cut, matrixOf, type Place, stretchOf, stridesIn } from "./kernels/operand.ts";
import { hasShortRows, shortRowsItems, shortRowsScratch } from "./kernels/short-rows.ts";
import { kernelOf, mayFail, transposesLeft } from "./roles.ts";
import type { Schedule } from "./schedule.ts";
import { bytesIn } from "./values.ts";

/** Addresses from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  /** Only these bytes of each row of a row-major matrix that begins at `start`. */
  readonly band?: { readonly rowBytes: number; readonly from: number; readonly to: number };
}

/** What a kernel, or some of its items, reads and writes. */
export interface Ranges {
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
}

/** Whether one of the two writes what the other touches. */
export function conflict(a: Ranges, b: Ranges): boolean {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(some: readonly Range[], others: readonly Range[]): boolean {
  return some.some((one) => others.some((other) => meet(one, other)));
}

function meet(one: Range, other: Range): boolean {
  if (one.start >= other.end || other.start >= one.end) return false;
  const [a, b] = [one.band, other.band];
  if (a === undefined || b === undefined || one.start !== other.start || a.rowBytes !== b.rowBytes) return true;
  return a.from < b.to && b.from < a.to;
}

/** The memory of a value at a place. */
export function rangeOf({ address, layout }: Place, type: TensorType): Range {
  return { start: address, end: address + bytesIn(layout, type) };
}

/** The memory of some copies of the lists of a matrix. */
export function rangeOfCopies(nonzeros: Nonzeros, first: number, end: number): Range {
  const { address } = nonzeros;
  return { start: address + first * copyBytes(nonzeros), end: address + end * copyBytes(nonzeros) };
}

/** What some items take: `from` to before `to` along an axis of a matrix. */
interface Part extends Omit<Cut, "size"> {
  readonly from: number;
  readonly to: number;
}

/**
 * What items of the kernel of a group touch, from the first to before the last; all that the kernel touches where nothing
 * is known of the way in which they divide it.
 */
export function touchedBy(
  plan: Schedule,
  group: Group,
  { cut, items }: { readonly cut?: Cut | undefined; readonly items: number },
): (first: number, end: number) => Ranges {
  return (first, end) => {
    const part = cut && { ...cut, from: first * cut.size, to: end * cut.size };
    const ofValue = (node: Node, part: Part | undefined): Range[] =>
      // A value is read where it stands or in a copy: counting all of them is safe. A number written into the code has no place.
      [plan.place(node), plan.rows(node), plan.factor(node)].flatMap((place: Place | undefined) =>
        place === undefined ? [] : [rangeOfPart(place, node, part)],
      );
    const { anchor, outputs } = group;
    const reads = [
      ...chainInputs({ fusion: plan.fusion, group }).flatMap((node) => ofValue(node, part && stretched(node, part))),
      ...(anchor?.inputs ?? []).flatMap((node, i) => ofValue(node, part && ofFactor(anchor!, i, part))),
    ];
    const writes = outputs.map((node) => rangeOfPart(plan.place(node), node, part && ofOutput(node, part)));
    if (anchor === undefined) return { reads, writes };
    const lists = plan.nonzeros(anchor);
    if (lists !== undefined) {
      const copy = copyOfShare(lists, first, items);
      reads.push(rangeOfCopies(lists, copy, copy + 1));
    }
    // A label outside the classes is noted in the status.
    if (mayFail(anchor)) writes.push({ start: plan.statusAddress, end: plan.statusAddress + 4 });
    if (hasShortRows(anchor)) {
      const bytes = shortRowsScratch({ group, fusion: plan.fusion }) / shortRowsItems(anchor);
      writes.push({ start: plan.scratch(group) + first * bytes, end: plan.scratch(group) + end * bytes });
    }
    return { reads, writes };
  };
}

/** The part of an input that a chain reads beside its own elements. */
function stretched({ shape }: Node, part: Part): Part | undefined {
  const stretch = stretchOf(shape, part.shape);
  if (stretch === "full" || (stretch === "row" && part.axis === "columns")) return part;
  return stretch === "column" && part.axis === "rows" ? { ...part, axis: "elements" } : undefined;
}

/** The part of an input that the anchor of a group reads. */
function ofFactor(anchor: Node, index: number, part: Part): Part | undefined {
  if (kernelOf(anchor) !== "matmul") return sameShape(anchor.inputs[index]!.shape, part.shape) ? part : undefined;
  if (index === 1) return part.axis === "columns" ? part : undefined;
  if (part.axis === "columns") return undefined;
  return transposesLeft(anchor) ? { ...part, axis: "columns" } : part;
}

/** The part of an output that is written: a value for each element, or one for each row or column. */
function ofOutput({ shape }: Node, part: Part): Part | undefined {
  if (sameShape(shape, part.shape)) return part;
  const { rows, columns } = matrixOf(part.shape);
  const oneEach = sizeOf(shape) === { rows, columns, elements: undefined }[part.axis];
  return oneEach ? { ...part, axis: "elements" } : undefined;
}

function rangeOfPart(place: Place, type: TensorType, part: Part | undefined): Range {
  const whole = rangeOf(place, type);
  if (part === undefined) return whole;
  const { rows, columns } = matrixOf(type.shape);
  const bytes = bytesPerElement[type.dtype];
  const between = (from: number, to: number): Range => ({
    start: place.address + from * bytes,
    end: place.address + to * bytes,
  });
  if (place.layout === "panels") {
    if (part.axis !== "columns") return whole;
    const perPanel = stridesIn("panels", { rows, columns }).panelBytes / bytes;
    return between(Math.floor(part.from / panelColumns) * perPanel, Math.ceil(part.to / panelColumns) * perPanel);
  }
  if (part.axis === "rows") return between(part.from * columns, part.to * columns);
  if (part.axis === "elements" || rows === 1) return between(part.from, part.to);
  return { ...whole, band: { rowBytes: columns * bytes, from: part.from * bytes, to: part.to * bytes } };
}
