/**
 * Softmax over rows of a few elements, with what follows it row by row: eight rows at a time, a row in each lane and two
 * vectors for each column, which V8 can pack into one. A cross-entropy and its derivative are one such kernel: the logits
 * are read once, and neither probabilities nor their logarithms reach memory.
 */

import type { Role } from "../../../graph/fuse.ts";
import type { Node } from "../../../graph/graph.ts";
import { type Shape, sameShape, sizeOf } from "../../../shape.ts";
import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32, select } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { type ChainContext, chainInputs, chainLanes, readInvariant } from "./chain.ts";
import { expF32x4, logF32x4, withFloat32Constants } from "./float32-math.ts";
import { emitLanes, type Lanes, storedForm } from "./lanes.ts";
import { matrixOf, type Place, stretchOf, stridesIn, uniformValue } from "./operand.ts";

/** The longest row whose columns are held in a vector each. */
const longestLaneRow = 16;

/** Whether a softmax or its logarithm is over rows so short. */
export function hasShortRows(node: Node): boolean {
  const name = node.op?.name;
  return (
    (name === "softmax" || name === "logSoftmax") && node.shape.at(-1)! <= longestLaneRow && sizeOf(node.shape) > 0
  );
}

/** Whether a node sums each row of a float32 matrix. */
export function sumsRows(node: Node): boolean {
  const [input] = node.inputs;
  if (node.op?.name !== "sum" || node.dtype !== "float32" || input!.dtype !== "float32") return false;
  const { axes } = node.attributes as { readonly axes: readonly number[] };
  return axes.length === 1 && axes[0] === input!.shape.length - 1;
}

/** Whether a node can be computed in the kernel of a softmax over short rows. */
export function mayFollowRows(node: Node, softmax: Node, role: Role): boolean {
  if (role === "rows") return sameShape(node.inputs[0]!.shape, softmax.shape);
  return sameShape(node.shape, softmax.shape);
}

/** Rows of an item. */
export const rowsAtOnce = 8;

/** The number of independent parts of the kernel: eights of rows. */
export function shortRowsItems({ shape }: Node): number {
  return Math.ceil(matrixOf(shape).rows / rowsAtOnce);
}

/** Values that come from memory or go there, with the place of each in an item's scratch memory, column after column. */
interface Slots {
  readonly inputs: readonly Node[];
  readonly offsetOf: ReadonlyMap<Node, number>;
  /** What the softmax keeps between its loops: a value for each column, and the total of each row. */
  readonly shifted: number;
  readonly total: number;
  readonly bytes: number;
}

const columnBytes = 4 * rowsAtOnce;

function slotsOf({ group, fusion }: Pick<ChainContext, "group" | "fusion">): Slots {
  const { shape } = group.anchor!;
  const inputs = new Set([group.anchor!.inputs[0]!]);
  for (const input of chainInputs({ group, fusion })) if (varies(input, shape)) inputs.add(input);
  const offsetOf = new Map<Node, number>();
  let bytes = 0;
  for (const node of [...inputs, ...group.outputs]) {
    if (offsetOf.has(node)) continue;
    offsetOf.set(node, bytes);
    bytes += columnBytes * (sameShape(node.shape, shape) ? matrixOf(shape).columns : 1);
  }
  const shifted = bytes;
  const total = shifted + columnBytes * matrixOf(shape).columns;
  return { inputs: [...inputs], offsetOf, shifted, total, bytes: total + columnBytes };
}

/** Whether an input has a value for each row. */
function varies(input: Node, shape: Shape): boolean {
  const stretch = stretchOf(input.shape, shape);
  return uniformValue(input) === undefined && stretch !== "scalar" && stretch !== "row";
}

/** Bytes of scratch memory of the whole kernel. */
export function shortRowsScratch(context: Pick<ChainContext, "group" | "fusion">): number {
  return shortRowsItems(context.group.anchor!) * slotsOf(context).bytes;
}

