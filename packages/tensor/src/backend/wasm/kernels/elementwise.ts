/**
 * Fused elementwise kernels, and the same chains as epilogues of matrix products: inputs loaded, the chain emitted for each
 * vector of four lanes, outputs stored.
 */

import type { Node } from "../../../graph/graph.ts";
import { sizeOf } from "../../../shape.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { v128 } from "../assembler/simd.ts";
import { addressBook } from "./address-book.ts";
import { type ChainContext, chainInputs, emitChain, kindOf, readInvariant, storeOrder } from "./chain.ts";
import { withFloat32Constants } from "./float32-math.ts";
import { type Epilogue, panelColumns } from "./gemm.ts";
import { type Lanes, storedForm } from "./lanes.ts";
import { type Cut, matrixOf, type Place, stretchOf, uniformValue } from "./operand.ts";
import { firstBytes, storeResult, widen } from "./part-vectors.ts";

/** Whether the kernel runs over memory as one flat row: nothing in panels, nothing stretched but scalars. */
function isFlat(context: ChainContext): boolean {
  const { shape } = context.group.nodes[0]!;
  const inputs = chainInputs(context);
  return (
    context.group.outputs.every((node) => context.place(node).layout === "rows") &&
    inputs.every((input) => {
      const stretch = uniformValue(input) === undefined ? stretchOf(input.shape, shape) : "scalar";
      return stretch === "scalar" || (stretch === "full" && context.place(input).layout === "rows");
    })
  );
}

/** The number of independent parts of an elementwise kernel. */
export function elementwiseItems(context: ChainContext): number {
  const { shape } = context.group.nodes[0]!;
  return isFlat(context) ? Math.ceil(sizeOf(shape) / 8) : matrixOf(shape).rows;
}

/** What an item of an elementwise kernel computes. */
export function elementwiseCut(context: ChainContext): Cut {
  const { shape } = context.group.nodes[0]!;
  return isFlat(context) ? { shape, axis: "elements", size: 8 } : { shape, axis: "rows", size: 1 };
}

/** Emits the body of a function (first, end) over the items of an elementwise group. */
export function emitElementwise(f: FunctionBuilder, context: ChainContext): void {
  if (isFlat(context)) emitFlat(f, context);
  else emitMatrix(f, context);
}

// Eight elements a turn, as two vectors that V8 can pack into one; buffers are padded, so there is no remainder.
function emitFlat(f: FunctionBuilder, context: ChainContext): void {
  const [first, end] = [f.parameter(0), f.parameter(1)];
  const invariant = readInvariant(f, context);
  for (const input of chainInputs(context)) invariant(input);
  const offset = f.let(i32.mul(first.get, i32.const(32)));
  const stop = f.let(i32.mul(end.get, i32.const(32)));
  const turn = (): void => {
    const vectors = [0, 1].map((half) => {
      const known = new Map<Node, Lanes>();
      emitChain(
        f,
        context,
        (input) => invariant(input) ?? loadFlat(f, input, context.place(input), offset, half),
        known,
      );
      return known;
    });
    for (const output of context.group.outputs) {
      const { address } = context.place(output);
      for (const half of storeOrder(context, 2))
        storeFlat(f, output, vectors[half]!.get(output)!, offset, address, half);
    }
    f.add(offset.set(i32.add(offset.get, i32.const(32))));
  };
  const names = context.group.nodes.map((node) => node.op!.name);
  withFloat32Constants(f, names, () => f.while(i32.ltU(offset.get, stop.get), turn));
}

function storeFlat(
  f: FunctionBuilder,
  output: Node,
  lanes: Lanes,
  offset: Local<"i32">,
  address: number,
  half: number,
): void {
  const value = storedForm(lanes);
  if (output.dtype !== "uint8") f.add(v128.store(offset.get, value, address + 16 * half));
  else f.add(v128.store32Lane(i32.shrU(offset.get, i32.const(2)), firstBytes(value), 0, address + 4 * half));
}

function loadFlat(f: FunctionBuilder, input: Node, { address }: Place, offset: Local<"i32">, half: number): Lanes {
  if (input.dtype !== "uint8") return { kind: kindOf(input), local: f.let(v128.load(offset.get, address + 16 * half)) };
  const bytes = v128.load32Zero(i32.shrU(offset.get, i32.const(2)), address + 4 * half);
  return { kind: "i32", local: f.let(widen(bytes)) };
}

// Row by row, sixteen columns at a time, whatever the layouts.
function emitMatrix(f: FunctionBuilder, context: ChainContext): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const matrix = matrixOf(context.group.nodes[0]!.shape);
  const invariant = readInvariant(f, context);
  for (const input of chainInputs(context)) invariant(input);
  const panel = f.local("i32");
  const wholePanels = Math.floor(matrix.columns / panelColumns);
  const lastColumns = matrix.columns % panelColumns;
  f.for(row, end.get, 1, () => {
    f.add(panel.set(i32.const(0)));
    if (wholePanels > 0)
      f.for(panel, i32.const(wholePanels), 1, () => emitPanelRow(f, context, invariant, { panel, row }, panelColumns));
    if (lastColumns > 0) emitPanelRow(f, context, invariant, { panel, row }, lastColumns);
  });
}

function emitPanelRow(
  f: FunctionBuilder,
  context: ChainContext,
  invariant: (input: Node) => Lanes | undefined,
  at: { readonly panel: Local<"i32">; readonly row: Local<"i32"> },
  columns: number,
): void {
  const addresses = addressBook(f, context, at);
  const vectors = Math.ceil(columns / 4);
  const results = Array.from({ length: vectors }, (_, vector) => {
    const known = new Map<Node, Lanes>();
    emitChain(f, context, (input) => invariant(input) ?? addresses.load(input, 0, 16 * vector), known);
    return known;
  });
  for (const output of context.group.outputs) {
    const { local, padded } = addresses.of(output);
    for (const vector of storeOrder(context, vectors)) {
      const lanes = padded ? 4 : Math.min(4, columns - 4 * vector);
      storeResult(f, output, { address: local.get, offset: 0 }, results[vector]!.get(output)!, lanes, 4 * vector);
    }
  }
}

/**
 * The chain behind a matrix product, as its epilogue: it stores every output of the group itself. The addresses need the
 * tile's panel and row, which the product gives as locals.
 */
export function chainEpilogue(context: ChainContext): Epilogue {
  const anchor = context.group.anchor!;
  return (f, tile, at) => {
    const invariant = readInvariant(f, context);
    const addresses = addressBook(f, context, at);
    const results = tile.map(({ row, column, value }) => {
      const known = new Map<Node, Lanes>([[anchor, { kind: "f32", local: value }]]);
      emitChain(
        f,
        context,
        (input) => invariant(input) ?? addresses.load(input, row, 4 * (column - at.firstColumn)),
        known,
      );
      return known;
    });
    for (const output of context.group.outputs) {
      const { local, padded, rowBytes } = addresses.of(output);
      for (const i of storeOrder(context, tile.length)) {
        const { row, column } = tile[i]!;
        const lanes = padded ? 4 : Math.min(4, at.endColumn - column);
        const start = { address: local.get, offset: row * rowBytes };
        storeResult(f, output, start, results[i]!.get(output)!, lanes, column - at.firstColumn);
      }
    }
  };
}
