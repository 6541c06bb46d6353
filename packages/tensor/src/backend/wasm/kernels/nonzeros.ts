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
  /** Where the matrix begins: row-major float32. */
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

/** The number of independent parts of the kernel that makes the lists: rows, or fours of columns. */
export function nonzerosItems({ along, matrix }: Extent): number {
  return along === "rows" ? matrix.rows : Math.ceil(matrix.columns / 4);
}

/**
 * Body of a function (first, end) over items: makes their lists. As soon as they grow longer than is worth following, it
 * stops and notes a length beyond all bounds.
 */
export function emitNonzeros(f: FunctionBuilder, nonzeros: Nonzeros): void {
  const { along, address } = nonzeros;
  const [item, end] = [f.parameter(0), f.parameter(1)];
  const [items, stride] = [nonzerosItems(nonzeros), listStride(nonzeros)];
  const perItem = along === "rows" ? 1 : 4;
  const ofLast = listCount(nonzeros) - perItem * (items - 1);
  // What the lists may take so far: their even share, and a quarter of all of it ahead.
  const share = Math.ceil(longestTotal(nonzeros) / items);
  const allowed = f.let(i32.shrU(i32.mul(i32.sub(end.get, item.get), i32.const(share)), i32.const(2)));
  const total = f.let(i32.const(0));

  f.for(item, end.get, 1, () => {
    const list = f.let(i32.mul(item.get, i32.const(perItem)));
    const lengthAt = f.let(i32.add(i32.const(address), i32.shl(list.get, i32.const(2))));
    const start = f.let(i32.add(i32.const(address + lengthsBytes(nonzeros)), i32.mul(list.get, i32.const(stride))));
    const listsOf = (count: number): void => {
      const cursors = Array.from({ length: count }, (_, i) => f.let(i32.add(start.get, i32.const(i * stride))));
      if (along === "rows") emitRow(f, nonzeros, item, cursors[0]!);
      else emitColumns(f, nonzeros, item, cursors);
      cursors.forEach((cursor, i) => {
        const length = f.let(i32.sub(cursor.get, i32.add(start.get, i32.const(i * stride))));
        f.add(total.set(i32.add(total.get, length.get)), i32.store(lengthAt.get, length.get, 4 * i));
      });
    };
    if (ofLast === perItem) listsOf(perItem);
    else {
      f.if(
        i32.ltU(item.get, i32.const(items - 1)),
        () => listsOf(perItem),
        () => listsOf(ofLast),
      );
    }
    f.add(allowed.set(i32.add(allowed.get, i32.const(share))));
    f.if(i32.gtU(total.get, allowed.get), () => {
      const rest = i32.mul(i32.sub(end.get, item.get), i32.const(4 * perItem));
      f.add(memoryFill(lengthAt.get, i32.const(0), rest));
      f.add(i32.store(lengthAt.get, i32.const(longestTotal(nonzeros) + 1)));
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
  const four = (lanes: number): void => {
    const { vector, mask } = loadFour(f, address);
    for (let lane = 0; lane < lanes; lane++) {
      append(f, cursor, vector, lane, mask, i32.add(index.get, i32.const(4 * panelColumns * lane)));
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

/** The lists of up to four columns, row after row. */
function emitColumns(
  f: FunctionBuilder,
  { matrix: { rows, columns }, source }: Nonzeros,
  four: Local<"i32">,
  cursors: readonly Local<"i32">[],
): void {
  const address = f.let(i32.add(i32.const(source), i32.shl(four.get, i32.const(4))));
  const index = f.let(i32.const(0));
  f.while(i32.ltU(index.get, i32.const(4 * panelColumns * rows)), () => {
    const { vector, mask } = loadFour(f, address);
    cursors.forEach((cursor, lane) => {
      append(f, cursor, vector, lane, mask, index.get);
    });
    f.add(address.set(i32.add(address.get, i32.const(4 * columns))));
    f.add(index.set(i32.add(index.get, i32.const(4 * panelColumns))));
  });
}

/** Four elements, and a mask with a bit for each that is not zero. */
function loadFour(f: FunctionBuilder, address: Local<"i32">): { vector: Local<"v128">; mask: Local<"i32"> } {
  const vector = f.let(v128.load(address.get));
  return { vector, mask: f.let(i32x4.bitmask(f32x4.ne(vector.get, f32x4.const(0)))) };
}

/** Writes an entry behind a cursor and steps over it if it counts: no branch, for where zeros are nobody foresees. */
function append(
  f: FunctionBuilder,
  cursor: Local<"i32">,
  vector: Local<"v128">,
  lane: number,
  mask: Local<"i32">,
  index: I32,
): void {
  f.add(v128.store32Lane(cursor.get, vector.get, lane), i32.store(cursor.get, index, indexOffset));
  const bit = i32.and(mask.get, i32.const(1 << lane));
  f.add(cursor.set(i32.add(cursor.get, i32.shl(bit, i32.const(3 - lane)))));
}
