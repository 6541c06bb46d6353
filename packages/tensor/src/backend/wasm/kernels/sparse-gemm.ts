/**
 * The matrix product C = A · B along lists of the elements of A that are not zero. Each sum takes its terms in the order
 * in which the dense product takes them, so the bits are the same as long as every element of B is finite: a zero times
 * infinity is not zero. Both conditions are looked at in every run; where one fails, the dense product does the work.
 */

import type { I32 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";
import { type GemmOptions, gemmItems, gemmRange, multiplyAdd, panelColumns, type TileVector } from "./gemm.ts";
import { areShort, copyStart, entryBytes, indexOffset, lengthAt, listStart, type Nonzeros } from "./nonzeros.ts";

/** Panels of B that a row of A passes at once: as many sums as there are registers for, to hide how long an addition takes. */
const panelsAtOnce = { narrow: 2, wide: 4 } as const;

/**
 * Emits the body of a function (first, end) that computes C as `emitGemm` does and returns, where that is worth it and
 * gives the same bits; otherwise goes on with the code behind. B is in panels.
 */
export function emitSparseGemm(
  f: FunctionBuilder,
  options: GemmOptions,
  nonzeros: Nonzeros,
  b: number,
  wide: boolean,
): void {
  const { n } = options;
  const lists = copyStart(f, nonzeros, f.parameter(0).get, gemmItems(options));
  const { panel, panelEnd, rowStart, rowEnd } = gemmRange(f, options);
  const rightRange = [panel.get, panelEnd].map((at) =>
    f.let(i32.add(i32.const(b), i32.mul(at, i32.const(options.b.panelBytes)))),
  ) as [Local<"i32">, Local<"i32">];
  f.if(areShort(f, nonzeros, lists), () => {
    f.if(allFinite(f, ...rightRange), () => {
      const atOnce = panelsAtOnce[wide ? "wide" : "narrow"];
      const wholePanels = Math.floor(n / panelColumns);
      const chunk = (panels: number, columns: number): void => {
        emitChunk(f, options, nonzeros, b, { lists, panel, panels, columns, rowStart, rowEnd });
        f.add(panel.set(i32.add(panel.get, i32.const(panels))));
      };
      const isWhole = (panels: number): I32 =>
        i32.and(
          i32.leU(i32.add(panel.get, i32.const(panels)), panelEnd),
          i32.leU(i32.add(panel.get, i32.const(panels)), i32.const(wholePanels)),
        );
      if (wholePanels >= atOnce) f.while(isWhole(atOnce), () => chunk(atOnce, panelColumns));
      if (wholePanels > 0) f.while(isWhole(1), () => chunk(1, panelColumns));
      if (n % panelColumns > 0) f.if(i32.ltU(panel.get, panelEnd), () => chunk(1, n % panelColumns));
      f.return();
    });
  });
}

/** Whether every element from one address to another is finite: zero times it is zero. Both are multiples of 64 bytes apart. */
function allFinite(f: FunctionBuilder, from: Local<"i32">, to: Local<"i32">): I32 {
  const sums = [0, 16, 32, 48].map(() => f.let(f32x4.const(0)));
  const address = f.let(from.get);
  f.for(address, to.get, 64, () => {
    sums.forEach((sum, i) => {
      f.add(sum.set(f32x4.add(sum.get, f32x4.mul(v128.load(address.get, 16 * i), f32x4.const(0)))));
    });
  });
  const [a, b, c, d] = sums.map((sum) => sum.get) as [V128, V128, V128, V128];
  const sum = f.let(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  return i32.eqz(i32x4.bitmask(f32x4.ne(sum.get, sum.get)));
}

type V128 = ReturnType<typeof f32x4.const>;

interface Chunk {
  readonly lists: Local<"i32">;
  readonly panel: Local<"i32">;
  readonly panels: number;
  /** Columns of each panel. */
  readonly columns: number;
  readonly rowStart: Local<"i32">;
  readonly rowEnd: Local<"i32">;
}

/** Some panels of C, row by row. */
function emitChunk(f: FunctionBuilder, options: GemmOptions, nonzeros: Nonzeros, b: number, chunk: Chunk): void {
  const { panelBytes } = options.b;
  const { lists, panels, columns } = chunk;
  const panelNumbers = Array.from({ length: panels }, (_, i) => f.let(i32.add(chunk.panel.get, i32.const(i))));
  const bPanel = f.let(i32.add(i32.const(b), i32.mul(chunk.panel.get, i32.const(panelBytes))));
  const row = f.let(chunk.rowStart.get);
  f.for(row, chunk.rowEnd.get, 1, () => {
    const tiles = panelNumbers.map(() =>
      Array.from({ length: Math.ceil(columns / 4) }, (_, vector): TileVector => {
        return { row: 0, column: 4 * vector, value: f.let(f32x4.const(0)) };
      }),
    );
    const cursor = f.let(listStart(nonzeros, lists, row.get));
    const stop = f.let(i32.add(cursor.get, i32.load(lengthAt(lists, row.get))));
    f.if(i32.ne(cursor.get, stop.get), () => {
      f.doWhile(i32.ne(cursor.get, stop.get), () => {
        const left = f.let(v128.load32Splat(cursor.get));
        const bRow = f.let(i32.add(bPanel.get, i32.load(cursor.get, indexOffset)));
        tiles.forEach((tile, panel) => {
          for (const { column, value } of tile) {
            const right = v128.load(bRow.get, panel * panelBytes + 4 * column);
            f.add(value.set(multiplyAdd(left.get, right, value.get, options.fused)));
          }
        });
        f.add(cursor.set(i32.add(cursor.get, i32.const(entryBytes))));
      });
    });
    tiles.forEach((tile, i) => {
      options.epilogue(f, tile, { panel: panelNumbers[i]!, row, firstColumn: 0, endColumn: columns });
    });
  });
}
