/**
 * Lists of the elements of a matrix that are not zero. A product that follows them skips the zeros of its left factor:
 * images of handwriting, one-hot rows and counts of words are mostly zeros. Each element of the result then is the same
 * sum without terms ±0, which change no bit of it: the sum starts from +0, so it is never −0.
 */

import type { I32 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32, memoryFill, select } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { panelColumns } from "./gemm.ts";
import type { MatrixShape } from "./operand.ts";

/** Bytes of an entry: the element, then at `indexOffset` how far into a panel its row of the right factor lies. */
export const entryBytes = 8;
export const indexOffset = 4;

/** The lists of a matrix: one for each row, for A · B, or one for each column, for Aᵀ · B. */
export interface Nonzeros {
  readonly along: "rows" | "columns";
  readonly matrix: MatrixShape;
  /**
   * How often all lists are made, one copy behind the other. Those of rows once, a part by each thread. Those of columns
   * once by each thread for itself: making them takes no longer than fetching the half that another thread has made.
   */
  readonly copies: number;
  /** What they are made from. Of rows: where the matrix begins, row-major float32. Of columns: `address` of its rows' lists. */
  readonly source: number;
  /** Where the length of each list of the first copy stands, in bytes; behind them the lists begin. */
  readonly address: number;
}

type Extent = Pick<Nonzeros, "along" | "matrix">;

/** The number of lists of a copy. */
export function listCount({ along, matrix }: Extent): number {
  return along === "rows" ? matrix.rows : matrix.columns;
}

/** The number of independent parts of the kernel that makes them: lists, or copies. */
export function nonzerosItems(nonzeros: Pick<Nonzeros, "along" | "matrix" | "copies">): number {
  return nonzeros.along === "rows" ? listCount(nonzeros) : nonzeros.copies;
}

/** Bytes from one list to the next: as many entries as can be, and one that is written and not counted. */
export function listStride({ along, matrix }: Extent): number {
  return entryBytes * ((along === "rows" ? matrix.columns : matrix.rows) + 1);
}

/** Bytes from the lengths to the first list. */
export function lengthsBytes(extent: Extent): number {
  return 16 * Math.ceil(listCount(extent) / 4);
}

/** Bytes that lengths and lists of a copy take: whole cache lines. */
export function copyBytes(extent: Extent): number {
  return 64 * Math.ceil((lengthsBytes(extent) + listCount(extent) * listStride(extent)) / 64);
}

/**
 * The copy that a thread reads whose share of a kernel's `items` begins with item `first`: its own, if there are as many items as
 * threads; else some thread's, and `ranges.ts` says whose.
 */
export function copyOfShare({ copies }: Pick<Nonzeros, "copies">, first: number, items: number): number {
  return Math.min(copies - 1, Math.ceil((first * copies) / items));
}

/** `copyOfShare` in code: where the copy begins. */
export function copyStart(f: FunctionBuilder, nonzeros: Nonzeros, first: I32, items: number): Local<"i32"> {
  const { copies, address } = nonzeros;
  if (copies === 1) return f.let(i32.const(address));
  const copy = f.let(i32.divU(i32.add(i32.mul(first, i32.const(copies)), i32.const(items - 1)), i32.const(items)));
  f.add(copy.set(select(copy.get, i32.const(copies - 1), i32.ltU(copy.get, i32.const(copies)))));
  return f.let(i32.add(i32.const(address), i32.mul(copy.get, i32.const(copyBytes(nonzeros)))));
}

/** Lists of a greater share of all elements are not followed: that would save little or nothing. */
const greatestShare = 0.4;

/** The greatest sum of lengths that lists are followed at, in bytes. */
export function longestTotal({ matrix }: Extent): number {
  return entryBytes * Math.floor(matrix.rows * matrix.columns * greatestShare);
}

/** Body of a function (first, end) over `nonzerosItems`: makes the lists. */
export function emitNonzeros(f: FunctionBuilder, nonzeros: Nonzeros): void {
  if (nonzeros.along === "rows") emitRowLists(f, nonzeros);
  else emitColumnLists(f, nonzeros);
}

/** Whether all lists of the copy at `start` are together short enough to be followed. */
export function areShort(f: FunctionBuilder, nonzeros: Extent, start: Local<"i32">): I32 {
  const total = f.let(i32.const(0));
  const address = f.let(start.get);
  const end = f.let(i32.add(start.get, i32.const(4 * listCount(nonzeros))));
  f.for(address, end.get, 4, () => {
    f.add(total.set(i32.add(total.get, i32.load(address.get))));
  });
  return i32.leU(total.get, i32.const(longestTotal(nonzeros)));
}

/** Sets `count` lengths such that nobody follows any list. */
function giveUp(f: FunctionBuilder, nonzeros: Extent, lengths: Local<"i32">, count: I32): void {
  f.add(memoryFill(lengths.get, i32.const(0), i32.shl(count, i32.const(2))));
  f.add(i32.store(lengths.get, i32.const(longestTotal(nonzeros) + 1)));
}

/** Where the length of a list stands in the copy at `start`. */
export function lengthAt(start: Local<"i32">, list: I32): I32 {
  return i32.add(start.get, i32.shl(list, i32.const(2)));
}

/** Where a list begins in the copy at `start`. */
export function listStart(nonzeros: Extent, start: Local<"i32">, list: I32): I32 {
  const lists = i32.add(start.get, i32.const(lengthsBytes(nonzeros)));
  return i32.add(lists, i32.mul(list, i32.const(listStride(nonzeros))));
}

