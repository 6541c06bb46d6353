/** The memory that kernels touch: two of them can run side by side where neither writes what the other touches. */

import type { Group } from "../../graph/fuse.ts";
import type { Node, TensorType } from "../../graph/graph.ts";
import { nonzerosBytes } from "./kernels/nonzeros.ts";
import type { Place } from "./kernels/operand.ts";
import { hasShortRows, shortRowsScratch } from "./kernels/short-rows.ts";
import type { Schedule } from "./schedule.ts";
import { bytesIn } from "./values.ts";

/** Addresses from `start` to before `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a kernel reads and what it writes. */
export interface Ranges {
  readonly reads: readonly Range[];
  readonly writes: readonly Range[];
}

/** Whether one of the two writes what the other touches. */
export function conflict(a: Ranges, b: Ranges): boolean {
  return overlap(a.writes, b.writes) || overlap(a.writes, b.reads) || overlap(a.reads, b.writes);
}

function overlap(some: readonly Range[], others: readonly Range[]): boolean {
  return some.some((one) => others.some((other) => one.start < other.end && other.start < one.end));
}

/** The memory of a value at a place. */
export function rangeOf({ address, layout }: Place, type: TensorType): Range {
  return { start: address, end: address + bytesIn(layout, type) };
}

/** The memory that the kernel of a group touches. */
export function rangesOf(plan: Schedule, group: Group): Ranges {
  const { anchor, inputs, outputs } = group;
  // A number written into the code has no place.
  const rangesAt = (place: Place | undefined, node: Node): Range[] =>
    place === undefined ? [] : [rangeOf(place, node)];
  // An input is read where it stands or in a copy: counting all of them is safe.
  const reads = [...inputs, ...(anchor?.inputs ?? [])].flatMap((node) =>
    [plan.place(node), plan.rows(node), plan.factor(node)].flatMap((place) => rangesAt(place, node)),
  );
  const writes = outputs.flatMap((node) => rangesAt(plan.place(node), node));
  if (anchor === undefined) return { reads, writes };
  const lists = plan.nonzeros(anchor);
  if (lists !== undefined) reads.push({ start: lists.address, end: lists.address + nonzerosBytes(lists) });
  // A label outside the classes is noted in the status.
  if (anchor.op!.name === "oneHot") writes.push({ start: plan.statusAddress, end: plan.statusAddress + 4 });
  if (hasShortRows(anchor)) {
    const start = plan.scratch(group);
    writes.push({ start, end: start + shortRowsScratch({ group, fusion: plan.fusion }) });
  }
  return { reads, writes };
}