/** Body of a function (first, end) over eights of rows: the softmax at the head of the group and what follows it. */
export function emitShortRows(f: FunctionBuilder, context: ChainContext, logits: Place, scratch: number): void {
  const { group } = context;
  const softmax = group.anchor!;
  const slots = slotsOf(context);
  const names = group.nodes.map((node) => node.op!.name);
  const invariant = readInvariant(f, context);
  for (const input of chainInputs(context)) invariant(input);
  const base = f.local("i32");
  const read =
    (column: number, half: number) =>
    (input: Node): Lanes => {
      const kind = input.dtype === "float32" ? "f32" : "i32";
      const known = invariant(input);
      if (known !== undefined) return known;
      if (!varies(input, softmax.shape)) return { kind, local: f.let(splatOf(input, context.place(input), column)) };
      const whole = sameShape(input.shape, softmax.shape);
      const offset = slots.offsetOf.get(input)! + columnBytes * (whole ? column : 0);
      return { kind, local: f.let(v128.load(base.get, offset + 16 * half)) };
    };
  const eachItem = (body: (rows: Rows) => void): void => {
    const item = f.let(f.parameter(0).get);
    f.for(item, f.parameter(1).get, 1, () => {
      f.add(base.set(i32.add(i32.const(scratch), i32.mul(item.get, i32.const(slots.bytes)))));
      body(new Rows(f, softmax.shape, item));
    });
  };
  /** The results of both halves of eight rows, stored by `offsets`, the higher first where V8 is to pack them. */
  const store = (halves: readonly (readonly V128[])[], offsets: readonly number[]): void => {
    offsets.forEach((offset, i) => {
      for (const half of context.packable ? [1, 0] : [0, 1])
        f.add(v128.store(base.get, halves[half]![i]!, offset + 16 * half));
    });
  };
  const load = (offset: number, half: number): Local<"v128"> => f.let(v128.load(base.get, offset + 16 * half));
  const shiftedOf = (column: number): number => slots.shifted + columnBytes * column;
  const columns = Array.from({ length: matrixOf(softmax.shape).columns }, (_, column) => column);
  const logarithm = softmax.op!.name === "logSoftmax";
  // Several loops, though one would do. A vector that is loaded right behind the stores of its lanes waits for them; and
  // exponential, logarithm and what follows wait for one another, so that a loop over all three is twice as long as the
  // processor looks ahead, where one of them overlaps with itself on the next rows.
  eachItem((rows) => {
    for (const input of slots.inputs) {
      const place = input === softmax.inputs[0] ? logits : context.place(input);
      rows.gather(input, place, base, slots.offsetOf.get(input)!);
    }
  });
  withFloat32Constants(f, ["exp"], () =>
    eachItem(() => {
      const halves = [0, 1].map((half) => {
        const values = columns.map((column) => read(column, half)(softmax.inputs[0]!).local);
        const { shifted, total } = emitPowers(f, values, logarithm);
        return [...shifted.map((local) => local.get), total.get];
      });
      store(halves, [...columns.map(shiftedOf), slots.total]);
    }),
  );
  if (logarithm)
    withFloat32Constants(f, ["log"], () =>
      eachItem(() => {
        const halves = [0, 1].map((half) => [logF32x4(f, load(slots.total, half).get)]);
        store(halves, [slots.total]);
      }),
    );
  withFloat32Constants(f, names, () =>
    eachItem(() => {
      const halves = [0, 1].map((half) => {
        const total = load(slots.total, half);
        const results = columns.map((column) => {
          const shifted = load(shiftedOf(column), half);
          return f.let(logarithm ? f32x4.sub(shifted.get, total.get) : f32x4.div(shifted.get, total.get));
        });
        return emitFollowers(f, context, results, (column) => read(column, half));
      });
      for (const output of group.outputs) {
        const stored = sameShape(output.shape, softmax.shape) ? columns : [0];
        store(
          halves.map((known) => stored.map((column) => storedForm(known[column]!.get(output)!))),
          stored.map((column) => slots.offsetOf.get(output)! + columnBytes * column),
        );
      }
    }),
  );
  eachItem((rows) => {
    for (const output of group.outputs) rows.scatter(output, context.place(output), base, slots.offsetOf.get(output)!);
  });
}

/** All nodes of the group for four rows, the softmax being known: the lanes of each, column by column. */
function emitFollowers(
  f: FunctionBuilder,
  context: ChainContext,
  results: readonly Local<"v128">[],
  readOf: (column: number) => (input: Node) => Lanes,
): Map<Node, Lanes>[] {
  const { nodes, anchor: softmax } = context.group;
  const known = results.map((local) => new Map<Node, Lanes>([[softmax!, { kind: "f32", local }]]));
  const lanesOf = known.map((values, column) => chainLanes(f, context, readOf(column), values));
  for (const node of nodes) {
    if (node === softmax) continue;
    if (sumsRows(node)) {
      const total = f.let(f32x4.const(0));
      for (const lanes of lanesOf) f.add(total.set(f32x4.add(total.get, lanes(node.inputs[0]!).local.get)));
      for (const values of known) values.set(node, { kind: "f32", local: total });
    } else {
      known.forEach((values, column) => {
        values.set(node, emitLanes(f, node, node.inputs.map(lanesOf[column]!)));
      });
    }
  }
  return known;
}

