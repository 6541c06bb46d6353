/**
 * The matrix product C (m, n) = A (m, k) · B (k, n) in registers: a tile of C stays in vector registers while k runs.
 * Each element of C is one sum over k in ascending order, rounded after every product and every sum, whatever the tile:
 * tiles, vector widths and threads change the speed and never the bits. `fast` fuses product and sum where the engine can.
 *
 * Columns come in panels of 16. Element (row, column) of B lies at `panel · panelBytes + row · rowBytes + 4 · (column
 * mod 16)` with panel = ⌊column / 16⌋: that describes a row-major matrix (panelBytes 64, rowBytes 4n) and a matrix kept
 * in panels (panelBytes 64·rows, rowBytes 64) alike.
 */

import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32, select } from "../assembler/scalar.ts";
import { f32x4, v128 } from "../assembler/simd.ts";

/** Bytes of A in a block: with a panel of B they fit the second-level cache of today's processors. */
const blockBytes = 256 * 1024;

/** Columns of a panel. */
export const panelColumns = 16;

/** Where the elements of B or C lie, in bytes. */
export interface PanelStrides {
  readonly panelBytes: number;
  readonly rowBytes: number;
}

/** Where the elements of A lie: (row, i) at row · rowBytes + i · columnBytes. */
export interface LeftStrides {
  readonly rowBytes: number;
  readonly columnBytes: number;
}

/** The size of a register tile. */
export interface Tile {
  readonly rows: number;
  /** 8 or 16. */
  readonly columns: number;
  /** Turns of the k loop written out. */
  readonly unroll: number;
}

/** One vector of the finished tile, as an epilogue sees it. */
export interface TileVector {
  /** Row within the tile. */
  readonly row: number;
  /** First column within the panel: 0, 4, 8 or 12. */
  readonly column: number;
  readonly value: Local<"v128">;
}

/** Which part of the result a tile is. */
export interface TilePosition {
  readonly panel: Local<"i32">;
  /** The tile's first row. */
  readonly row: Local<"i32">;
  /** Columns of the tile within the panel: from `firstColumn` to before `endColumn`. */
  readonly firstColumn: number;
  readonly endColumn: number;
}

/**
 * What happens to a finished tile: emits loads, arithmetic and the stores. All loads must come before the first store,
 * and of two neighbouring vectors the higher address must be stored first: only then does V8 pack the two into one.
 */
export type Epilogue = (f: FunctionBuilder, tile: readonly TileVector[], at: TilePosition) => void;

export interface GemmOptions {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: LeftStrides;
  readonly b: PanelStrides;
  readonly tile: Tile;
  /** Products and sums rounded once instead of twice, where the engine can. */
  readonly fused: boolean;
  readonly epilogue: Epilogue;
  /** What the items of the function are. */
  readonly split: "panels" | "rows";
}

/**
 * Emits the body of a function (first, end) that computes C from A and B at `addresses`: those of its panels, or with
 * `split: "rows"` those of its rows of tiles.
 */
export function emitGemm(
  f: FunctionBuilder,
  options: GemmOptions,
  addresses: { readonly a: number; readonly b: number },
): void {
  const { m, n, k, tile } = options;
  const wholePanels = Math.floor(n / panelColumns);
  const lastColumns = n % panelColumns;
  const { panel: firstPanel, panelEnd, rowStart: blockStart, rowEnd } = gemmRange(f, options);
  const blockEnd = f.local("i32");
  const [panel, row, bPanel] = [f.local("i32"), f.local("i32"), f.local("i32")];

  const tilesOf = (firstColumn: number, columns: number): void => {
    const tileOf = (rows: number): void =>
      emitTile(f, options, { rows, firstColumn, columns }, { a: addresses.a, bPanel, panel, row });
    f.add(row.set(blockStart.get));
    f.while(i32.leU(i32.add(row.get, i32.const(tile.rows)), blockEnd.get), () => {
      tileOf(tile.rows);
      f.add(row.set(i32.add(row.get, i32.const(tile.rows))));
    });
    if (m % tile.rows !== 0) f.if(i32.ltU(row.get, blockEnd.get), () => tileOf(m % tile.rows));
  };
  const columnsOf = (columns: number): void => {
    for (let column = 0; column < columns; column += tile.columns) {
      tilesOf(column, Math.min(tile.columns, columns - column));
    }
  };

  // Rows of A in blocks that stay in the cache while every panel of B passes by.
  const blockRows = Math.max(1, Math.floor(blockBytes / (4 * Math.max(k, 1)) / tile.rows)) * tile.rows;
  f.while(i32.ltU(blockStart.get, rowEnd.get), () => {
    f.add(blockEnd.set(i32.add(blockStart.get, i32.const(blockRows))));
    f.add(blockEnd.set(select(blockEnd.get, rowEnd.get, i32.ltU(blockEnd.get, rowEnd.get))));
    f.add(panel.set(firstPanel.get));
    f.for(panel, panelEnd, 1, () => {
      f.add(bPanel.set(i32.add(i32.const(addresses.b), i32.mul(panel.get, i32.const(options.b.panelBytes)))));
      if (lastColumns === 0) columnsOf(panelColumns);
      else if (wholePanels === 0) columnsOf(lastColumns);
      else {
        f.if(
          i32.ltU(panel.get, i32.const(wholePanels)),
          () => columnsOf(panelColumns),
          () => columnsOf(lastColumns),
        );
      }
    });
    f.add(blockStart.set(blockEnd.get));
  });
}

