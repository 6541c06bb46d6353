import type { I32 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { v128 } from "../assembler/simd.ts";
import { panelColumns } from "./gemm.ts";
import { type MatrixShape, type Place, stridesIn } from "./operand.ts";
import { loadLanes, storeLanes } from "./part-vectors.ts";

/** Body of a function (first, end) over rows: a float32 matrix from one layout to the other, zeros where a panel is padded. */
export function emitRelayout(f: FunctionBuilder, matrix: MatrixShape, from: Place, to: Place): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const panel = f.local("i32");
  const [source, target] = [f.local("i32"), f.local("i32")];
  const startOf = ({ address, layout }: Place): I32 => {
    const { panelBytes, rowBytes } = stridesIn(layout, matrix);
    const start = i32.add(i32.mul(panel.get, i32.const(panelBytes)), i32.mul(row.get, i32.const(rowBytes)));
    return i32.add(start, i32.const(address));
  };
  const movePanel = (columns: number): void => {
    f.add(source.set(startOf(from)), target.set(startOf(to)));
    for (let column = 0; column < panelColumns; column += 4) {
      const lanes = Math.max(0, Math.min(4, columns - column));
      if (to.layout === "panels") f.add(v128.store(target.get, loadLanes(source.get, lanes, 4 * column), 4 * column));
      else storeLanes(f, target.get, loadLanes(source.get, lanes, 4 * column), lanes, 4 * column);
    }
  };
  const wholePanels = Math.floor(matrix.columns / panelColumns);
  f.for(row, end.get, 1, () => {
    f.add(panel.set(i32.const(0)));
    if (wholePanels > 0) f.for(panel, i32.const(wholePanels), 1, () => movePanel(panelColumns));
    if (matrix.columns % panelColumns > 0) movePanel(matrix.columns % panelColumns);
  });
}
