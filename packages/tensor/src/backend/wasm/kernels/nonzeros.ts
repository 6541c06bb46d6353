/**
 * Lists of the elements of a matrix that are not zero. A product that follows them skips the zeros of its left factor:
 * images of handwriting, one-hot rows and counts of words are mostly zeros. Each element of the result then is the same
 * sum without terms ±0, which change no bit of it: the sum starts from +0, so it is never −0.
 */

import type { I32 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32, memoryFill } from "../assembler/scalar.ts";
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
  /** What they are made from. Of rows: where the matrix begins, row-major float32. Of columns: `address` of its rows' lists. */
  readonly source: number;
  /** Where the length of each list stands, in bytes; behind them the lists begin. */
  readonly address: number;
}

type Extent = Pick<Nonzeros, "along" | "matrix">;

/** The number of lists. */
export function listCount({ along, matrix }: Extent): number {
  return along === "rows" ? matrix.rows : matrix.columns;
}

/** Bytes from one list to the next: as many entries as can be, and one that is written and not counted. */
export function listStride({ along, matrix }: Extent): number {
  return entryBytes * ((along === "rows" ? matrix.columns : matrix.rows) + 1);
}

/** Bytes from `address` to the first list. */
export function lengthsBytes(extent: Extent): number {
  return 16 * Math.ceil(listCount(extent) / 4);
}

/** Bytes that lengths and lists take. */
export function nonzerosBytes(extent: Extent): number {
  return lengthsBytes(extent) + listCount(extent) * listStride(extent);
}

/** Lists of a greater share of all elements are not followed: that would save little or nothing. */
const greatestShare = 0.4;

/** The greatest sum of lengths that lists are followed at, in bytes. */
export function longestTotal({ matrix }: Extent): number {
  return entryBytes * Math.floor(matrix.rows * matrix.columns * greatestShare);
}

/** Body of a function (first, end) over lists: makes them. */
export function emitNonzeros(f: FunctionBuilder, nonzeros: Nonzeros): void {
  if (nonzeros.along === "rows") emitRowLists(f, nonzeros);
  else emitColumnLists(f, nonzeros);
}

/** Whether all lists together are short enough to be followed. */
export function areShort(f: FunctionBuilder, nonzeros: Pick<Nonzeros, "along" | "matrix" | "address">): I32 {
  const total = f.let(i32.const(0));
  const address = f.let(i32.const(nonzeros.address));
  f.for(address, i32.const(nonzeros.address + 4 * listCount(nonzeros)), 4, () => {
    f.add(total.set(i32.add(total.get, i32.load(address.get))));
  });
  return i32.leU(total.get, i32.const(longestTotal(nonzeros)));
}

/** Sets lengths of lists `first` … `end` − 1 such that nobody follows any list. */
function giveUp(f: FunctionBuilder, nonzeros: Nonzeros, first: Local<"i32">, end: Local<"i32">): void {
  const at = f.let(i32.add(i32.const(nonzeros.address), i32.shl(first.get, i32.const(2))));
  f.add(memoryFill(at.get, i32.const(0), i32.shl(i32.sub(end.get, first.get), i32.const(2))));
  f.add(i32.store(at.get, i32.const(longestTotal(nonzeros) + 1)));
  f.return();
}

/** Where a list begins. */
export function listStart(nonzeros: Nonzeros, list: I32): I32 {
  const lists = i32.const(nonzeros.address + lengthsBytes(nonzeros));
  return i32.add(lists, i32.mul(list, i32.const(listStride(nonzeros))));
}