/** One element of a row that all rows share, in every lane. */
function splatOf(input: Node, { address }: Place, column: number): V128 {
  if (input.dtype === "uint8") return i32x4.splat(i32.load8U(i32.const(address + column)));
  return v128.load32Splat(i32.const(address + 4 * column));
}

/**
 * The beginning of a softmax of four rows, column by column, as `ops/softmax.ts` computes it: exponentials of what remains
 * without the largest, or for a logarithm what remains; and the sum of the exponentials.
 */
function emitPowers(
  f: FunctionBuilder,
  values: readonly Local<"v128">[],
  logarithm: boolean,
): { readonly shifted: readonly Local<"v128">[]; readonly total: Local<"v128"> } {
  // A NaN that pmax passes over makes the total NaN, and which zero is the largest makes no difference.
  const largest = f.let(values[0]!.get);
  for (const value of values.slice(1)) f.add(largest.set(f32x4.pmax(largest.get, value.get)));
  const total = f.let(f32x4.const(0));
  const shifted = values.map((value) => {
    const difference = f.let(f32x4.sub(value.get, largest.get));
    const power = f.let(expF32x4(f, difference.get));
    f.add(total.set(f32x4.add(total.get, power.get)));
    return logarithm ? difference : power;
  });
  return { shifted, total };
}

/** The rows of an item, in memory as everybody else sees them. */
class Rows {
  readonly #f: FunctionBuilder;
  readonly #shape: Shape;
  readonly #item: Local<"i32">;
  /** Offsets of the rows, by the bytes from one row to the next. */
  readonly #offsets = new Map<number, readonly Local<"i32">[]>();

  constructor(f: FunctionBuilder, shape: Shape, item: Local<"i32">) {
    this.#f = f;
    this.#shape = shape;
    this.#item = item;
  }

  /** Copies an input to scratch memory, column by column. */
  gather(input: Node, place: Place, base: Local<"i32">, offset: number): void {
    const load = input.dtype === "uint8" ? i32.load8U : i32.load;
    this.#each(input, place, (row, from, to) => this.#f.add(i32.store(base.get, load(row.get, from), offset + to)));
  }

  /** Copies an output from scratch memory. */
  scatter(output: Node, place: Place, base: Local<"i32">, offset: number): void {
    const store = output.dtype === "uint8" ? i32.store8 : i32.store;
    this.#each(output, place, (row, to, from) => this.#f.add(store(row.get, i32.load(base.get, offset + from), to)));
  }

  #each(
    { shape, dtype }: Node,
    { address, layout }: Place,
    copy: (row: Local<"i32">, inMemory: number, inScratch: number) => void,
  ): void {
    const whole = sameShape(shape, this.#shape);
    const bytes = dtype === "uint8" ? 1 : 4;
    const { columns } = matrixOf(this.#shape);
    const rowBytes = !whole ? bytes : dtype === "uint8" ? columns : stridesIn(layout, matrixOf(shape)).rowBytes;
    const rows = this.#offsetsOf(rowBytes);
    for (let column = 0; column < (whole ? columns : 1); column++) {
      rows.forEach((row, i) => {
        copy(row, address + bytes * column, columnBytes * column + 4 * i);
      });
    }
  }

  /** Behind the last row the last row stands in, with the same results. */
  #offsetsOf(rowBytes: number): readonly Local<"i32">[] {
    const known = this.#offsets.get(rowBytes);
    if (known !== undefined) return known;
    const { rows } = matrixOf(this.#shape);
    const offsets = Array.from({ length: rowsAtOnce }, (_, i) => {
      const row: I32 = i32.add(i32.mul(this.#item.get, i32.const(rowsAtOnce)), i32.const(i));
      const inside = rows % rowsAtOnce === 0 ? row : select(row, i32.const(rows - 1), i32.ltU(row, i32.const(rows)));
      return this.#f.let(i32.mul(inside, i32.const(rowBytes)));
    });
    this.#offsets.set(rowBytes, offsets);
    return offsets;
  }
}