/** The number of independent parts of a product. */
export function gemmItems({ m, n, tile, split }: Pick<GemmOptions, "m" | "n" | "tile" | "split">): number {
  return split === "rows" ? Math.ceil(m / tile.rows) : Math.ceil(n / panelColumns);
}

/** What a function (first, end) over the items of a product computes: panels from `panel`, rows from `rowStart`. */
export function gemmRange(
  f: FunctionBuilder,
  { m, n, tile, split }: GemmOptions,
): {
  readonly panel: Local<"i32">;
  readonly panelEnd: I32;
  readonly rowStart: Local<"i32">;
  readonly rowEnd: Local<"i32">;
} {
  const [first, end] = [f.parameter(0), f.parameter(1)];
  const byRows = split === "rows";
  return {
    panel: f.let(byRows ? i32.const(0) : first.get),
    panelEnd: byRows ? i32.const(Math.ceil(n / panelColumns)) : end.get,
    rowStart: f.let(byRows ? i32.mul(first.get, i32.const(tile.rows)) : i32.const(0)),
    rowEnd: f.let(byRows ? minimum(i32.mul(end.get, i32.const(tile.rows)), m) : i32.const(m)),
  };
}

function minimum(a: I32, b: number): I32 {
  return select(a, i32.const(b), i32.ltU(a, i32.const(b)));
}

interface Block {
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
}

interface Pointers {
  /** Address of A. */
  readonly a: number;
  readonly bPanel: Local<"i32">;
  readonly panel: Local<"i32">;
  readonly row: Local<"i32">;
}

function emitTile(f: FunctionBuilder, options: GemmOptions, block: Block, pointers: Pointers): void {
  const { k, a: left, b: right, fused } = options;
  const vectors = Math.ceil(block.columns / 4);
  const tile: TileVector[] = [];
  for (let row = 0; row < block.rows; row++) {
    for (let vector = 0; vector < vectors; vector++) {
      tile.push({ row, column: block.firstColumn + 4 * vector, value: f.let(f32x4.const(0)) });
    }
  }

  // One pointer for each row of A: V8 folds a constant offset into an ordinary load, not into a splatting one.
  const aRows = Array.from({ length: block.rows }, (_, row) =>
    f.let(i32.add(i32.const(pointers.a), i32.mul(i32.add(pointers.row.get, i32.const(row)), i32.const(left.rowBytes)))),
  );
  const bRow = f.let(i32.add(pointers.bPanel.get, i32.const(4 * block.firstColumn)));
  const splat = f.local("v128");
  const bVectors = Array.from({ length: vectors }, () => f.local("v128"));
  const turn = (step: number): void => {
    bVectors.forEach((local, vector) => {
      f.add(local.set(v128.load(bRow.get, step * right.rowBytes + 16 * vector)));
    });
    aRows.forEach((pointer, row) => {
      f.add(splat.set(v128.load32Splat(pointer.get, step * left.columnBytes)));
      bVectors.forEach((local, vector) => {
        const { value } = tile[row * vectors + vector]!;
        f.add(value.set(multiplyAdd(splat.get, local.get, value.get, fused)));
      });
    });
  };
  const advance = (turns: number): void => {
    for (const pointer of aRows) f.add(pointer.set(i32.add(pointer.get, i32.const(turns * left.columnBytes))));
    f.add(bRow.set(i32.add(bRow.get, i32.const(turns * right.rowBytes))));
  };
  const { unroll } = options.tile;
  const whole = k - (k % unroll);
  if (whole > 0) {
    const end = f.let(i32.add(bRow.get, i32.const(whole * right.rowBytes)));
    f.doWhile(i32.ne(bRow.get, end.get), () => {
      for (let step = 0; step < unroll; step++) turn(step);
      advance(unroll);
    });
  }
  for (let step = 0; step < k - whole; step++) turn(step);

  const { panel, row } = pointers;
  options.epilogue(f, tile, {
    panel,
    row,
    firstColumn: block.firstColumn,
    endColumn: block.firstColumn + block.columns,
  });
}

/** a · b + sum, rounded twice or, `fused`, once. */
export function multiplyAdd(a: V128, b: V128, sum: V128, fused: boolean): V128 {
  return fused ? f32x4.relaxedMadd(a, b, sum) : f32x4.add(sum, f32x4.mul(a, b));
}