// Row by row. As soon as the lists grow longer than is worth following, the rest is left.
function emitRowLists(f: FunctionBuilder, nonzeros: Nonzeros): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  // What the lists may take so far: their even share, and a quarter of all of it ahead.
  const share = Math.ceil(longestTotal(nonzeros) / nonzeros.matrix.rows);
  const allowed = f.let(i32.shrU(i32.mul(i32.sub(end.get, row.get), i32.const(share)), i32.const(2)));
  const total = f.let(i32.const(0));
  f.for(row, end.get, 1, () => {
    const start = f.let(listStart(nonzeros, row.get));
    const cursor = f.let(start.get);
    emitRow(f, nonzeros, row, cursor);
    const length = f.let(i32.sub(cursor.get, start.get));
    f.add(total.set(i32.add(total.get, length.get)));
    f.add(i32.store(i32.shl(row.get, i32.const(2)), length.get, nonzeros.address));
    f.add(allowed.set(i32.add(allowed.get, i32.const(share))));
    f.if(i32.gtU(total.get, allowed.get), () => giveUp(f, nonzeros, row, end));
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

// From the rows' lists, which hold less than the matrix: those of another thread are far away.
function emitColumnLists(f: FunctionBuilder, nonzeros: Nonzeros): void {
  const [first, end] = [f.parameter(0), f.parameter(1)];
  const ofRows: Nonzeros = { ...nonzeros, along: "rows", address: nonzeros.source };
  f.if(i32.eqz(areShort(f, ofRows)), () => giveUp(f, nonzeros, first, end));
  const [count, lengths] = [i32.sub(end.get, first.get), i32.const(nonzeros.address)];
  f.add(memoryFill(i32.add(lengths, i32.shl(first.get, i32.const(2))), i32.const(0), i32.shl(count, i32.const(2))));
  const [from, to] = [first, end].map((column) => f.let(i32.shl(column.get, i32.const(6)))) as [
    Local<"i32">,
    Local<"i32">,
  ];
  const row = f.let(i32.const(0));
  f.for(row, i32.const(nonzeros.matrix.rows), 1, () => {
    const start = f.let(listStart(ofRows, row.get));
    const cursor = f.let(start.get);
    const length = i32.load(i32.shl(row.get, i32.const(2)), ofRows.address);
    const stop = f.let(i32.add(cursor.get, length));
    const index = f.local("i32");
    const at = f.let(i32.shl(row.get, i32.const(6)));
    const append = (): void => {
      const column = f.let(i32.shrU(index.get, i32.const(6)));
      const lengthAt = f.let(i32.add(lengths, i32.shl(column.get, i32.const(2))));
      const used = f.let(i32.load(lengthAt.get));
      const entry = f.let(i32.add(listStart(nonzeros, column.get), used.get));
      f.add(i32.store(entry.get, i32.load(cursor.get)), i32.store(entry.get, at.get, indexOffset));
      f.add(i32.store(lengthAt.get, i32.add(used.get, i32.const(entryBytes))));
    };
    // The last columns from behind: another thread may have written the list, and each line of it that is read comes from there.
    f.if(
      i32.eq(end.get, i32.const(nonzeros.matrix.columns)),
      () => {
        const previous = (): I32 => i32.sub(stop.get, i32.const(entryBytes));
        f.while(i32.ltU(start.get, stop.get), () => {
          f.add(cursor.set(previous()), index.set(i32.load(cursor.get, indexOffset)));
          f.if(
            i32.ltU(index.get, from.get),
            () => f.add(stop.set(start.get)),
            () => {
              append();
              f.add(stop.set(cursor.get));
            },
          );
        });
      },
      () => {
        f.if(from.get, () => firstNotBefore(f, cursor, stop, from));
        // Behind the last entry stands one that is not counted.
        f.add(index.set(i32.load(cursor.get, indexOffset)));
        f.while(i32.and(i32.ltU(cursor.get, stop.get), i32.ltU(index.get, to.get)), () => {
          append();
          f.add(cursor.set(i32.add(cursor.get, i32.const(entryBytes))));
          f.add(index.set(i32.load(cursor.get, indexOffset)));
        });
      },
    );
  });
}

/** Moves `cursor` to the first entry of a sorted list whose index is at least `from`: bisection. */
function firstNotBefore(f: FunctionBuilder, cursor: Local<"i32">, stop: Local<"i32">, from: Local<"i32">): void {
  const high = f.let(stop.get);
  f.while(i32.ltU(cursor.get, high.get), () => {
    const half = i32.and(i32.shrU(i32.sub(high.get, cursor.get), i32.const(1)), i32.const(-entryBytes));
    const middle = f.let(i32.add(cursor.get, half));
    f.if(
      i32.ltU(i32.load(middle.get, indexOffset), from.get),
      () => f.add(cursor.set(i32.add(middle.get, i32.const(entryBytes)))),
      () => f.add(high.set(middle.get)),
    );
  });
}