// Row by row. As soon as the lists grow longer than is worth following, the rest is left.
function emitRowLists(f: FunctionBuilder, nonzeros: Nonzeros): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  // What the lists may take so far: their even share, and a quarter of all of it ahead.
  const share = Math.ceil(longestTotal(nonzeros) / nonzeros.matrix.rows);
  const allowed = f.let(i32.shrU(i32.mul(i32.sub(end.get, row.get), i32.const(share)), i32.const(2)));
  const total = f.let(i32.const(0));
  const lists = f.let(i32.const(nonzeros.address));
  f.for(row, end.get, 1, () => {
    const start = f.let(listStart(nonzeros, lists, row.get));
    const cursor = f.let(start.get);
    emitRow(f, nonzeros, row, cursor);
    const length = f.let(i32.sub(cursor.get, start.get));
    f.add(total.set(i32.add(total.get, length.get)));
    f.add(i32.store(lengthAt(lists, row.get), length.get));
    f.add(allowed.set(i32.add(allowed.get, i32.const(share))));
    f.if(i32.gtU(total.get, allowed.get), () => {
      giveUp(f, nonzeros, f.let(lengthAt(lists, row.get)), i32.sub(end.get, row.get));
      f.return();
    });
  });
}

/** The list of a row, four columns at a time. */
function emitRow(
  f: FunctionBuilder,
  { matrix: { columns }, source }: Nonzeros,
  row: Local<"i32">,
  cursor: Local<"i32">,
): void {
  const address = f.let(i32.add(i32.const(source), i32.mul(row.get, i32.const(4 * columns))));
  const index = f.let(i32.const(0));
  const [vector, mask] = [f.local("v128"), f.local("i32")];
  // Every element is written, and the cursor steps over what counts: no branch, for where zeros are nobody foresees.
  const four = (lanes: number): void => {
    f.add(vector.set(v128.load(address.get)));
    f.add(mask.set(i32x4.bitmask(f32x4.ne(vector.get, f32x4.const(0)))));
    for (let lane = 0; lane < lanes; lane++) {
      f.add(v128.store32Lane(cursor.get, vector.get, lane));
      f.add(i32.store(cursor.get, i32.add(index.get, i32.const(4 * panelColumns * lane)), indexOffset));
      const bit = i32.and(mask.get, i32.const(1 << lane));
      f.add(cursor.set(i32.add(cursor.get, i32.shl(bit, i32.const(3 - lane)))));
    }
  };
  const whole = columns - (columns % 4);
  f.while(i32.ltU(index.get, i32.const(4 * panelColumns * whole)), () => {
    four(4);
    f.add(address.set(i32.add(address.get, i32.const(16))));
    f.add(index.set(i32.add(index.get, i32.const(16 * panelColumns))));
  });
  if (whole < columns) four(columns - whole);
}

// From the rows' lists, which hold less than the matrix.
function emitColumnLists(f: FunctionBuilder, nonzeros: Nonzeros): void {
  const [copy, end] = [f.parameter(0), f.parameter(1)];
  const { rows, columns } = nonzeros.matrix;
  const ofRows: Extent = { along: "rows", matrix: nonzeros.matrix };
  const rowLists = f.let(i32.const(nonzeros.source));
  const short = f.let(areShort(f, ofRows, rowLists));
  f.for(copy, end.get, 1, () => {
    const lists = f.let(i32.add(i32.const(nonzeros.address), i32.mul(copy.get, i32.const(copyBytes(nonzeros)))));
    const makeLists = (): void => {
      // While lists grow, where each ends stands in the place of its length: to append takes a load and a store less.
      eachFourStarts(f, nonzeros, lists, (address, starts) => f.add(v128.store(address.get, starts.get)));
      const row = f.let(i32.const(0));
      f.for(row, i32.const(rows), 1, () => {
        const at = f.let(i32.shl(row.get, i32.const(6)));
        const cursor = f.let(listStart(ofRows, rowLists, row.get));
        const stop = f.let(i32.add(cursor.get, i32.load(lengthAt(rowLists, row.get))));
        f.for(cursor, stop.get, entryBytes, () => {
          const endAt = f.let(i32.add(lists.get, i32.shrU(i32.load(cursor.get, indexOffset), i32.const(4))));
          const entry = f.let(i32.load(endAt.get));
          f.add(i32.store(entry.get, i32.load(cursor.get)), i32.store(entry.get, at.get, indexOffset));
          f.add(i32.store(endAt.get, i32.add(entry.get, i32.const(entryBytes))));
        });
      });
      eachFourStarts(f, nonzeros, lists, (address, starts) => {
        f.add(v128.store(address.get, i32x4.sub(v128.load(address.get), starts.get)));
      });
    };
    f.if(short.get, makeLists, () => giveUp(f, nonzeros, lists, i32.const(columns)));
  });
}

/** Visits the lengths of a copy, four at a time, with the addresses at which their lists start. */
function eachFourStarts(
  f: FunctionBuilder,
  nonzeros: Extent,
  lists: Local<"i32">,
  visit: (lengths: Local<"i32">, starts: Local<"v128">) => void,
): void {
  const starts = f.let(i32x4.splat(listStart(nonzeros, lists, i32.const(0))));
  const stride = listStride(nonzeros);
  for (const lane of [1, 2, 3]) {
    const start = i32.add(i32x4.extractLane(starts.get, 0), i32.const(lane * stride));
    f.add(starts.set(i32x4.replaceLane(starts.get, lane, start)));
  }
  const address = f.let(lists.get);
  const end = f.let(i32.add(lists.get, i32.const(lengthsBytes(nonzeros))));
  f.for(address, end.get, 16, () => {
    visit(address, starts);
    f.add(starts.set(i32x4.add(starts.get, i32x4.splat(i32.const(4 * stride)))));
  });
}
