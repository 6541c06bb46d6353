import type { Node } from "../../../graph/graph.ts";
import type { I32 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { v128 } from "../assembler/simd.ts";
import { type ChainContext, kindOf } from "./chain.ts";
import { panelColumns } from "./gemm.ts";
import type { Lanes } from "./lanes.ts";
import { matrixOf, type Stretch, stretchOf, stridesIn } from "./operand.ts";
import { widen } from "./part-vectors.ts";

export interface AddressBook {
  /** The address of the block's first element in `node`, and whether rows are padded to whole panels. */
  of(node: Node): { readonly local: Local<"i32">; readonly padded: boolean; readonly rowBytes: number };
  /** Four lanes of an input, `row` rows and `bytes` bytes from the block's first element. */
  load(input: Node, row: number, bytes: number): Lanes;
}

/** Addresses of every value of a chain at one block of a matrix, each worked out once. */
export function addressBook(
  f: FunctionBuilder,
  { group, place }: ChainContext,
  at: { readonly panel: Local<"i32">; readonly row: Local<"i32">; readonly firstColumn?: number },
): AddressBook {
  const { shape } = group.nodes[0]!;
  const columnBytes = 4 * (at.firstColumn ?? 0);
  const known = new Map<Node, { readonly local: Local<"i32">; readonly padded: boolean; readonly rowBytes: number }>();
  const addressOf = (node: Node, stretch: Stretch): I32 => {
    const { address, layout } = place(node);
    if (stretch === "row")
      return i32.add(i32.mul(at.panel.get, i32.const(4 * panelColumns)), i32.const(address + columnBytes));
    if (stretch === "column") return i32.add(i32.mul(at.row.get, i32.const(4)), i32.const(address));
    if (node.dtype === "uint8") {
      const start = i32.mul(at.row.get, i32.const(matrixOf(node.shape).columns));
      return i32.add(
        i32.add(start, i32.mul(at.panel.get, i32.const(panelColumns))),
        i32.const(address + columnBytes / 4),
      );
    }
    const strides = stridesIn(layout, matrixOf(node.shape));
    const start = i32.add(
      i32.mul(at.panel.get, i32.const(strides.panelBytes)),
      i32.mul(at.row.get, i32.const(strides.rowBytes)),
    );
    return i32.add(start, i32.const(address + columnBytes));
  };
  const of = (node: Node) => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const { layout } = place(node);
    const entry = {
      local: f.let(addressOf(node, stretchOf(node.shape, shape) ?? "full")),
      padded: layout === "panels",
      rowBytes:
        node.dtype === "uint8" ? matrixOf(node.shape).columns : stridesIn(layout, matrixOf(node.shape)).rowBytes,
    };
    known.set(node, entry);
    return entry;
  };
  return {
    of,
    load(input, row, bytes) {
      const { local, rowBytes } = of(input);
      const stretch = stretchOf(input.shape, shape);
      if (stretch === "column") return { kind: kindOf(input), local: f.let(v128.load32Splat(local.get, 4 * row)) };
      if (input.dtype === "uint8")
        return {
          kind: "i32",
          local: f.let(widen(v128.load32Zero(local.get, row * matrixOf(shape).columns + bytes / 4))),
        };
      return {
        kind: kindOf(input),
        local: f.let(v128.load(local.get, (stretch === "row" ? 0 : row * rowBytes) + bytes)),
      };
    },
  };
}
