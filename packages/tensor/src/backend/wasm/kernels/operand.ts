/**
 * Where a value lies in memory and how a kernel reads it. Every value is seen as a matrix (rows, columns), columns being
 * the last axis. Matrices that live from step to step are kept in panels, as the matrix product likes them.
 */

import type { Node } from "../../../graph/graph.ts";
import { type Shape, sameShape, sizeOf } from "../../../shape.ts";
import type { I32 } from "../assembler/expression.ts";
import { i32 } from "../assembler/scalar.ts";
import { type PanelStrides, panelColumns } from "./gemm.ts";

/** `rows`: row-major and dense. `panels`: 16 columns at a time, each panel row-major; what pads the last one has no meaning. */
export type Layout = "rows" | "panels";

/** The memory of a value. */
export interface Place {
  readonly address: number;
  readonly layout: Layout;
}

/** A shape seen as a matrix. */
export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
}

export function matrixOf(shape: Shape): MatrixShape {
  const columns = shape.at(-1) ?? 1;
  return { rows: columns === 0 ? 0 : sizeOf(shape) / columns, columns };
}

/** How the items of a kernel divide a matrix: each takes so many of its rows, columns or elements. */
export interface Cut {
  readonly shape: Shape;
  readonly axis: "rows" | "columns" | "elements";
  readonly size: number;
}

/** The strides of a matrix in `layout`. */
export function stridesIn(layout: Layout, { rows, columns }: MatrixShape): PanelStrides {
  return layout === "rows"
    ? { panelBytes: 4 * panelColumns, rowBytes: 4 * columns }
    : { panelBytes: 4 * panelColumns * rows, rowBytes: 4 * panelColumns };
}

/** How far an element lies from the start of a matrix with these strides. */
export function addressIn({ panelBytes, rowBytes }: PanelStrides, row: I32, column: I32): I32 {
  const panel = i32.mul(i32.shrU(column, i32.const(4)), i32.const(panelBytes));
  const within = i32.shl(i32.and(column, i32.const(15)), i32.const(2));
  return i32.add(i32.add(panel, within), i32.mul(row, i32.const(rowBytes)));
}

/** The number of elements that a matrix takes in `layout`. */
export function elementsIn(layout: Layout, shape: Shape): number {
  if (layout === "rows") return sizeOf(shape);
  const { rows, columns } = matrixOf(shape);
  return rows * Math.ceil(columns / panelColumns) * panelColumns;
}

/** How an input stretches to the shape of its kernel. */
export type Stretch = "full" | "scalar" | "row" | "column";

/** How `input` stretches to `shape`; undefined where it takes more than one repeated axis to tell. */
export function stretchOf(input: Shape, shape: Shape): Stretch | undefined {
  if (sizeOf(input) === 1) return "scalar";
  if (sameShape(input, shape)) return "full";
  const { rows, columns } = matrixOf(shape);
  if (input.at(-1) === columns && sizeOf(input) === columns) return "row";
  const leading = input.length === shape.length && sameShape(input.slice(0, -1), shape.slice(0, -1));
  if (leading && input.at(-1) === 1 && sizeOf(input) === rows) return "column";
  return undefined;
}

/** The one value of all elements of a constant, undefined where they differ. */
export function uniformValue(node: Node): number | undefined {
  if (node.kind !== "constant" || node.data === undefined || node.data.length === 0) return undefined;
  const first = node.data[0]!;
  return node.data.every((value) => Object.is(value, first)) ? first : undefined;
}
